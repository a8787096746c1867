"""``SparkSession.builder`` starts the embedded engine when no server is named; ``SparkSession(sc)`` gives its session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel import embedded

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession


def patch() -> None:
    """Patch PySpark's session class and its builder."""
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

    def new(_cls: type, sparkContext: Any, jsparkSession: Any = None, options: Any = None) -> Any:  # noqa: ARG001
        session = sparkContext._session
        if options:
            from firesteel import _connect

            _connect.apply_options(session, options)
        return session

    # What is returned is of another class, so that the constructor is not run.
    patched: Any = SparkSession
    patched.__new__ = new


def _towards_server(builder: Any, options: dict[str, Any]) -> Any:
    """Give `builder` the options with which the official client connects to a server."""
    from firesteel import compat

    compat.patch_connect()
    options["spark.remote"] = embedded.server_url(options)
    # The client refuses a master beside a server.
    options.pop("spark.master", None)
    builder._options = options
    return builder
