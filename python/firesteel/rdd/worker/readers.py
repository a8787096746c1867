"""Sources of a shuffle's reduce side: the chunks of a partition become items."""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, cast

from pyspark.resultiterable import ResultIterable
from pyspark.serializers import CPickleSerializer
from pyspark.shuffle import Aggregator, ExternalGroupBy, ExternalMerger, ExternalSorter

from firesteel.rdd.worker import codec
from firesteel.rdd.worker.columns import as_list, is_array, joined, sorted_places, taken
from firesteel.rdd.worker.leaves import zip_exactly
from firesteel.rdd.worker.memory import Watch, spilling
from firesteel.rdd.worker.pipeline import adds
from firesteel.rdd.worker.writers import by_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from firesteel.rdd.worker.columns import Column

    # The number of the chunk (source partition, then position) and its bytes.
    Chunk = tuple[int, Any]

_BATCH_ITEMS = 8192


class Reader:
    """Makes the items of a partition from its chunks."""

    def read(self, chunks: Iterable[Chunk]) -> Iterable[Iterable[Any]]:
        """Return the items of a partition, some at a time.

        Parameters
        ----------
        chunks : iterable of (int, bytes-like)
            In the order of their numbers, unless there were too many to hold.
        """
        return (codec.decode(data) for _, data in chunks)


class CombineReader(Reader):
    """Combined values of several sources become one per key.

    Parameters
    ----------
    merge : callable, optional
        Two combined values to one. Without it items are keys alone.
    limit_mib : int
        Above this much memory combined values go to disk.
    """

    def __init__(self, merge: Callable[[Any, Any], Any] | None, limit_mib: float) -> None:
        self.merge = merge
        self.limit_mib = limit_mib

    def read(self, chunks: Iterable[Chunk]) -> Iterable[Iterable[Any]]:
        """See `Reader`."""
        combined: dict[Any, Any] = {}
        watch = Watch(self.limit_mib)
        batches = super().read(chunks)
        for batch in batches:
            self._merge(combined, batch)
            if watch.is_full():
                return (self._spill(combined, batches),)
        return (combined.items() if self.merge else combined,)

    def _merge(self, combined: dict[Any, Any], batch: Iterable[Any]) -> None:
        merge = self.merge
        if merge is None:
            for k in batch:
                if k not in combined:
                    combined[k] = None
        elif adds(merge):
            for k, v in batch:
                combined[k] = combined[k] + v if k in combined else v
        else:
            for k, v in batch:
                combined[k] = merge(combined[k], v) if k in combined else v

    def _spill(self, combined: dict[Any, Any], batches: Iterable[Iterable[Any]]) -> Iterator[Any]:
        merge = self.merge or _first
        merger: Any = ExternalMerger(Aggregator(_same, merge, merge), self.limit_mib, CPickleSerializer())
        merger.data = combined
        merger._spill()
        items = chain.from_iterable(batches)
        pairs = spilling(items if self.merge else ((key, None) for key in items), merger, self.limit_mib)
        merger.mergeCombiners(pairs)
        merged: Iterator[Any] = merger.items()
        return merged if self.merge else map(itemgetter(0), merged)


class GroupReader(Reader):
    """Pairs become one (key, values) per key.

    Parameters
    ----------
    limit_mib : int
        Above this much memory groups go to disk.
    """

    def __init__(self, limit_mib: float) -> None:
        self.limit_mib = limit_mib

    def read(self, chunks: Iterable[Chunk]) -> Iterable[Iterable[Any]]:
        """See `Reader`."""
        return (self.grouped(super().read(chunks)),)

    def grouped(self, batches: Iterable[Iterable[Any]]) -> Iterator[tuple[Any, Any]]:
        """Return pairs of key and values."""
        return ((key, ResultIterable(values)) for key, values in self._groups(batches))

    def _groups(self, batches: Iterable[Iterable[Any]]) -> Iterable[tuple[Any, Any]]:
        groups: dict[Any, list[Any]] = {}
        watch = Watch(self.limit_mib)
        batches = iter(batches)
        for batch in batches:
            for k, v in batch:
                if k in groups:
                    groups[k].append(v)
                else:
                    groups[k] = [v]
            if watch.is_full():
                merger: Any = group_merger(self.limit_mib)
                merger.data = groups
                merger._spill()
                merger.mergeValues(spilling(chain.from_iterable(batches), merger, self.limit_mib))
                spilled: Iterable[tuple[Any, Any]] = merger.items()
                return spilled
        return groups.items()


