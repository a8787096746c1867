"""What needs a JVM raises one clear error that says what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.errors import UnsupportedFeatureError
from firesteel.mllib import bridge

if TYPE_CHECKING:
    from collections.abc import Callable

_INSTEAD = "There is no JVM: use the DataFrame API, SQL or a Python function (pyspark.sql.functions.udf)."
_SESSION = ("_jsc", "_jconf", "_jvm", "_jsparkSession")
_FRAME = ("_jdf", "_jseq", "_jmap", "_jcols")


def patch() -> None:
    """Patch the classes of Connect that programs reach a JVM through."""
    from pyspark.sql.connect.column import Column
    from pyspark.sql.connect.dataframe import DataFrame
    from pyspark.sql.connect.session import SparkSession
    from pyspark.sql.connect.udf import UDFRegistration

    for kind, names in ((SparkSession, _SESSION), (DataFrame, _FRAME), (Column, ("_jc",))):
        changed: Any = kind
        changed.__getattr__ = _refusing(kind.__name__, names, changed.__getattr__)
    registration: Any = UDFRegistration
    for name in ("registerJavaFunction", "registerJavaUDAF"):
        setattr(registration, name, _refusing_java(name, getattr(registration, name)))


def _refusing(kind: str, names: tuple[str, ...], official: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    def get_attribute(self: Any, name: str) -> Any:
        if name in names:
            if name == "_jdf" and bridge.asked_by_mllib():
                return self
            raise UnsupportedFeatureError(f"{kind}.{name}", _INSTEAD)
        return official(self, name)

    return get_attribute


def _refusing_java(name: str, official: Callable[..., Any]) -> Callable[..., Any]:
    def register(self: Any, *args: Any, **options: Any) -> Any:
        from firesteel._connect import engine_of

        if engine_of(self.sparkSession) is not None:
            raise UnsupportedFeatureError(f"spark.udf.{name}", _INSTEAD)
        return official(self, *args, **options)

    register.__doc__ = official.__doc__
    return register
