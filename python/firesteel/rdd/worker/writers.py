"""Sinks of a shuffle's map side: items become chunks for target partitions."""

from __future__ import annotations

from bisect import bisect_left
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from firesteel.rdd.worker import codec
from firesteel.rdd.worker.hashing import SEEDED, portable_hash
from firesteel.rdd.worker.memory import Watch
from firesteel.rdd.worker.pipeline import Body, adds, explodes, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from firesteel.rdd.worker.rows import Writer

# Pickled bytes that the buckets of one task may hold together.
_BUCKETS_BYTES = 8 * 1024 * 1024
_GROWTH = 8

# The target of a key; strings only where all workers hash them alike.
_TARGET = "(hash(k) if t is int or t is str else portable_hash(k)) % n" if SEEDED else "portable_hash(k) % n"


class Sink:
    """Where a task's items go.

    Parameters
    ----------
    keys : sequence of int
        Per target partition the number that the exchange sends there.
    """

    # Items may be taken from a leaf some at a time: all of them are wanted.
    eager = True
    # What it writes are rows of chunks, among which accumulator updates have a place.
    carries_updates = True

    def __init__(self, keys: Sequence[int]) -> None:
        self.keys: Sequence[int] | None = keys

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """Send the items of one partition through `steps` to `out`; yields its batches.

        Parameters
        ----------
        out : Writer
            Takes the chunks.
        index : int
            The partition's index, before the steps.
        batches : iterable of iterables
            Its items.
        steps : tuple
            See `worker.pipeline`.
        source : int
            The partition's index after the steps: the source of the chunks.
        """
        raise NotImplementedError


class Chunks:
    """Numbers the chunks of a source partition and writes them."""

    def __init__(self, out: Writer, source: int) -> None:
        self._out = out
        self._order = source << 32
        self._count = 16

    def put(self, target: int, data: bytes) -> Iterator[Any]:
        """Write a chunk."""
        yield from self._out.add(target, self._order, data)
        self._order += 1

    def put_items(self, target: int, items: Sequence[Any]) -> Iterator[Any]:
        """Write items in chunks of a good size."""
        start = 0
        while start < len(items):
            count = self._count
            part = items[start : start + count]
            data = codec.encode(part)
            yield from self.put(target, data)
            start += count
            self._count = codec.next_count(len(part), len(data))

    def put_pairs(self, target: int, keys: list[Any], values: list[Any]) -> Iterator[Any]:
        """Write pairs in chunks of a good size."""
        start = 0
        while start < len(keys):
            end = start + self._count
            part = keys[start:end], values[start:end]
            data = codec.encode(part)
            yield from self.put(target, data)
            start = end
            self._count = codec.next_count(len(part[0]), len(data))

    def mark(self, targets: int) -> Iterator[Any]:
        """Give each target an empty chunk, so that it exists: the first source partition does."""
        if not self._order >> 32:
            empty = codec.encode([])
            for target in range(targets):
                yield from self.put(target, empty)


