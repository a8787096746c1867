"""Leaves: partitions that a worker makes by itself, without data from the engine."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Protocol

from firesteel.rdd.worker import codec, pipeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class Leaf(Protocol):
    """A source of partitions; it is pickled into tasks."""

    def read(self, index: int) -> Iterable[Any]:
        """Return the items of partition `index`."""


class RangeLeaf:
    """A `range`, cut as Spark cuts it.

    Parameters
    ----------
    items : range
        All of it.
    n_partitions : int
        Into how many partitions.
    """

    def __init__(self, items: range, n_partitions: int) -> None:
        self.items = items
        self.n_partitions = n_partitions

    def read(self, index: int) -> range:
        """Return a part of the range."""
        size = len(self.items)
        # Spark's arithmetic: in floating point, so that large ranges are cut at the same places.
        start, end = (int(place * size / self.n_partitions) for place in (index, index + 1))
        return self.items[start:end]


class InlineLeaf:
    """Few items, which travel with the task.

    Parameters
    ----------
    parts : sequence of bytes
        Per partition a chunk.
    """

    def __init__(self, parts: Sequence[bytes]) -> None:
        self.parts = parts

    def read(self, index: int) -> Iterable[Any]:
        """Return the items of a chunk."""
        return codec.decode(self.parts[index])


class Computed:
    """RDDs that need no data from the engine: leaves with steps, partitions one after another.

    Parameters
    ----------
    parts : list of tuple
        Leaf, number of its partitions, steps.
    """

    def __init__(self, parts: list[tuple[Leaf, int, tuple[Any, ...]]]) -> None:
        self.parts = parts

    def locate(self, index: int) -> tuple[Leaf, int, tuple[Any, ...]]:
        """Return the leaf, the partition's index in it and the steps of a partition."""
        for leaf, count, steps in self.parts:
            if index < count:
                return leaf, index, steps
            index -= count
        raise IndexError(index)

    def read(self, index: int) -> Iterator[Any]:
        """Return the items of a partition after the steps."""
        leaf, local, steps = self.locate(index)
        return pipeline.run((leaf.read(local),), local, steps)


class ZippedLeaf:
    """Two RDDs side by side."""

    def __init__(self, left: Computed, right: Computed) -> None:
        self.left = left
        self.right = right

    def read(self, index: int) -> Iterator[Any]:
        """Return pairs; the partitions must have the same number of items."""
        return zip_exactly(self.left.read(index), self.right.read(index))


class ProductLeaf:
    """The Cartesian product of two RDDs: partition i·m+j pairs partition i with partition j."""

    def __init__(self, left: Computed, right: Computed, n_right: int) -> None:
        self.left = left
        self.right = right
        self.n_right = n_right

    def read(self, index: int) -> Iterator[Any]:
        """Return all pairs of a partition of each."""
        first, second = divmod(index, self.n_right)
        right = list(self.right.read(second))
        return ((a, b) for a in self.left.read(first) for b in right)


class CoalescedLeaf:
    """Neighbouring partitions as one."""

    def __init__(self, computed: Computed, bounds: Sequence[int]) -> None:
        self.computed = computed
        self.bounds = bounds

    def read(self, index: int) -> Iterator[Any]:
        """Return the items of the partitions from one bound to the next, in order."""
        parts = range(self.bounds[index], self.bounds[index + 1])
        return itertools.chain.from_iterable(map(self.computed.read, parts))


class AlignedLeaf:
    """Partition i of several RDDs, one after another."""

    def __init__(self, sides: Sequence[Computed]) -> None:
        self.sides = sides

    def read(self, index: int) -> Iterator[Any]:
        """Return the items of that partition of all."""
        return itertools.chain.from_iterable(side.read(index) for side in self.sides)


def zip_exactly(left: Iterable[Any], right: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Pair two partitions' items.

    Raises
    ------
    ValueError
        One has more items than the other.
    """
    missing = object()
    for pair in itertools.zip_longest(left, right, fillvalue=missing):
        if pair[0] is missing or pair[1] is missing:
            raise ValueError("Can only zip RDDs with same number of elements in each partition")
        yield pair
