"""Where a task's partitions come from: computed by itself, or from the engine's rows."""

from __future__ import annotations

from itertools import chain, groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from firesteel.rdd.worker import codec, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from firesteel.rdd.worker.leaves import Computed
    from firesteel.rdd.worker.readers import Reader

    # Index of the partition before the steps, its items some at a time, the steps.
    Partition = tuple[int, Iterable[Iterable[Any]], tuple[Any, ...]]

# Chunks of one partition are held up to this size, to give them the order that Spark's local shuffle has.
_HOLD_BYTES = 128 * 1024 * 1024


class Input:
    """Makes partitions from a task's Arrow batches.

    `updates` collects what earlier tasks sent along for the driver.
    """

    def partitions(self, batches: Iterable[Any], eager: bool, updates: list[bytes]) -> Iterator[Partition]:
        """Yield the partitions, one after another; each is used up before the next is asked for."""
        raise NotImplementedError


class LeafInput(Input):
    """A row is the number of a partition to compute.

    Parameters
    ----------
    computed : Computed
        Computes them.
    partitions : sequence of int, optional
        The partition that each number stands for; by default itself.
    """

    def __init__(self, computed: Computed, partitions: Sequence[int] | None = None) -> None:
        self.computed = computed
        self.chosen = partitions

    def partitions(self, batches: Iterable[Any], eager: bool, updates: list[bytes]) -> Iterator[Partition]:
        """See `Input`."""
        for batch in batches:
            for number in batch.column(0).to_pylist():
                index = self.chosen[number] if self.chosen else number
                leaf, local, steps = self.computed.locate(index)
                items = leaf.read(local)
                cut = eager and not isinstance(items, (list, tuple)) and not (steps and steps[0][0] == "parts")
                yield local, _some_at_a_time(items, getattr(leaf, "batch_items", 512)) if cut else (items,), steps


class ChunkInput(Input):
    """Rows are the chunks of an exchange: all of a partition's are in one task.

    Parameters
    ----------
    reader : Reader
        Makes items of them.
    steps : tuple
        What follows.
    """

    def __init__(self, reader: Reader, steps: tuple[Any, ...]) -> None:
        self.reader = reader
        self.steps = steps

    def partitions(self, batches: Iterable[Any], eager: bool, updates: list[bytes]) -> Iterator[Partition]:
        """See `Input`."""
        held: dict[int, list[tuple[int, Any]]] = {}
        size = 0
        stream = rows.read(batches)
        for partition, order, data in stream:
            if partition < 0:
                updates.append(bytes(data))
                continue
            held.setdefault(partition, []).append((order, data))
            size += len(data)
            if size > _HOLD_BYTES and len(held) == 1:
                break
        for partition in sorted(held):
            chunks: Iterable[tuple[int, Any]] = sorted(held.pop(partition), key=itemgetter(0))
            if size > _HOLD_BYTES:
                chunks = chain(chunks, self._rest(stream, partition, updates))
            yield partition, self.reader.read(chunks), self.steps

    @staticmethod
    def _rest(stream: Iterable[Any], partition: int, updates: list[bytes]) -> Iterator[tuple[int, Any]]:
        for other, order, data in stream:
            if other == partition:
                yield order, data
            elif other < 0:
                updates.append(bytes(data))
            else:
                raise AssertionError(f"chunks of partitions {partition} and {other} in one task")


class StoredInput(Input):
    """Rows are stored partitions: the chunks of each follow one another."""

    def __init__(self, steps: tuple[Any, ...], partitions: Sequence[int] | None = None) -> None:
        self.steps = steps
        self.chosen = None if partitions is None else frozenset(partitions)

    def partitions(self, batches: Iterable[Any], eager: bool, updates: list[bytes]) -> Iterator[Partition]:
        """See `Input`."""
        for partition, chunks in groupby(rows.read(batches), itemgetter(0)):
            if partition < 0:
                # Each time it is read: the driver knows which updates it has applied.
                updates.extend(bytes(data) for _, _, data in chunks)
                continue
            if self.chosen is None or partition in self.chosen:
                yield partition, (codec.decode(data) for _, _, data in chunks), self.steps


class RelationInput(Input):
    """Rows are anything; the physical partition is the RDD's.

    Parameters
    ----------
    decode : callable
        Arrow batches to items.
    steps : tuple
        What follows.
    partitions : sequence of int, optional
        Those to compute, by default all.
    """

    def __init__(
        self,
        decode: Callable[[Iterable[Any]], Iterable[Any]],
        steps: tuple[Any, ...],
        partitions: Sequence[int] | None = None,
    ) -> None:
        self.decode = decode
        self.steps = steps
        self.chosen = partitions

    def partitions(self, batches: Iterable[Any], eager: bool, updates: list[bytes]) -> Iterator[Partition]:
        """See `Input`."""
        from pyspark import TaskContext

        context = TaskContext.get()
        assert context is not None
        index = context.partitionId()
        if self.chosen is None or index in self.chosen:
            yield index, (self.decode(batches),), self.steps


def _some_at_a_time(items: Iterable[Any], count: int) -> Iterator[Iterable[Any]]:
    if isinstance(items, range):
        for start in range(0, len(items), 8192):
            yield items[start : start + 8192]
        return
    iterator = iter(items)
    while part := list(islice(iterator, count)):
        yield part
