"""Sinks of a job: items, or one value per partition, go back to the client."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.rdd.worker import codec
from firesteel.rdd.worker.pipeline import Body, run
from firesteel.rdd.worker.writers import Sink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firesteel.rdd.worker.rows import Writer


class ItemsSink(Sink):
    """All items, in chunks."""

    eager = False

    def __init__(self) -> None:
        self.keys = None

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`."""
        for data in codec.chunks(run(batches, index, steps), first=64):
            yield from out.add(source, 0, data)


class StoreSink(Sink):
    """All items, in chunks that can be read again as partitions; see ``lineage.chunk_relation``."""

    eager = False

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`."""
        order = source << 32
        for data in codec.chunks(run(batches, index, steps)):
            yield from out.add(source, order, data)
            order += 1
        if order == source << 32:
            yield from out.add(source, order, codec.encode([]))


class CountSink(Sink):
    """The number of items of each partition; `foreach` too, whose function is the last step."""

    def __init__(self) -> None:
        self.keys = None

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`."""
        for count in run(batches, index, steps, _COUNT):
            yield from out.add(source, 0, codec.encode([count]))


_COUNT = Body(("n += 1",), before=("n = 0",), after=("yield n",))
