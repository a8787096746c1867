"""RDD: transformations that work on each partition by itself, or on partitions as they are."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from firesteel.rdd import aligned
from firesteel.rdd.lineage import CoalesceNode, ShuffleNode, SidesNode, StepNode
from firesteel.rdd.worker import functions
from firesteel.rdd.worker.readers import Reader
from firesteel.rdd.worker.writers import DealWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from firesteel.rdd.core import RDD


class Narrow:
    """Methods of `RDD` without a shuffle. See PySpark's ``RDD`` for what they mean."""

    def map(self: Any, f: Callable[[Any], Any], preservesPartitioning: bool = False) -> RDD[Any]:
        """Return an RDD of ``f(item)``."""
        return self._step(preservesPartitioning, "map", f)

    def flatMap(self: Any, f: Callable[[Any], Iterable[Any]], preservesPartitioning: bool = False) -> RDD[Any]:
        """Return an RDD of the items of each ``f(item)``."""
        return self._step(preservesPartitioning, "flat", f)

    def mapPartitions(
        self: Any, f: Callable[[Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = False
    ) -> RDD[Any]:
        """Return an RDD of what ``f(iterator)`` gives for each partition."""
        return self._map_partitions(functions.WithoutIndex(f), preservesPartitioning)

    def mapPartitionsWithIndex(
        self: Any, f: Callable[[int, Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = False
    ) -> RDD[Any]:
        """Return an RDD of what ``f(index, iterator)`` gives for each partition."""
        return self._map_partitions(f, preservesPartitioning)

    def mapPartitionsWithSplit(
        self: Any, f: Callable[[int, Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = False
    ) -> RDD[Any]:
        """Do as `mapPartitionsWithIndex`; deprecated."""
        warnings.warn(
            "mapPartitionsWithSplit is deprecated; use mapPartitionsWithIndex instead", FutureWarning, stacklevel=2
        )
        return self.mapPartitionsWithIndex(f, preservesPartitioning)

    def filter(self: Any, f: Callable[[Any], Any]) -> RDD[Any]:
        """Return an RDD of the items for which ``f(item)`` is true."""
        return self._step(True, "filter", f)

    def glom(self: Any) -> RDD[Any]:
        """Return an RDD of one list per partition."""
        return self._map_partitions(functions.glom, False)

    def keyBy(self: Any, f: Callable[[Any], Any]) -> RDD[Any]:
        """Return an RDD of ``(f(item), item)``."""
        return self._step(False, "key_by", f)

    def keys(self: Any) -> RDD[Any]:
        """Return an RDD of the first of each pair."""
        return self._step(False, "keys")

    def values(self: Any) -> RDD[Any]:
        """Return an RDD of the second of each pair."""
        return self._step(False, "values")

    def mapValues(self: Any, f: Callable[[Any], Any]) -> RDD[Any]:
        """Return an RDD of ``(key, f(value))``; keys stay where they are."""
        return self._step(True, "map_values", f)

    def flatMapValues(self: Any, f: Callable[[Any], Iterable[Any]]) -> RDD[Any]:
        """Return an RDD of ``(key, v)`` for each v of ``f(value)``; keys stay where they are."""
        return self._step(True, "flat_values", f)

    def union(self: Any, other: RDD[Any]) -> RDD[Any]:
        """Return an RDD of the partitions of both: pairs of them, where the keys of both are in the same."""
        united = aligned.union(self.ctx, [self, other])
        if self.partitioner == other.partitioner and united._placed is not None:
            united.partitioner = self.partitioner
        return united

    def __add__(self: Any, other: RDD[Any]) -> RDD[Any]:
        from firesteel.rdd.core import RDD

        if not isinstance(other, RDD):
            raise TypeError
        return self.union(other)

    def cartesian(self: Any, other: RDD[Any]) -> RDD[Any]:
        """Return an RDD of all pairs of an item of this and one of the other."""
        return self._derive(SidesNode(self, other, product=True), kind="CartesianRDD")

    def zip(self: Any, other: RDD[Any]) -> RDD[Any]:
        """Return an RDD of the pairs of items at the same places.

        Raises
        ------
        ValueError
            The numbers of partitions differ.
        """
        if self.getNumPartitions() != other.getNumPartitions():
            raise ValueError("Can only zip with RDD which has the same number of partitions")
        return self._derive(SidesNode(self, other, product=False), kind="ZippedPartitionsRDD2")

    def zipWithIndex(self: Any) -> RDD[Any]:
        """Return an RDD of ``(item, position)``; counts the partitions' items first if there are several."""
        starts = [0]
        if self.getNumPartitions() > 1:
            for count in self._counts()[:-1]:
                starts.append(starts[-1] + count)
        return self._map_partitions(functions.WithPosition(starts), False)

    def zipWithUniqueId(self: Any) -> RDD[Any]:
        """Return an RDD of ``(item, number)``: partition k of n has the numbers k, n+k, 2n+k, …."""
        return self._map_partitions(functions.WithUniqueId(self.getNumPartitions()), False)

    def coalesce(self: Any, numPartitions: int, shuffle: bool = False) -> RDD[Any]:
        """Return an RDD of fewer partitions, neighbours put together; with `shuffle`, of as many as is said.

        Raises
        ------
        ValueError
            `numPartitions` is not positive.
        """
        if not numPartitions > 0:
            raise ValueError("Number of partitions must be positive.")
        if shuffle:
            node: Any = ShuffleNode([self], [DealWriter], Reader(), numPartitions)
            return self._derive(node, kind="MapPartitionsRDD")
        count = min(numPartitions, self.getNumPartitions())
        return self._derive(CoalesceNode(self, count), kind="CoalescedRDD")

    def repartition(self: Any, numPartitions: int) -> RDD[Any]:
        """Return an RDD of `numPartitions` partitions of about the same size."""
        return self.coalesce(numPartitions, shuffle=True)

    def pipe(self: Any, command: str, env: dict[str, str] | None = None, checkCode: bool = False) -> RDD[Any]:
        """Return an RDD of the lines that a program prints when it is given the items as lines.

        Parameters
        ----------
        command : str
            Program and arguments, in a shell's quotes; no shell runs it.
        env : dict of str, optional
            All of its environment, by default none.
        checkCode : bool, default False
            Fail when the program does.
        """
        return self._map_partitions(functions.Pipe(command, env or {}, checkCode), False)

    def toDF(self: Any, schema: Any = None, sampleRatio: float | None = None) -> Any:
        """Return a DataFrame of the items, rows or tuples; see ``SparkSession.createDataFrame``."""
        return self.ctx._session.createDataFrame(self, schema, sampleRatio)

    def barrier(self: Any) -> RDDBarrier:
        """Return the RDD as one whose tasks run at the same time and can wait for one another."""
        self.ctx._has_barriers = True
        return RDDBarrier(self)


class RDDBarrier:
    """An RDD in a barrier stage: what `RDD.barrier` returns."""

    def __init__(self, rdd: RDD[Any]) -> None:
        self.rdd = rdd

    def mapPartitions(
        self, f: Callable[[Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = False
    ) -> RDD[Any]:
        """Do as `RDD.mapPartitions`; tasks have a ``BarrierTaskContext``."""
        return self.mapPartitionsWithIndex(functions.WithoutIndex(f), preservesPartitioning)

    def mapPartitionsWithIndex(
        self, f: Callable[[int, Iterable[Any]], Iterable[Any]], preservesPartitioning: bool = False
    ) -> RDD[Any]:
        """Do as `RDD.mapPartitionsWithIndex`; tasks have a ``BarrierTaskContext``."""
        from firesteel.rdd.core import PipelinedRDD

        node = StepNode(self.rdd, ("parts", f), barrier=True)
        return PipelinedRDD(self.rdd.ctx, node, self.rdd.partitioner if preservesPartitioning else None)


RDDBarrier.__module__ = "pyspark.core.rdd"
