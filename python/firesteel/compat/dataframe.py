"""Frames gain ``rdd``. ``foreach`` and ``foreachPartition`` become actions of that, so that accumulators count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql.connect.dataframe import DataFrame


def patch() -> None:
    """Patch the class of Connect frames."""
    from pyspark.sql.connect.dataframe import DataFrame

    official_json = DataFrame.toJSON

    def rdd(self: DataFrame) -> Any:
        known = self.__dict__.get("_firesteel_rdd")
        if known is None:
            from firesteel.rdd.frames import rdd_of_frame

            known = self.__dict__["_firesteel_rdd"] = rdd_of_frame(self)
        return known

    def foreach(self: Any, f: Callable[[Any], None]) -> None:
        self.rdd.foreach(f)

    def foreach_partition(self: Any, f: Callable[[Any], None]) -> None:
        self.rdd.foreachPartition(f)

    def to_json(self: Any, use_unicode: bool = True) -> Any:
        """Return the rows as JSON: an RDD of strings, as programs for a JVM expect; a frame of a remote server's."""
        from firesteel._connect import engine_of

        frame = official_json(self)
        if engine_of(self.sparkSession) is None:
            return frame
        return frame.rdd.map(_only_value if use_unicode else _only_value_as_bytes)

    foreach.__doc__ = DataFrame.foreach.__doc__
    foreach_partition.__doc__ = DataFrame.foreachPartition.__doc__
    patched: Any = DataFrame
    patched.rdd = property(rdd, doc="The rows as an RDD of `Row`.")
    patched.foreach = foreach
    patched.foreachPartition = foreach_partition
    patched.toJSON = to_json


def _only_value(row: Any) -> Any:
    return row[0]


def _only_value_as_bytes(row: Any) -> bytes:
    text: str = row[0]
    return text.encode()
