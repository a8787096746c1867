"""Sinks of a shuffle's map side: items become chunks for target partitions."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from firesteel.rdd.worker import codec
from firesteel.rdd.worker.columns import as_list
from firesteel.rdd.worker.dealing import deal
from firesteel.rdd.worker.memory import Watch
from firesteel.rdd.worker.pipeline import Body, adds, explodes, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from firesteel.rdd.worker.columns import Column
    from firesteel.rdd.worker.rows import Writer

# Pickled bytes that the buckets of one task may hold together.
_BUCKETS_BYTES = 8 * 1024 * 1024
_GROWTH = 8


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

    def put_pairs(self, target: int, keys: Column, values: Column) -> Iterator[Any]:
        """Write pairs, given as columns, in chunks of a good size."""
        start = 0
        while start < len(keys):
            end = start + self._count
            part = keys[start:end]
            data = codec.encode_pairs(part, values[start:end])
            yield from self.put(target, data)
            start = end
            self._count = codec.next_count(len(part), len(data))

    def mark(self, targets: int) -> Iterator[Any]:
        """Give each target an empty chunk, so that it exists: the first source partition does."""
        if not self._order >> 32:
            empty = codec.encode([])
            for target in range(targets):
                yield from self.put(target, empty)


class _Quota:
    """How many items one task holds before it writes them: as many as make `_BUCKETS_BYTES`."""

    def __init__(self) -> None:
        self.items = 16

    def learn(self, count: int, size: int) -> None:
        """Note that `count` items made `size` bytes."""
        if count:
            self.items = min(max(_BUCKETS_BYTES * count // size, 1), count * _GROWTH)


class PairWriter(Sink):
    """Pairs go to the partition of their key.

    Keys and values are collected apart and dealt to their targets many at a time, numbers without a loop in Python.

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
        n = len(self.keys)
        chunks = Chunks(out, source)
        yield from chunks.mark(n)
        quota = _Quota()
        keys: list[Any] = []
        values: list[Any] = []

        def flush() -> Iterator[Any]:
            size = 0
            for target, some_keys, some_values in deal(keys, values, n, self.partition_function):
                data = codec.encode_pairs(some_keys, some_values)
                size += len(data)
                yield from chunks.put(target, data)
            quota.learn(len(keys), size)
            keys.clear()
            values.clear()

        look = "if len(keys) >= quota.items: yield from flush()"
        lines: tuple[str, ...] = ("k, v = x", "add_key(k)", "add_value(v)")
        if explodes(steps):
            lines += (look,)
        body = Body(lines, ("add_key", "add_value", "keys", "quota", "flush"), batch=(look,))
        yield from run(batches, index, steps, body, keys.append, values.append, keys, quota, flush)
        yield from flush()


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
        watch = Watch(self.limit_mib)
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
        keys, values = list(combined), list(combined.values())
        combined.clear()
        for target, some_keys, some_values in deal(keys, values, targets, self.partition_function):
            if self.merge is None:
                yield from chunks.put_items(target, as_list(some_keys))
            else:
                yield from chunks.put_pairs(target, some_keys, some_values)


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
        quota = _Quota()
        lists: list[list[Any]] = [[] for _ in range(n)]

        def flush() -> Iterator[Any]:
            count = size = 0
            for target, items in enumerate(lists):
                if items:
                    data = codec.encode(items)
                    count += len(items)
                    size += len(data)
                    items.clear()
                    yield from chunks.put(target, data)
            quota.learn(count, size)

        def check() -> Iterator[Any]:
            if sum(map(len, lists)) >= quota.items:
                yield from flush()

        body = Body(_DEAL, ("add", "n", "start", "check"), ("c = 0", "look = 16", "a = add[start % n]"))
        yield from run(batches, index, steps, body, [items.append for items in lists], n, source + 1, check)
        yield from flush()


def by_key(key_function: Callable[[Any], Any] | None) -> Callable[[Any], Any]:
    """Return the function that a list of pairs is sorted by."""
    if key_function is None:
        return itemgetter(0)
    function = key_function
    return lambda pair: function(pair[0])


def flat(batches: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """Return the items of all batches."""
    return (item for batch in batches for item in batch)
