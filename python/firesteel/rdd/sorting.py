"""RDD: sorting."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from firesteel.rdd import jobs
from firesteel.rdd.lineage import ShuffleNode
from firesteel.rdd.pair import own
from firesteel.rdd.partitioner import Partitioner
from firesteel.rdd.worker import functions
from firesteel.rdd.worker.dealing import RangeHash
from firesteel.rdd.worker.hashing import portable_hash
from firesteel.rdd.worker.key_samples import KeySampleSink
from firesteel.rdd.worker.readers import SortReader
from firesteel.rdd.worker.writers import PairWriter

if TYPE_CHECKING:
    from collections.abc import Callable

    from firesteel.rdd.core import RDD

# Spark looks at so many keys for each range.
_SAMPLES_PER_PARTITION = 20.0
# Spark's, so that its ranges are ours.
_SEED = 1


def _key_itself(key: Any) -> Any:
    return key


class Sorting:
    """Methods of `RDD` that sort. See PySpark's ``RDD`` for what they mean."""

    def sortByKey(
        self: Any,
        ascending: bool | None = True,
        numPartitions: int | None = None,
        keyfunc: Callable[[Any], Any] = _key_itself,
    ) -> RDD[Any]:
        """Return an RDD of the pairs in the order of ``keyfunc(key)``.

        Ranges of keys are found from a sample of some 20 keys for each partition: a job runs at once.
        """
        count = self._default_reduce_partitions() if numPartitions is None else numPartitions
        function = None if keyfunc is _key_itself else keyfunc
        limit = self._memory_limit()
        ordered = functions.SortedPartition(function, bool(ascending), limit)
        if count == 1:
            rdd = self.coalesce(1) if self.getNumPartitions() > 1 else self
            return rdd._map_partitions(ordered, True)
        wanted = count * _SAMPLES_PER_PARTITION
        seen = jobs.collect(self, sink=KeySampleSink(wanted, _SEED))
        size = sum(n_items for n_items, _ in seen)
        if not size:
            return self
        fraction = min(wanted / size, 1.0)
        samples = [key for _, kept in seen for number, key in kept if number < fraction]
        samples.sort(key=function)
        bounds = [samples[len(samples) * (i + 1) // count] for i in range(count - 1)] if samples else []
        hashed = RangeHash(bounds, function, bool(ascending), count)
        partitioner = Partitioner(count, hashed)
        writer = partial(PairWriter, partition_function=hashed)
        node = ShuffleNode([self], [writer], SortReader(function, bool(ascending), limit), count)
        return self._derive(node, partitioner)

    def sortBy(
        self: Any, keyfunc: Callable[[Any], Any], ascending: bool = True, numPartitions: int | None = None
    ) -> RDD[Any]:
        """Return an RDD of the items in the order of ``keyfunc(item)``."""
        return self.keyBy(keyfunc).sortByKey(ascending, numPartitions).values()

    def repartitionAndSortWithinPartitions(
        self: Any,
        numPartitions: int | None = None,
        partitionFunc: Callable[[Any], int] = portable_hash,
        ascending: bool = True,
        keyfunc: Callable[[Any], Any] = _key_itself,
    ) -> RDD[Any]:
        """Return an RDD with each pair in the partition of its key, sorted by ``keyfunc(key)`` there."""
        partitioner = self._partitioner(numPartitions, partitionFunc)
        function = None if keyfunc is _key_itself else keyfunc
        limit = self._memory_limit()
        if self.partitioner == partitioner:
            return self._map_partitions(functions.SortedPartition(function, ascending, limit), True)
        writer = partial(PairWriter, partition_function=own(partitionFunc))
        return self._shuffled(partitioner, writer, SortReader(function, ascending, limit))
