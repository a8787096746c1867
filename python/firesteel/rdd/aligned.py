"""RDDs whose keys lie in the same partitions: put together partition by partition, as Spark does with such RDDs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from firesteel.rdd.lineage import Branch, Node, ShuffleNode, UnionNode, branches_of, computed_of
from firesteel.rdd.worker.leaves import AlignedLeaf
from firesteel.rdd.worker.readers import Reader
from firesteel.rdd.worker.writers import RouteWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firesteel.core.jobs import Job
    from firesteel.rdd.core import RDD
    from firesteel.rdd.partitioner import Partitioner


@dataclass
class AlignedNode(Node):
    """Partition i of all RDDs, one after another, is partition i.

    Chunks of what a shuffle gave go to their places once more, without a look at the keys.
    """

    rdds: Sequence[RDD[Any]]
    count: int

    def n_partitions(self) -> int:
        """See `Node`."""
        return self.count

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        sides = [computed_of(branches_of(rdd, job)) for rdd in self.rdds]
        if None not in sides:
            return [Branch(self.count, leaf=AlignedLeaf([side for side in sides if side is not None]))]
        # Partitions of the sources are numbered one after another.
        targets = [(index,) for index in range(self.count)] * len(self.rdds)
        writers = [lambda keys: RouteWriter(keys, targets)] * len(self.rdds)
        return ShuffleNode(self.rdds, writers, Reader(), self.count, keeps=False).branches(job)

    def parents(self) -> Sequence[RDD[Any]]:
        """See `Node`."""
        return self.rdds


def union(context: Any, rdds: Sequence[RDD[Any]]) -> RDD[Any]:
    """Return an RDD of all items: ``SparkContext.union``, which forgets the partitioner that programs see."""
    from firesteel.rdd.core import RDD

    placed = _common([(rdd._placed, rdd.getNumPartitions) for rdd in rdds])
    if placed is None:
        return RDD(context, UnionNode(list(rdds)), kind="UnionRDD")
    aligned = [rdd for rdd in rdds if rdd.getNumPartitions()]
    united: RDD[Any] = RDD(context, AlignedNode(aligned, placed.numPartitions), kind="PartitionerAwareUnionRDD")
    united._placed = placed
    return united


def union_count(rdds: Sequence[RDD[Any]]) -> int:
    """Return the number of partitions of the union of `rdds`, two at a time as ``cogroup`` makes it."""
    first, *others = rdds
    placed, count = first._placed, first.getNumPartitions()
    for other in others:
        n_others = other.getNumPartitions()
        placed = _common([(placed, lambda count=count: count), (other._placed, lambda n=n_others: n)])
        count = placed.numPartitions if placed else count + n_others
    return count


def _common(sides: Sequence[tuple[Partitioner | None, Any]]) -> Partitioner | None:
    """Return the partitioner that all have which have partitions, or None. They are counted only if it matters."""
    if all(placed is None for placed, _ in sides):
        return None
    partitioners = [placed for placed, count in sides if count()]
    if not partitioners or any(placed is None or placed != partitioners[0] for placed in partitioners):
        return None
    return partitioners[0]
