"""Rows of chunks as Arrow batches, in and out of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyarrow import RecordBatch

# Engines size batches by rows (8,192 or 10,000), and collect as many for each target of an exchange before they count
# them as memory. With this many bytes per row at most, by filler rows after a large chunk, such a batch has some 16 MiB.
_ROW_BYTES = 2 * 1024
_BATCH_BYTES = 2 * 1024 * 1024

EXCHANGE = ("k", "p", "s", "d")
RESULT = ("p", "d")

# A negative partition index marks rows that carry accumulator updates.
UPDATES = -1


class Writer:
    """Collects rows until they make a batch.

    Parameters
    ----------
    keys : sequence of int, optional
        Per target partition the number that an exchange sends there; without it rows are results, (p, d).
    """

    def __init__(self, keys: Any = None) -> None:
        self._keys = keys
        self._rows: list[tuple[int, int, bytes | None]] = []
        self._bytes = 0

    def add(self, partition: int, order: int, data: bytes) -> Iterator[RecordBatch]:
        """Add a chunk of a partition; yields a batch when there is enough."""
        rows = self._rows
        rows.append((partition, order, data))
        if self._keys is not None and len(data) > _ROW_BYTES:
            rows += [(partition, order, None)] * (len(data) // _ROW_BYTES)
        self._bytes += len(data) + 32
        if self._bytes >= _BATCH_BYTES:
            yield self._batch()

    def finish(self) -> Iterator[RecordBatch]:
        """Yield what is left."""
        if self._rows:
            yield self._batch()

    def _batch(self) -> RecordBatch:
        import pyarrow as pa

        partitions, orders, data = zip(*self._rows, strict=True)
        self._rows = []
        self._bytes = 0
        chunks = pa.array(data, pa.binary())
        p = pa.array(partitions, pa.int32())
        if self._keys is None:
            return pa.RecordBatch.from_arrays([p, chunks], list(RESULT))
        keys = self._keys
        k = pa.array([keys[max(partition, 0)] for partition in partitions], pa.int64())
        return pa.RecordBatch.from_arrays([k, p, pa.array(orders, pa.int64()), chunks], list(EXCHANGE))


def read(batches: Iterable[RecordBatch]) -> Iterator[tuple[int, int, Any]]:
    """Yield (partition, order, chunk) of the rows of an exchange; filler rows are left out."""
    for batch in batches:
        chunks = batch.column(3)
        partitions = batch.column(1).to_pylist()
        orders = batch.column(2).to_pylist()
        if not chunks.null_count:
            yield from zip(partitions, orders, (chunk.as_buffer() for chunk in chunks), strict=True)
            continue
        # Most rows may be filler.
        for place in chunks.is_valid().to_numpy(zero_copy_only=False).nonzero()[0].tolist():
            yield partitions[place], orders[place], chunks[place].as_buffer()


def read_results(batch: RecordBatch) -> Iterator[tuple[int, Any]]:
    """Yield (partition, chunk) of the rows of a result, in the client."""
    return zip(batch.column(0).to_pylist(), (chunk.as_buffer() for chunk in batch.column(1)), strict=True)