class SortReader(Reader):
    """Pairs come sorted by key; more than memory holds are sorted on disk."""

    def __init__(self, key_function: Callable[[Any], Any] | None, ascending: bool, limit_mib: float) -> None:
        self.key_function = key_function
        self.ascending = ascending
        self.limit_mib = limit_mib

    def read(self, chunks: Iterable[Chunk]) -> Iterable[Iterable[Any]]:
        """See `Reader`."""
        chunks = iter(chunks)
        keys: list[Column] = []
        values: list[Column] = []
        watch = Watch(self.limit_mib)
        rest: Iterable[Iterable[Any]] = ()
        for _, data in chunks:
            columns = None if self.key_function else codec.decode_columns(data)
            if columns is not None and not len(columns[0]):
                continue
            if columns is None or not is_array(columns[0]) or watch.is_full():
                rest = chain((codec.decode(data),), super().read(chunks))
                break
            keys.append(columns[0])
            values.append(columns[1])
        else:
            if keys and (order := sorted_places(all_keys := joined(keys), self.ascending)) is not None:
                return _in_order(all_keys, joined(values), order)
        items = chain.from_iterable(chain(_drained(keys, values), rest))
        return (sort_pairs(items, self.key_function, self.ascending, self.limit_mib),)


def _drained(keys: list[Column], values: list[Column]) -> Iterator[Iterable[Any]]:
    """Yield the pairs of columns, which are dropped on the way."""
    while keys:
        yield zip(as_list(keys.pop(0)), as_list(values.pop(0)), strict=True)


def _in_order(keys: Column, values: Column, order: Any) -> Iterator[Iterable[Any]]:
    """Yield the pairs at some places, a few thousand at a time: that many fit into a processor's cache."""
    for start in range(0, len(order), _BATCH_ITEMS):
        places = order[start : start + _BATCH_ITEMS]
        yield zip(as_list(taken(keys, places)), as_list(taken(values, places)), strict=True)


class SidesReader(Reader):
    """Two RDDs' partitions side by side: zipped, or all pairs of them.

    Parameters
    ----------
    start : int
        Number of the first source partition of the second RDD.
    product : bool
        All pairs.
    """

    def __init__(self, start: int, product: bool) -> None:
        self.start = start
        self.product = product

    def read(self, chunks: Iterable[Chunk]) -> Iterable[Iterable[Any]]:
        """See `Reader`."""
        sides: tuple[list[Chunk], list[Chunk]] = ([], [])
        for chunk in chunks:
            sides[chunk[0] >> 32 >= self.start].append(chunk)
        left, right = (chain.from_iterable(super(SidesReader, self).read(sorted_chunks(side))) for side in sides)
        if not self.product:
            return (zip_exactly(left, right),)
        second = list(right)
        return (((a, b) for a in left for b in second),)


def sorted_chunks(chunks: list[Chunk]) -> list[Chunk]:
    """Return chunks by number."""
    return sorted(chunks, key=itemgetter(0))


def sort_pairs(
    items: Iterable[Any], key_function: Callable[[Any], Any] | None, ascending: bool, limit_mib: float
) -> Iterable[Any]:
    """Sort pairs by key, on disk when memory is used up."""
    sorter: Any = ExternalSorter(limit_mib, CPickleSerializer())
    result: Iterable[Any] = sorter.sorted(items, key=by_key(key_function), reverse=not ascending)
    return result


def group_merger(limit_mib: float) -> Any:
    """Return a merger that collects values in lists, on disk above `limit_mib`."""
    aggregator: Any = Aggregator(_listed, cast("Any", _appended), cast("Any", _extended))
    return ExternalGroupBy(aggregator, limit_mib, CPickleSerializer())


def _same(value: Any) -> Any:
    return value


def _first(value: Any, _other: Any) -> Any:
    return value


def _listed(value: Any) -> list[Any]:
    return [value]


def _appended(values: list[Any], value: Any) -> list[Any]:
    values.append(value)
    return values


def _extended(values: list[Any], more: list[Any]) -> list[Any]:
    values.extend(more)
    return values
