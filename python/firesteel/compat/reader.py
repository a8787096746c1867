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
    """Return a frame with one column of text."""
    from pyspark.sql.types import StringType, StructField, StructType

    from firesteel.rdd.frames import frame_of_rdd
    from firesteel.rdd.worker.frame_rows import as_line

    schema = StructType([StructField("value", StringType(), True)])
    return frame_of_rdd(session, rdd.map(as_line), schema, None, False)
