"""The reduce side of cogroups and joins."""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.resultiterable import ResultIterable

from firesteel.rdd.worker import codec
from firesteel.rdd.worker.columns import as_list, has_twice, is_integers, joined, taken
from firesteel.rdd.worker.memory import Watch, spilling
from firesteel.rdd.worker.readers import Reader, group_merger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firesteel.rdd.worker.readers import Chunk

    # Of each RDD the values by key.
    Sides = tuple[dict[Any, list[Any]], ...]


# Pairs that are made at once of columns.
_PAIRS = 16 * 1024


class CogroupReader(Reader):
    """Pairs of several RDDs become (key, (values of the first, of the second, …)).

    Parameters
    ----------
    limit_mib : int
        Above this much memory groups go to disk.
    starts : sequence of int
        Number of the first source partition of each RDD.
    """

    def __init__(self, limit_mib: float, starts: Sequence[int]) -> None:
        self.limit_mib = limit_mib
        self.starts = starts

    def read(self, chunks: Iterable[Chunk]) -> Iterable[Iterable[Any]]:
        """See `Reader`."""
        return self._read(tuple({} for _ in self.starts), iter(chunks), Watch(self.limit_mib))

    def _read(self, sides: Sides, chunks: Iterator[Chunk], watch: Watch) -> Iterable[Iterable[Any]]:
        """Go on with the groups of what came before."""
        for order, data in chunks:
            groups = sides[self._side(order)]
            for k, v in codec.decode(data):
                if k in groups:
                    groups[k].append(v)
                else:
                    groups[k] = [v]
            if watch.is_full():
                return (self._spill(sides, chunks),)
        return (self._results(_by_key(sides)),)

    def _side(self, order: int) -> int:
        return bisect_right(self.starts, order >> 32) - 1

    def _results(self, groups: Iterable[tuple[Any, Any]]) -> Iterator[Any]:
        return ((k, tuple(map(ResultIterable, values))) for k, values in groups)

    def _spill(self, sides: Sides, chunks: Iterable[Chunk]) -> Iterator[Any]:
        """Go on with groups of (side, value), which can be on disk."""
        merger: Any = group_merger(self.limit_mib)
        for side, groups in enumerate(sides):
            for k in list(groups):
                merger.data.setdefault(k, []).extend((side, v) for v in groups.pop(k))
        merger._spill()
        rest = (
            (k, (side, v)) for order, data in chunks for side in (self._side(order),) for k, v in codec.decode(data)
        )
        merger.mergeValues(spilling(rest, merger, self.limit_mib))
        return self._results((k, self._sides(values)) for k, values in merger.items())

    def _sides(self, values: Iterable[tuple[int, Any]]) -> tuple[list[Any], ...]:
        lists: tuple[list[Any], ...] = tuple([] for _ in self.starts)
        for side, value in values:
            lists[side].append(value)
        return lists