class _Buckets:
    """One list per target, written when together they are large enough."""

    def __init__(self, chunks: Chunks, targets: int, budget_bytes: int = _BUCKETS_BYTES) -> None:
        self.lists: list[list[Any]] = [[] for _ in range(targets)]
        self._chunks = chunks
        self._budget_bytes = budget_bytes
        self._quota = 16

    def check(self) -> Iterator[Any]:
        """Write all if they hold enough."""
        if sum(map(len, self.lists)) >= self._quota:
            yield from self.flush()

    def flush(self) -> Iterator[Any]:
        """Write all."""
        count = size = 0
        for target, items in enumerate(self.lists):
            if items:
                n_items, data = self._take(target)
                count += n_items
                size += len(data)
                yield from self._chunks.put(target, data)
        if count:
            self._quota = min(max(self._budget_bytes * count // size, 1), count * _GROWTH)

    def _take(self, target: int) -> tuple[int, bytes]:
        """Take a target's items: their number, and what they are written as."""
        items = self.lists[target]
        data = codec.encode(items)
        count = len(items)
        items.clear()
        return count, data


class _PairBuckets(_Buckets):
    """Keys and values apart: two lists of numbers are written several times as fast as a list of pairs."""

    def __init__(self, chunks: Chunks, targets: int) -> None:
        super().__init__(chunks, targets)
        self.values: list[list[Any]] = [[] for _ in range(targets)]

    def _take(self, target: int) -> tuple[int, bytes]:
        keys, values = self.lists[target], self.values[target]
        data = codec.encode((keys, values))
        count = len(keys)
        keys.clear()
        values.clear()
        return count, data


class PairWriter(Sink):
    """Pairs go to the partition of their key.

    Parameters
    ----------
    keys : sequence of int
        See `Sink`.
    partition_function : callable, optional
        The key's hash; by default `portable_hash`.
    """

    def __init__(self, keys: Sequence[int], partition_function: Callable[[Any], int] | None = None) -> None:
        super().__init__(keys)
        self.partition_function = partition_function

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`."""
        assert self.keys is not None
        chunks = Chunks(out, source)
        yield from chunks.mark(len(self.keys))
        buckets = _PairBuckets(chunks, len(self.keys))
        lines: tuple[str, ...] = ("k, v = x", *self._lines(), "add_key[i](k)", "add_value[i](v)")
        before: tuple[str, ...] = ()
        if explodes(steps):
            lines += ("c += 1", "if c >= 2048: c = 0; yield from check()")
            before = ("c = 0",)
        body = Body(lines, _PAIR_NAMES, before, batch=("yield from check()",))
        function = self.partition_function
        bounds = function.bounds if isinstance(function, RangeHash) else None
        adders = [[items.append for items in lists] for lists in (buckets.lists, buckets.values)]
        yield from run(
            *(batches, index, steps, body, *adders),
            *(len(self.keys), function, bounds, bisect_left, portable_hash, buckets.check),
        )
        yield from buckets.flush()

    def _lines(self) -> tuple[str, ...]:
        """Return what finds the target `i`."""
        function = self.partition_function
        if len(self.keys or ()) == 1:
            return ("i = 0",)
        if isinstance(function, RangeHash) and function.key_function is None:
            place = "bisect_left(bounds, k)"
            return (f"i = {place}" if function.ascending else f"i = n - 1 - {place}",)
        if function is not None:
            return ("i = f(k) % n",)
        return ("t = type(k)", f"i = {_TARGET}") if SEEDED else (f"i = {_TARGET}",)


_PAIR_NAMES = ("add_key", "add_value", "n", "f", "bounds", "bisect_left", "portable_hash", "check")


class CombineWriter(Sink):
    """Pairs are combined by key before they go to the partition of their key.

    Parameters
    ----------
    keys : sequence of int
        See `Sink`.
    partition_function : callable, optional
        The key's hash; by default `portable_hash`.
    create, merge : callable, optional
        First value to combined value, combined value and value to combined value. Without `create` the first value
        is the combined one; without `merge` items are keys alone, and each is kept once.
    limit_mib : int
        Combined values are written out when the process has grown this large.
    """

    def __init__(
        self,
        keys: Sequence[int],
        partition_function: Callable[[Any], int] | None,
        create: Callable[[Any], Any] | None,
        merge: Callable[[Any, Any], Any] | None,
        limit_mib: float,
    ) -> None:
        super().__init__(keys)
        self.partition_function = partition_function
        self.create = create
        self.merge = merge
        self.limit_mib = limit_mib

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`."""
        assert self.keys is not None
        chunks = Chunks(out, source)
        yield from chunks.mark(len(self.keys))
        watch = Watch(self.limit_mib * 0.9)
        combined: dict[Any, Any] = {}

        def grow(limit: int) -> Any:
            """Return the number of keys at which to look again; writes them when memory is used up."""
            if not watch.is_full_now():
                return limit + min(limit, 100_000)
            yield from self._flush(chunks, combined)
            return limit

        def check() -> Iterator[Any]:
            if watch.is_full():
                yield from self._flush(chunks, combined)

        body = Body(
            (*self._lines(), "    if len(d) >= limit: limit = yield from grow(limit)"),
            ("d", "create", "merge", "grow", "check"),
            ("limit = 10000",),
            batch=("yield from check()",),
        )
        yield from run(batches, index, steps, body, combined, self.create, self.merge, grow, check)
        yield from self._flush(chunks, combined)

    def _lines(self) -> tuple[str, ...]:
        if self.merge is None:
            return ("if x not in d:", "    d[x] = None")
        merged = "d[k] + v" if adds(self.merge) else "merge(d[k], v)"
        created = "create(v)" if self.create else "v"
        return ("k, v = x", f"if k in d: d[k] = {merged}", "else:", f"    d[k] = {created}")

    def _flush(self, chunks: Chunks, combined: dict[Any, Any]) -> Iterator[Any]:
        targets = len(self.keys or ())
        if targets == 1:
            parts = [(list(combined), list(combined.values()))]
        else:
            parts = [([], []) for _ in range(targets)]
            self._deal(combined, parts)
        combined.clear()
        for target, (keys, values) in enumerate(parts):
            if self.merge is None:
                yield from chunks.put_items(target, keys)
            else:
                yield from chunks.put_pairs(target, keys, values)

    def _deal(self, combined: dict[Any, Any], parts: list[tuple[list[Any], list[Any]]]) -> None:
        add = [(keys.append, values.append) for keys, values in parts]
        n = len(parts)
        function = self.partition_function
        if function is None and SEEDED:
            for k, v in combined.items():
                t = type(k)
                key, value = add[(hash(k) if t is int or t is str else portable_hash(k)) % n]
                key(k)
                value(v)
            return
        function = function or portable_hash
        for k, v in combined.items():
            key, value = add[function(k) % n]
            key(k)
            value(v)


class RouteWriter(Sink):
    """All items of a partition go to the same targets: partition `i` to ``targets[i]``, a tuple of some."""

    def __init__(self, keys: Sequence[int], targets: Sequence[tuple[int, ...]]) -> None:
        super().__init__(keys)
        self.targets = targets

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`."""
        chunks = Chunks(out, source)
        yield from chunks.mark(len(self.keys or ()))
        for data in codec.chunks(run(batches, index, steps)):
            for target in self.targets[source]:
                yield from chunks.put(target, data)


_DEAL = (
    *("a(x)", "c += 1", "if not c % 10: a = add[(c // 10 + start) % n]"),
    *("if c >= look:", "    look += 2048", "    yield from check()"),
)


class DealWriter(Sink):
    """Items are dealt to all targets in turn, ten at a time as in Spark."""

    def write(self, out: Writer, index: int, batches: Any, steps: Any, source: int) -> Iterator[Any]:
        """See `Sink`."""
        assert self.keys is not None
        n = len(self.keys)
        chunks = Chunks(out, source)
        yield from chunks.mark(n)
        buckets = _Buckets(chunks, n)
        add = [items.append for items in buckets.lists]
        body = Body(
            _DEAL,
            ("add", "n", "start", "check"),
            ("c = 0", "look = 16", "a = add[start % n]"),
        )
        yield from run(batches, index, steps, body, add, n, source + 1, buckets.check)
        yield from buckets.flush()


def by_key(key_function: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """Return the function that a list of pairs is sorted by."""
    if key_function is None:
        return itemgetter(0)
    function = key_function
    return lambda pair: function(pair[0])


def flat(batches: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """Return the items of all batches."""
    return (item for batch in batches for item in batch)


class RangeHash:
    """The partition function of a sorted RDD.

    Parameters
    ----------
    bounds : list
        Keys that end ranges, ascending.
    key_function : callable, optional
        What keys are ordered by.
    ascending : bool
        Whether the first range is the lowest.
    n_partitions : int
        Number of ranges.
    """

    def __init__(
        self, bounds: list[Any], key_function: Callable[[Any], Any] | None, ascending: bool, n_partitions: int
    ) -> None:
        self.bounds = [key_function(bound) for bound in bounds] if key_function else bounds
        self.key_function = key_function
        self.ascending = ascending
        self.n_partitions = n_partitions

    def __call__(self, key: Any) -> int:
        """Return the key's partition."""
        place = bisect_left(self.bounds, self.key_function(key) if self.key_function else key)
        return place if self.ascending else self.n_partitions - 1 - place
