"""Functions that methods on pairs are made of."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from pyspark.serializers import CPickleSerializer
from pyspark.shuffle import Aggregator, ExternalMerger

from firesteel.rdd.worker.memory import spilling
from firesteel.rdd.worker.readers import GroupReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class FromZero:
    """A first value added to a copy of a zero."""

    def __init__(self, zero: Any, function: Callable[[Any, Any], Any]) -> None:
        self.zero = zero
        self.function = function

    def __call__(self, value: Any) -> Any:
        """Return the sum."""
        return self.function(copy.deepcopy(self.zero), value)


class CombinePartition:
    """Combines pairs by key where no shuffle is needed."""

    def __init__(
        self,
        create: Callable[[Any], Any] | None,
        merge_value: Callable[[Any, Any], Any],
        merge: Callable[[Any, Any], Any],
        limit_mib: float,
    ) -> None:
        self.create = create
        self.merge_value = merge_value
        self.merge = merge
        self.limit_mib = limit_mib

    def __call__(self, index: int, items: Iterable[Any]) -> Iterable[Any]:
        """Return pairs of key and combined value."""
        aggregator: Any = Aggregator(self.create or _same, self.merge_value, self.merge)
        merger: Any = ExternalMerger(aggregator, self.limit_mib, CPickleSerializer())
        merger.mergeValues(spilling(items, merger, self.limit_mib))
        pairs: Iterable[Any] = merger.items()
        return pairs


class GroupPartition:
    """Groups pairs by key where no shuffle is needed."""

    def __init__(self, limit_mib: float) -> None:
        self.limit_mib = limit_mib

    def __call__(self, index: int, items: Iterable[Any]) -> Iterable[Any]:
        """Return pairs of key and values."""
        return GroupReader(self.limit_mib).grouped((items,))


def only_first(pair: Any) -> Any:
    """Whether a cogroup has values of the first RDD and none of the second."""
    first, second = pair[1]
    return len(first) and not len(second)


def first_of(sides: Any) -> Any:
    """Values of the first RDD of a cogroup."""
    return sides[0]


def all_sides(pair: Any) -> bool:
    """Whether a cogroup has values of all RDDs."""
    return all(len(values) for values in pair[1])


def with_none(item: Any) -> tuple[Any, None]:
    """Return an item as a key."""
    return item, None


def with_true(item: Any) -> tuple[Any, bool]:
    """Return an item as a key with a value."""
    return item, True


def _same(value: Any) -> Any:
    return value