class JoinReader(CogroupReader):
    """The join of two RDDs.

    Where all keys are integers and none comes twice from one RDD, columns are sorted and matched by loops in C
    (`_matched`). Else, as long as no key comes twice, values are held as they are, without a list for each.

    Parameters
    ----------
    limit_mib : int
        Above this much memory groups go to disk.
    starts : sequence of int
        Number of the first source partition of each RDD.
    kind : str
        ``inner``, ``left``, ``right`` or ``full``.
    """

    def __init__(self, limit_mib: float, starts: Sequence[int], kind: str) -> None:
        super().__init__(limit_mib, starts)
        self.left_too = kind in ("left", "full")
        self.right_too = kind in ("right", "full")

    def read(self, chunks: Iterable[Chunk]) -> Iterable[Iterable[Any]]:
        """See `Reader`."""
        watch = Watch(self.limit_mib)
        chunks = iter(chunks)
        held: list[Chunk] = []
        columns_of: tuple[list[Any], list[Any]] = ([], [])
        for order, data in chunks:
            held.append((order, data))
            columns = codec.decode_columns(data)
            is_full = watch.is_full()
            if columns is None or is_full or (len(columns[0]) and not is_integers(columns[0])):
                break
            if len(columns[0]):
                columns_of[self._side(order)].append(columns)
        else:
            matched = self._matched(*columns_of)
            if matched is not None:
                return matched
        del columns_of
        return self._by_value(chain(held, chunks), watch)

    def _matched(self, left: list[Any], right: list[Any]) -> Iterable[Iterable[Any]] | None:
        """Join columns of keys and values; None where that takes a look at each key."""
        if not left or not right:
            return None
        (left_keys, left_values), (right_keys, right_values) = (
            (joined(list(parts)) for parts in zip(*side, strict=True)) for side in (left, right)
        )
        order = right_keys.argsort(kind="stable")
        sorted_keys = right_keys[order]
        if has_twice(sorted_keys) or has_twice(np.sort(left_keys, kind="stable")):
            return None
        places = np.searchsorted(sorted_keys, left_keys)
        places[places == len(sorted_keys)] = 0
        found = sorted_keys[places] == left_keys
        n_found = int(np.count_nonzero(found))
        if (self.left_too and n_found < len(left_keys)) or (self.right_too and n_found < len(right_keys)):
            return None
        if n_found < len(left_keys):
            kept = np.flatnonzero(found)
            left_keys, left_values, places = left_keys[kept], taken(left_values, kept), places[kept]
        right_values = taken(right_values, order[places])
        return (
            zip(
                as_list(left_keys[start : start + _PAIRS]),
                zip(
                    as_list(left_values[start : start + _PAIRS]),
                    as_list(right_values[start : start + _PAIRS]),
                    strict=True,
                ),
                strict=True,
            )
            for start in range(0, n_found, _PAIRS)
        )

    def _by_value(self, chunks: Iterator[Chunk], watch: Watch) -> Iterable[Iterable[Any]]:
        """Join what a dict for each side can hold."""
        sides: list[dict[Any, Any]] = [{}, {}]
        for order, data in chunks:
            columns = codec.decode_columns(data)
            if columns is not None:
                number = self._side(order)
                new = dict(zip(*map(as_list, columns), strict=True))
                if len(new) == len(columns[0]) and sides[number].keys().isdisjoint(new):
                    if sides[number]:
                        sides[number].update(new)
                    else:
                        sides[number] = new
                    if watch.is_full():
                        return (self._spill(_listed(sides), chunks),)
                    continue
            return self._read(_listed(sides), chain(((order, data),), chunks), watch)
        return (self._unique(*sides),)

    def _unique(self, left: dict[Any, Any], right: dict[Any, Any]) -> Iterator[Any]:
        """Join pairs of which each key is there once."""
        if self.left_too:
            joined = ((k, (v, right.get(k))) for k, v in left.items())
        else:
            joined = ((k, (v, right[k])) for k, v in left.items() if k in right)
        if self.right_too:
            return chain(joined, ((k, (None, w)) for k, w in right.items() if k not in left))
        return joined

    def _results(self, groups: Iterable[tuple[Any, Any]]) -> Iterator[Any]:
        for k, (left, right) in groups:
            if not left:
                if self.right_too:
                    for w in right:
                        yield k, (None, w)
            elif not right:
                if self.left_too:
                    for v in left:
                        yield k, (v, None)
            else:
                for v in left:
                    for w in right:
                        yield k, (v, w)


def _listed(sides: list[dict[Any, Any]]) -> Sides:
    return tuple({k: [v] for k, v in side.items()} for side in sides)


def _by_key(sides: Sides) -> Iterator[tuple[Any, tuple[list[Any], ...]]]:
    """Yield each key with its values of all sides: keys of the first side, then those that others have besides."""
    first, *others = sides
    if len(others) == 1:
        # The usual case, in one look-up.
        take: Any = others[0].pop
        for k, values in first.items():
            yield k, (values, take(k, []))
    else:
        for k, values in first.items():
            yield k, (values, *(other.pop(k, []) for other in others))
    for position, other in enumerate(others):
        before: list[list[Any]] = [[] for _ in range(position + 1)]
        for k, values in other.items():
            yield k, (*before, values, *(later.pop(k, []) for later in others[position + 1 :]))
