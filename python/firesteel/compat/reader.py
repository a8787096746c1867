"""``spark.read.json``, ``csv`` and ``xml`` of an RDD of strings."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from firesteel.compat.session import _is_rdd

if TYPE_CHECKING:
    from collections.abc import Callable


def patch() -> None:
    """Patch the class of Connect readers."""
    from pyspark.sql.connect.readwriter import DataFrameReader

    patched: Any = DataFrameReader
    for name in ("json", "csv", "xml"):
        setattr(patched, name, _taking_rdds(getattr(DataFrameReader, name)))


def _taking_rdds(official: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(official)
    def read(self: Any, path: Any, *args: Any, **options: Any) -> Any:
        if _is_rdd(path):
            path = _frame_of_lines(self._client, path)
        return official(self, path, *args, **options)

    return read


def _frame_of_lines(session: Any, rdd: Any) -> Any:
    """Return a frame with one column of text; as in Spark an element may be bytes, and anything else is printed."""
    from pyspark.sql.types import StringType, StructField, StructType

    from firesteel.rdd.frames import frame_of_rdd

    schema = StructType([StructField("value", StringType(), True)])
    return frame_of_rdd(session, rdd.map(_as_line), schema, None, False)


def _as_line(item: Any) -> tuple[str]:
    if isinstance(item, bytes):
        return (item.decode("utf-8"),)
    return (item if isinstance(item, str) else str(item),)
