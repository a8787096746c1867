"""The one module that changes PySpark, so that unmodified programs run.

What is changed: the builder starts the embedded engine when no server is named; Connect sessions gain
``sparkContext``, ``newSession`` and ``with``; what needs a JVM raises an error that says what to do
instead. PySpark's files stay as they are.

PySpark is imported first, while nothing of ours stands under its names: at first use it decides whether
it is the client alone (``is_remote_only``) and remembers it.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, cast

from firesteel import embedded

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession
    from pyspark.sql.connect.session import SparkSession as ConnectSession

    from firesteel.context import SparkContext

_lock = threading.RLock()
_installed = False
_connect_patched = False

_INSTEAD_OF_JVM = "There is no JVM: use the DataFrame API, SQL or a Python function (pyspark.sql.functions.udf)."
_INSTEAD_OF_RDD = "RDDs are not there yet: use DataFrame operations, df.mapInPandas, df.mapInArrow or df.collect()."


def install() -> None:
    """Patch PySpark's session builder; a second call does nothing."""
    global _installed
    with _lock:
        if _installed:
            return
        import pyspark.util

        # True already with pyspark-client alone. With the full package this makes it behave the same:
        # there is no JVM either way.
        pyspark.util._is_remote_only = True  # type: ignore[assignment]
        _allow_main_without_file()
        _patch_builder()
        _installed = True


def connect_to_server(options: dict[str, Any]) -> SparkSession:
    """Return a session of the server that `options` name, as the official client does."""
    install()
    from pyspark.sql.session import SparkSession

    builder: Any = SparkSession.builder
    builder._options = options
    return cast("SparkSession", builder.getOrCreate())


def patch_connect() -> None:
    """Patch the Connect classes; apart from `install`, because importing them takes most of a start."""
    global _connect_patched
    with _lock:
        if _connect_patched:
            return
        _patch_session()
        _patch_dataframe()
        _connect_patched = True


def _patch_builder() -> None:
    from pyspark.sql.session import SparkSession

    builder: Any = SparkSession.Builder
    official_get_or_create: Callable[[Any], SparkSession] = builder.getOrCreate
    official_create: Callable[[Any], SparkSession] = builder.create

    def get_or_create(self: Any) -> SparkSession:
        options = {**embedded.defaults, **self._options}
        if embedded.server_url(options) is None:
            return embedded.get_or_create(options)
        return official_get_or_create(_towards_server(self, options))

    def create(self: Any) -> SparkSession:
        options = {**embedded.defaults, **self._options}
        if embedded.server_url(options) is None:
            return embedded.create(options)
        return official_create(_towards_server(self, options))

    get_or_create.__doc__ = official_get_or_create.__doc__
    create.__doc__ = official_create.__doc__
    builder.getOrCreate = get_or_create
    builder.create = create


def _towards_server(builder: Any, options: dict[str, Any]) -> Any:
    """Give `builder` the options with which the official client connects to a server."""
    patch_connect()
    options["spark.remote"] = embedded.server_url(options)
    # The client refuses a master beside a server.
    options.pop("spark.master", None)
    builder._options = options
    return builder


def _allow_main_without_file() -> None:
    """Let ``python -c`` and programs on standard input import the Connect client.

    It takes a main module without a file for its own doctests, looks for a source tree of Spark and ends
    the process when there is none.
    """
    main = sys.modules["__main__"]
    if main.__spec__ is not None or hasattr(main, "__file__") or hasattr(sys, "ps1"):
        return
    main.__file__ = "<string>"
    try:
        import pyspark.sql.connect.utils as connect_utils
    finally:
        del main.__file__

    def check_dependencies() -> None:
        """Nothing is left to check: importing the package has just done it."""

    connect_utils.check_dependencies = check_dependencies


def _patch_session() -> None:
    from pyspark.sql.connect.session import SparkSession

    from firesteel.context import SparkContext
    from firesteel.errors import UnsupportedFeatureError

    official_getattr = SparkSession.__getattr__

    def spark_context(self: ConnectSession) -> SparkContext:
        context: SparkContext | None = self.__dict__.get("_firesteel_context")
        if context is None:
            context = self.__dict__["_firesteel_context"] = SparkContext(self)
        return context

    def new_session(self: ConnectSession) -> SparkSession:
        from firesteel import _connect

        engine = _connect.engine_of(self)
        if engine is None:
            builder: Any = SparkSession.builder
            return cast("SparkSession", builder.channelBuilder(self.client._builder).create())
        return cast("SparkSession", embedded.create(engine.conf))

    def get_attribute(self: ConnectSession, name: str) -> Any:
        if name in ("_jsc", "_jconf", "_jvm", "_jsparkSession"):
            raise UnsupportedFeatureError(f"SparkSession.{name}", _INSTEAD_OF_JVM)
        return official_getattr(self, name)

    def enter(self: ConnectSession) -> ConnectSession:
        return self

    def leave(self: ConnectSession, *_error: object) -> None:
        self.stop()

    patched: Any = SparkSession
    patched.sparkContext = property(spark_context, doc="What programs use of SparkContext beside RDDs.")
    patched.newSession = new_session
    patched.__getattr__ = get_attribute
    patched.__enter__ = enter
    patched.__exit__ = leave


def _patch_dataframe() -> None:
    from pyspark.sql.connect.dataframe import DataFrame

    from firesteel.errors import UnsupportedFeatureError

    official_getattr = DataFrame.__getattr__

    def get_attribute(self: DataFrame, name: str) -> Any:
        if name == "rdd":
            raise UnsupportedFeatureError("DataFrame.rdd", _INSTEAD_OF_RDD)
        if name in ("_jdf", "_jseq", "_jmap", "_jcols"):
            raise UnsupportedFeatureError(f"DataFrame.{name}", _INSTEAD_OF_JVM)
        return official_getattr(self, name)

    patched: Any = DataFrame
    patched.__getattr__ = get_attribute
