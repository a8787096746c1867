"""RDD: pairs by key, combined, grouped or placed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from firesteel.rdd.lineage import ShuffleNode
from firesteel.rdd.partitioner import Partitioner
from firesteel.rdd.worker import combiners
from firesteel.rdd.worker.hashing import portable_hash
from firesteel.rdd.worker.readers import CombineReader, GroupReader, Reader
from firesteel.rdd.worker.writers import CombineWriter, PairWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from firesteel.rdd.core import RDD

    Hash = Callable[[Any], int]


class Pairs:
    """Methods of `RDD` that bring pairs together by key. See PySpark's ``RDD`` for what they mean.

    Parameters of all: `numPartitions`, by default ``spark.default.parallelism`` or else as many as there are, and
    `partitionFunc`, the key's hash.
    """

    def partitionBy(self: Any, numPartitions: int | None, partitionFunc: Hash = portable_hash) -> RDD[Any]:
        """Return an RDD with each pair in the partition of its key; this one if that is so already."""
        partitioner = self._partitioner(numPartitions, partitionFunc)
        if self.partitioner == partitioner:
            return self
        return self._shuffled(partitioner, partial(PairWriter, partition_function=own(partitionFunc)), Reader())

    def combineByKey(
        self: Any,
        createCombiner: Callable[[Any], Any],
        mergeValue: Callable[[Any, Any], Any],
        mergeCombiners: Callable[[Any, Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Hash = portable_hash,
    ) -> RDD[Any]:
        """Return an RDD of each key's values combined, first within partitions."""
        return self._combined(createCombiner, mergeValue, mergeCombiners, numPartitions, partitionFunc)

    def reduceByKey(
        self: Any,
        func: Callable[[Any, Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Hash = portable_hash,
    ) -> RDD[Any]:
        """Return an RDD of each key's values as one."""
        return self._combined(None, func, func, numPartitions, partitionFunc)

    def foldByKey(
        self: Any,
        zeroValue: Any,
        func: Callable[[Any, Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Hash = portable_hash,
    ) -> RDD[Any]:
        """Return an RDD of each key's values added to a copy of `zeroValue`, one copy per partition."""
        return self._combined(combiners.FromZero(zeroValue, func), func, func, numPartitions, partitionFunc)

    def aggregateByKey(
        self: Any,
        zeroValue: Any,
        seqFunc: Callable[[Any, Any], Any],
        combFunc: Callable[[Any, Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Hash = portable_hash,
    ) -> RDD[Any]:
        """Return an RDD of each key's values added to a copy of `zeroValue`, put together by `combFunc`."""
        return self._combined(combiners.FromZero(zeroValue, seqFunc), seqFunc, combFunc, numPartitions, partitionFunc)

    def groupByKey(self: Any, numPartitions: int | None = None, partitionFunc: Hash = portable_hash) -> RDD[Any]:
        """Return an RDD of ``(key, values)``."""
        partitioner = self._partitioner(numPartitions, partitionFunc)
        limit = self._memory_limit()
        if self.partitioner == partitioner:
            return self._map_partitions(combiners.GroupPartition(limit), True)
        writer = partial(PairWriter, partition_function=own(partitionFunc))
        return self._shuffled(partitioner, writer, GroupReader(limit))

    def groupBy(
        self: Any,
        f: Callable[[Any], Any],
        numPartitions: int | None = None,
        partitionFunc: Hash = portable_hash,
    ) -> RDD[Any]:
        """Return an RDD of ``(f(item), items)``."""
        return self.keyBy(f).groupByKey(numPartitions, partitionFunc)

    def distinct(self: Any, numPartitions: int | None = None) -> RDD[Any]:
        """Return an RDD of the items, each once."""
        partitioner = self._partitioner(numPartitions, portable_hash)
        limit = self._memory_limit()
        writer = partial(CombineWriter, partition_function=None, create=None, merge=None, limit_mib=limit)
        node = ShuffleNode([self], [writer], CombineReader(None, limit), partitioner.numPartitions)
        return self._derive(node)

    def _combined(
        self: Any,
        create: Callable[[Any], Any] | None,
        merge_value: Callable[[Any, Any], Any],
        merge: Callable[[Any, Any], Any],
        n_partitions: int | None,
        function: Hash,
    ) -> RDD[Any]:
        partitioner = self._partitioner(n_partitions, function)
        limit = self._memory_limit()
        if self.partitioner == partitioner:
            combined = combiners.CombinePartition(create, merge_value, merge, limit)
            return self._map_partitions(combined, True)
        writer = partial(
            CombineWriter, partition_function=own(function), create=create, merge=merge_value, limit_mib=limit
        )
        return self._shuffled(partitioner, writer, CombineReader(merge, limit))

    def _partitioner(self: Any, n_partitions: int | None, function: Hash) -> Partitioner:
        count = self._default_reduce_partitions() if n_partitions is None else n_partitions
        return Partitioner(count, function)

    def _shuffled(self: Any, partitioner: Partitioner, writer: Callable[..., Any], reader: Reader) -> RDD[Any]:
        node = ShuffleNode([self], [writer], reader, partitioner.numPartitions)
        return self._derive(node, partitioner)


def own(function: Hash) -> Hash | None:
    """Return a partition function for a writer: None stands for the default, which it knows best."""
    return None if function is portable_hash else function
