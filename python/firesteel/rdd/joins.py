"""RDD: several RDDs by key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.rdd.aligned import union_count
from firesteel.rdd.lineage import ShuffleNode
from firesteel.rdd.pair import own
from firesteel.rdd.partitioner import Partitioner
from firesteel.rdd.worker import combiners
from firesteel.rdd.worker.hashing import portable_hash
from firesteel.rdd.worker.joining import CogroupReader, JoinReader
from firesteel.rdd.worker.writers import PairWriter, RouteWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firesteel.rdd.core import RDD


class Joins:
    """Methods of `RDD` that join by key. See PySpark's ``RDD`` for what they mean.

    `numPartitions` is by default ``spark.default.parallelism``, or else the partitions that their union has.
    """

    def join(self: Any, other: RDD[Any], numPartitions: int | None = None) -> RDD[Any]:
        """Return an RDD of ``(key, (v, w))`` for each pair of values of a key."""
        return _cogrouped([self, other], numPartitions, "inner")

    def leftOuterJoin(self: Any, other: RDD[Any], numPartitions: int | None = None) -> RDD[Any]:
        """Do as `join`; keys that the other lacks are paired with None."""
        return _cogrouped([self, other], numPartitions, "left")

    def rightOuterJoin(self: Any, other: RDD[Any], numPartitions: int | None = None) -> RDD[Any]:
        """Do as `join`; keys that this lacks are paired with None."""
        return _cogrouped([self, other], numPartitions, "right")

    def fullOuterJoin(self: Any, other: RDD[Any], numPartitions: int | None = None) -> RDD[Any]:
        """Do as `join`; keys that one lacks are paired with None."""
        return _cogrouped([self, other], numPartitions, "full")

    def cogroup(self: Any, other: RDD[Any], numPartitions: int | None = None) -> RDD[Any]:
        """Return an RDD of ``(key, (values of this, values of the other))``."""
        return _cogrouped([self, other], numPartitions)

    def groupWith(self: Any, other: RDD[Any], *others: RDD[Any]) -> RDD[Any]:
        """Do as `cogroup`, with any number of others."""
        return _cogrouped([self, other, *others], None)

    def subtractByKey(self: Any, other: RDD[Any], numPartitions: int | None = None) -> RDD[Any]:
        """Return an RDD of the pairs whose key the other lacks."""
        return self.cogroup(other, numPartitions).filter(combiners.only_first).flatMapValues(combiners.first_of)


def _cogrouped(rdds: Sequence[Any], n_partitions: int | None, kind: str | None = None) -> Any:
    first = rdds[0]
    if n_partitions is None:
        n_partitions = first.ctx.defaultParallelism if first.ctx._default_parallelism_is_set else union_count(rdds)
    partitioner = Partitioner(n_partitions, portable_hash)
    starts = []
    start = 0
    writers = []
    for rdd in rdds:
        starts.append(start)
        writers.append(_placing(rdd, partitioner, start))
        start += rdd.getNumPartitions()
    limit = first._memory_limit()
    reader = JoinReader(limit, starts, kind) if kind else CogroupReader(limit, starts)
    return first._derive(ShuffleNode(rdds, writers, reader, n_partitions), partitioner)


def _placing(rdd: Any, partitioner: Partitioner, start: int) -> Callable[[Sequence[int]], Any]:
    """Return the writer of pairs, which leaves them in their partitions if `partitioner` would."""
    if rdd.partitioner == partitioner:
        # Sources are numbered from `start` on.
        targets = [()] * start + [(index,) for index in range(partitioner.numPartitions)]
        return lambda keys: RouteWriter(keys, targets)
    return lambda keys: PairWriter(keys, own(partitioner.partitionFunc))
