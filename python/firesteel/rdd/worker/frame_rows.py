"""Rows of frames in a worker: Arrow batches to `Row` objects, and items to Arrow batches of a schema."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from firesteel.rdd.worker.pipeline import run
from firesteel.rdd.worker.unverified import converter
from firesteel.rdd.worker.writers import Sink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyspark.sql.types import StructType

    from firesteel.rdd.worker.rows import Writer

# Rows of one Arrow batch: Spark's spark.sql.execution.arrow.maxRecordsPerBatch.
_BATCH_ROWS = 10_000


class RowsOfFrame:
    """Arrow batches of a frame to `Row` objects, as ``collect`` makes them.

    Parameters
    ----------
    schema_json : str
        The frame's schema, as Spark writes one.
    binary_as_bytes : bool
        Whether binary values are `bytes`; they are `bytearray` otherwise.
    """

    def __init__(self, schema_json: str, binary_as_bytes: bool = True) -> None:
        self.schema_json = schema_json
        self.binary_as_bytes = binary_as_bytes

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield the rows of the batches."""
        import pyarrow as pa
        from pyspark.sql.conversion import ArrowTableToRowsConversion

        schema = _schema(self.schema_json)
        names = schema.fieldNames()
        for batch in batches:
            if batch.num_rows:
                # Under the frame's own names, which may be the same for several columns.
                table = pa.Table.from_arrays(batch.columns, names)
                yield from ArrowTableToRowsConversion.convert(table, schema, binary_as_bytes=self.binary_as_bytes)


def as_line(item: Any) -> tuple[str]:
    """Return an item of an RDD that is read as text; as in Spark bytes are UTF-8, and anything else is printed."""
    return (item.decode("utf-8") if isinstance(item, bytes) else str(item),)


class OneRowEach:
    """One row for each partition, empty ones included."""

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Yield it."""
        import pyarrow as pa

        for _ in batches:
            pass
        yield pa.record_batch([pa.array([1], pa.int32())], names=["n"])


class FrameSink(Sink):
    """Items become the rows of a frame.

    Parameters
    ----------
    schema_json : str
        The frame's schema, as Spark writes one.
    verify : bool
        Whether each item is checked against the schema first, which tells what is wrong by name; else Spark's JVM
        says what becomes of it (`unverified`).
    single : bool
        Whether an item is the value of the only column, not a row.
    """

    eager = False
    # The rows are the user's: the worker itself reports its accumulators.
    carries_updates = False

    def __init__(self, schema_json: str, verify: bool, single: bool) -> None:
        self.keys = None
        self.schema_json = schema_json
        self.verify = verify
        self.single = single

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`; here it yields the rows themselves."""
        from pyspark.sql.conversion import LocalDataToArrowConversion

        schema = _schema(self.schema_json)
        items: Iterator[Any] = iter(run(batches, index, steps))
        if self.verify:
            items = _verified(items, schema.fields[0].dataType if self.single else schema)
        row_of = None if self.verify else converter(schema)
        while part := list(islice(items, _BATCH_ROWS)):
            rows = [(item,) for item in part] if self.single else part
            if row_of:
                rows = [row_of(row) for row in rows]
            yield from LocalDataToArrowConversion.convert(rows, schema, False).to_batches()


def _verified(items: Iterator[Any], data_type: Any) -> Iterator[Any]:
    from pyspark.sql.types import _make_type_verifier

    verify: Any = _make_type_verifier(data_type)
    for item in items:
        verify(item)
        yield item


def _schema(text: str) -> StructType:
    from pyspark.sql.types import StructType

    return StructType.fromJson(json.loads(text))
