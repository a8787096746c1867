"""The part of SparkContext that makes RDDs of the program's own data, and runs functions on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD


class RDDSources:
    """What SparkContext has for RDDs; files are in ``firesteel.rdd.files``."""

    @property
    def _context(self) -> SparkContext:
        return cast("SparkContext", self)

    def parallelize(self, c: Iterable[Any], numSlices: int | None = None) -> RDD[Any]:
        """Return an RDD of a collection's items.

        Parameters
        ----------
        c : iterable
            The items; a ``range`` is not materialised.
        numSlices : int, optional
            Number of partitions. Default: ``defaultParallelism``.
        """
        from firesteel.rdd import sources

        return sources.parallelize(self._context, c, numSlices)

    def range(self, start: int, end: int | None = None, step: int = 1, numSlices: int | None = None) -> RDD[Any]:
        """Return an RDD of integers, as Python's ``range`` counts them.

        Parameters
        ----------
        start : int
            The first; without `end` the number of integers, from 0.
        end : int, optional
            Behind the last.
        step : int, default 1
            From one to the next.
        numSlices : int, optional
            Number of partitions. Default: ``defaultParallelism``.
        """
        items = range(0, start, step) if end is None else range(start, end, step)
        return self.parallelize(items, numSlices)

    def emptyRDD(self) -> RDD[Any]:
        """Return an RDD without partitions."""
        from firesteel.rdd import sources

        return sources.empty(self._context)

    def union(self, rdds: list[RDD[Any]]) -> RDD[Any]:
        """Return an RDD of the partitions of all `rdds`."""
        from firesteel.rdd import aligned

        return aligned.union(self._context, rdds)

    def runJob(
        self,
        rdd: RDD[Any],
        partitionFunc: Callable[[Iterable[Any]], Iterable[Any]],
        partitions: Sequence[int] | None = None,
        allowLocal: bool = False,  # noqa: ARG002
    ) -> list[Any]:
        """Return what a function gives for partitions of an RDD, in their order.

        Parameters
        ----------
        rdd : RDD
            The RDD.
        partitionFunc : callable
            From an iterator of a partition's items to an iterable of results.
        partitions : sequence of int, optional
            The partitions. Default: all.
        allowLocal : bool, default False
            Of no effect.
        """
        from firesteel.rdd import jobs

        results: list[Any] = jobs.run_job(self, rdd, partitionFunc, partitions)
        return results
