"""RDD: approximate answers. All but `countApproxDistinct` wait for the exact one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.rdd import jobs
from firesteel.rdd.worker import functions
from firesteel.rdd.worker.registers import Registers

if TYPE_CHECKING:
    from collections.abc import Iterable


class BoundedFloat(float):
    """A number with the interval that it lies in, and how sure that is."""

    confidence: float
    low: float
    high: float

    def __new__(cls, mean: float, confidence: float, low: float, high: float) -> BoundedFloat:
        """Return the number."""
        number = float.__new__(cls, mean)
        number.confidence = confidence
        number.low = low
        number.high = high
        return number


class Approximate:
    """Methods of `RDD` that may answer approximately. See PySpark's ``RDD`` for what they mean."""

    def countApprox(self: Any, timeout: int, confidence: float = 0.95) -> int:
        """Return the number of items.

        Parameters
        ----------
        timeout : int
            Milliseconds after which an estimate would do; the answer here is exact, however long it takes.
        confidence : float, default 0.95
            Of no effect on an exact answer.
        """
        return int(self.count())

    def sumApprox(self: Any, timeout: int, confidence: float = 0.95) -> BoundedFloat:
        """Return the sum of the items; see `countApprox`."""
        return _exact(_added(jobs.collect(self._map_partitions(functions.OfPartition(functions.float_total), False))))

    def meanApprox(self: Any, timeout: int, confidence: float = 0.95) -> BoundedFloat:
        """Return the mean of the items; see `countApprox`."""
        # As in Spark, where the mean of nothing is no error here.
        if not self.getNumPartitions():
            return _exact(0.0)
        numbers = self.map(float).stats()
        return _exact(numbers.mean() if numbers.count() else 0.0)

    def countApproxDistinct(self: Any, relativeSD: float = 0.05) -> int:
        """Return about how many different items there are.

        Parameters
        ----------
        relativeSD : float, default 0.05
            Standard deviation of the answer as a part of it; smaller takes more memory.

        Raises
        ------
        ValueError
            `relativeSD` is less than 0.000017.
        """
        if relativeSD < 0.000017:
            raise ValueError("relativeSD should be greater than 0.000017")
        registers = Registers(relativeSD)
        for part in jobs.collect(self._map_partitions(registers, False)):
            registers.merge(part)
        return registers.estimate()


def _added(parts: Iterable[float]) -> float:
    return sum(parts, 0.0)


def _exact(value: float) -> BoundedFloat:
    return BoundedFloat(value, 1.0, value, value)


BoundedFloat.__module__ = "pyspark.core.rdd"
