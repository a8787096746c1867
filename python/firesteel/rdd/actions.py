"""RDD: actions that give items back, or one value of all."""

from __future__ import annotations

import warnings
from collections import defaultdict
from functools import reduce
from math import ceil
from typing import TYPE_CHECKING, Any

from firesteel.rdd import jobs
from firesteel.rdd.worker import functions
from firesteel.rdd.worker.functions import guarded
from firesteel.rdd.worker.hashing import is_seedless, portable_hash
from firesteel.rdd.worker.results import CountSink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Actions:
    """Methods of `RDD` that run jobs. See PySpark's ``RDD`` for what they mean."""

    def collect(self: Any) -> list[Any]:
        """Return all items, in the order of the partitions."""
        return jobs.collect(self)

    def collectAsMap(self: Any) -> dict[Any, Any]:
        """Return pairs as a dict; of equal keys the last counts."""
        return dict(self.collect())

    def collectWithJobGroup(self: Any, groupId: str, description: str, interruptOnCancel: bool = False) -> list[Any]:
        """Return all items, in a job of the given group; deprecated."""
        warnings.warn(
            "Deprecated in 3.1, Use pyspark.InheritableThread with the pinned thread mode enabled.",
            FutureWarning,
            stacklevel=2,
        )
        keys = ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel")
        before = [self.ctx.getLocalProperty(key) for key in keys]
        self.ctx.setJobGroup(groupId, description, interruptOnCancel)
        try:
            return jobs.collect(self)
        finally:
            for key, value in zip(keys, before, strict=True):
                self.ctx.setLocalProperty(key, value)

    def toLocalIterator(self: Any, prefetchPartitions: bool = False) -> Iterator[Any]:
        """Return an iterator over all items, which computes a partition when it comes to it.

        Parameters
        ----------
        prefetchPartitions : bool, default False
            Compute the next partition while the present one is used.
        """
        n = self.getNumPartitions()
        if not prefetchPartitions:
            return (item for index in range(n) for item in jobs.collect(self, [index]))
        return _prefetching(self, n)

    def take(self: Any, num: int) -> list[Any]:
        """Return the first `num` items, computing as few partitions as that needs."""
        items: list[Any] = []
        total = self.getNumPartitions()
        scanned = 0
        while len(items) < num and scanned < total:
            more = 1
            if scanned:
                more = scanned * 4
                if items:
                    estimate = int(1.5 * num * scanned / len(items)) - scanned
                    more = min(max(estimate, 1), more)
            parts = list(range(scanned, min(scanned + more, total)))
            items += jobs.collect(self._map_partitions(functions.Take(num - len(items)), True), parts)
            scanned += more
        return items[:num]

    def first(self: Any) -> Any:
        """Return the first item.

        Raises
        ------
        ValueError
            There is none.
        """
        items = self.take(1)
        if not items:
            raise ValueError("RDD is empty")
        return items[0]

    def isEmpty(self: Any) -> bool:
        """Return whether there are no items."""
        return self.getNumPartitions() == 0 or not self.take(1)

    def top(self: Any, num: int, key: Callable[[Any], Any] | None = None) -> list[Any]:
        """Return the largest `num` items, the largest first."""
        return self._extremes(functions.Largest(num, key, largest=True))

    def takeOrdered(self: Any, num: int, key: Callable[[Any], Any] | None = None) -> list[Any]:
        """Return the smallest `num` items, the smallest first."""
        if num < 0:
            raise ValueError("top N cannot be negative.")
        if num == 0 or self.getNumPartitions() == 0:
            return []
        return self._extremes(functions.Largest(num, key, largest=False))

    def foreach(self: Any, f: Callable[[Any], None]) -> None:
        """Call `f` with each item."""
        jobs.run(self._step(False, "map", f), CountSink())

    def foreachPartition(self: Any, f: Callable[[Iterable[Any]], None]) -> None:
        """Call `f` with an iterator over each partition."""
        jobs.run(self._map_partitions(functions.ForeachPartition(f), False), CountSink())

    def reduce(self: Any, f: Callable[[Any, Any], Any]) -> Any:
        """Return all items as one.

        Raises
        ------
        ValueError
            There are no items.
        """
        values = jobs.collect(self._map_partitions(functions.Reduce(f), False))
        if not values:
            raise ValueError("Can not reduce() empty RDD")
        return reduce(guarded(f), values)

    def treeReduce(self: Any, f: Callable[[Any, Any], Any], depth: int = 2) -> Any:
        """Return all items as one, put together in `depth` levels.

        Raises
        ------
        ValueError
            There are no items, or `depth` is less than 1.
        """
        if depth < 1:
            raise ValueError(f"Depth cannot be smaller than 1 but got {depth}.")
        values = self._tree(self._map_partitions(functions.Reduce(f), False), f, depth)
        if not values:
            raise ValueError("Cannot reduce empty RDD.")
        return reduce(guarded(f), values)

    def fold(self: Any, zeroValue: Any, op: Callable[[Any, Any], Any]) -> Any:
        """Return all items added to `zeroValue`, which each partition and the result begin with."""
        values = jobs.collect(self._map_partitions(functions.Fold(zeroValue, op), False))
        return reduce(guarded(op), values, zeroValue)

    def aggregate(
        self: Any, zeroValue: Any, seqOp: Callable[[Any, Any], Any], combOp: Callable[[Any, Any], Any]
    ) -> Any:
        """Return partitions' items added by `seqOp`, put together by `combOp`; each begins with `zeroValue`."""
        values = jobs.collect(self._map_partitions(functions.Fold(zeroValue, seqOp), False))
        return reduce(guarded(combOp), values, zeroValue)

    def treeAggregate(
        self: Any,
        zeroValue: Any,
        seqOp: Callable[[Any, Any], Any],
        combOp: Callable[[Any, Any], Any],
        depth: int = 2,
    ) -> Any:
        """Do as `aggregate`, put together in `depth` levels; only partitions begin with `zeroValue`.

        Raises
        ------
        ValueError
            `depth` is less than 1.
        """
        if depth < 1:
            raise ValueError(f"Depth cannot be smaller than 1 but got {depth}.")
        if self.getNumPartitions() == 0:
            return zeroValue
        values = self._tree(self._map_partitions(functions.Fold(zeroValue, seqOp), False), combOp, depth)
        return reduce(guarded(combOp), values)

    def count(self: Any) -> int:
        """Return the number of items."""
        return sum(self._counts())

    def countByValue(self: Any) -> dict[Any, int]:
        """Return how often each item is there.

        Raises
        ------
        ValueError
            The RDD has no partitions.
        """
        if not self.getNumPartitions():
            raise ValueError("Can not reduce() empty RDD")
        counts: dict[Any, int] = defaultdict(int)
        for part in jobs.collect(self._map_partitions(functions.OfPartition(functions.count_values), False)):
            for value, count in part.items():
                counts[value] += count
        return counts

    def countByKey(self: Any) -> dict[Any, int]:
        """Return how many pairs there are of each key."""
        counts: dict[Any, int] = self.keys().countByValue()
        return counts

    def reduceByKeyLocally(self: Any, func: Callable[[Any, Any], Any]) -> dict[Any, Any]:
        """Return the values of each key as one, in a dict."""
        parts = jobs.collect(self._map_partitions(functions.ReduceLocally(func), False))
        function = guarded(func)
        if not parts:
            raise ValueError("Can not reduce() empty RDD")
        merged: dict[Any, Any] = parts[0]
        for part in parts[1:]:
            for key, value in part.items():
                merged[key] = function(merged[key], value) if key in merged else value
        return merged

    def lookup(self: Any, key: Any) -> list[Any]:
        """Return the values of a key; where the partitioner is known, of the one partition that has it."""
        values = self.filter(functions.KeyIs(key)).values()
        partitioner = self.partitioner
        if partitioner is None or (partitioner.partitionFunc is portable_hash and not is_seedless(key)):
            # The hash of a string here need not be the one in workers, whose seed is fixed.
            return jobs.collect(values)
        return jobs.collect(values, [partitioner(key)])

    def _counts(self: Any) -> list[int]:
        found = jobs.run(self, CountSink())
        return [found[index][0] if index in found else 0 for index in range(self.getNumPartitions())]

    def _extremes(self: Any, chosen: functions.Largest) -> list[Any]:
        parts = jobs.collect(self._map_partitions(chosen, False))
        if not parts:
            raise ValueError("Can not reduce() empty RDD")
        return reduce(lambda a, b: chosen.of(a + b), parts)

    @staticmethod
    def _tree(parts: Any, function: Callable[[Any, Any], Any], depth: int) -> list[Any]:
        """Put partitions' values together in levels; returns those of the last."""
        n: float = parts.getNumPartitions()
        scale = max(ceil(n ** (1.0 / depth)), 2)
        while n > scale + n / scale:
            n /= scale
            count = int(n)
            pairs = parts._map_partitions(functions.ModuloIndex(count), False)
            parts = pairs.reduceByKey(function, count).values()
        return jobs.collect(parts)


def _prefetching(rdd: Any, n: int) -> Iterator[Any]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        following = pool.submit(jobs.collect, rdd, [0]) if n else None
        for index in range(n):
            assert following is not None
            items = following.result()
            if index + 1 < n:
                following = pool.submit(jobs.collect, rdd, [index + 1])
            yield from items
