"""RDD: statistics of numbers."""

from __future__ import annotations

import operator
from functools import reduce
from itertools import pairwise
from math import isinf, isnan
from typing import TYPE_CHECKING, Any

from firesteel.rdd import jobs
from firesteel.rdd.worker import functions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyspark.statcounter import StatCounter


class Numeric:
    """Methods of `RDD` that compute with items. See PySpark's ``RDD`` for what they mean."""

    def max(self: Any, key: Callable[[Any], Any] | None = None) -> Any:
        """Return the largest item."""
        return self.reduce(max if key is None else functions.Extreme(key, largest=True))

    def min(self: Any, key: Callable[[Any], Any] | None = None) -> Any:
        """Return the smallest item."""
        return self.reduce(min if key is None else functions.Extreme(key, largest=False))

    def sum(self: Any) -> Any:
        """Return the sum of the items, from 0."""
        parts = jobs.collect(self._map_partitions(functions.OfPartition(functions.total), False))
        return reduce(operator.add, parts, 0)

    def stats(self: Any) -> StatCounter:
        """Return count, mean, variance and extremes."""
        parts = jobs.collect(self._map_partitions(functions.OfPartition(functions.stats), False))
        if not parts:
            raise ValueError("Can not reduce() empty RDD")
        return reduce(lambda a, b: a.mergeStats(b), parts)

    def mean(self: Any) -> float:
        """Return the mean."""
        return self.stats().mean()

    def variance(self: Any) -> float:
        """Return the variance of the items as all there are."""
        return self.stats().variance()

    def stdev(self: Any) -> float:
        """Return the standard deviation of the items as all there are."""
        return self.stats().stdev()

    def sampleVariance(self: Any) -> float:
        """Return the variance estimated from the items as a sample."""
        return self.stats().sampleVariance()

    def sampleStdev(self: Any) -> float:
        """Return the standard deviation estimated from the items as a sample."""
        return self.stats().sampleStdev()

    def histogram(self: Any, buckets: int | Sequence[Any]) -> tuple[Sequence[Any], list[int]]:
        """Return buckets' bounds and how many items lie in each; the last has its upper bound too.

        Parameters
        ----------
        buckets : int or sequence
            Number of buckets of the same width between the smallest and the largest item, or bounds.

        Raises
        ------
        ValueError
            Fewer than one bucket, bounds that are not ascending, or nothing to find bounds from.
        TypeError
            Items cannot be subtracted, or `buckets` is something else.
        """
        if isinstance(buckets, int):
            bounds, width, counts = self._even_buckets(buckets)
            if counts is not None:
                return bounds, counts
        elif isinstance(buckets, (list, tuple)):
            bounds, width = buckets, _width(buckets)
        else:
            raise TypeError("buckets should be a list or tuple or number(int or long)")
        parts = jobs.collect(self._map_partitions(functions.Buckets(bounds, width), False))
        if not parts:
            raise ValueError("Can not reduce() empty RDD")
        return bounds, [sum(counts) for counts in zip(*parts, strict=True)]

    def _even_buckets(self: Any, n: int) -> tuple[Sequence[Any], Any, list[int] | None]:
        """Return bounds and width, and the counts where there is one bucket."""
        if n < 1:
            raise ValueError("number of buckets must be >= 1")
        items = self.filter(functions.is_comparable)
        extremes = jobs.collect(items._map_partitions(functions.Extremes(), False))
        if not extremes:
            raise ValueError("Can not reduce() empty RDD")
        low, high = min(pair[0] for pair in extremes), max(pair[1] for pair in extremes)
        if low == high or n == 1:
            return [low, high], None, [items.count()]
        try:
            width = (high - low) / n
        except TypeError:
            raise TypeError("Can not generate buckets with non-number in RDD") from None
        if isinf(width):
            raise ValueError("Can not generate buckets with infinite value")
        # Whole numbers where they serve.
        width = int(width)
        if width * n != high - low:
            width = (high - low) * 1.0 / n
        return [*(i * width + low for i in range(n)), high], width, None


def _width(bounds: Sequence[Any]) -> Any:
    """Return the width of all buckets between `bounds`, None if they differ."""
    if len(bounds) < 2:
        raise ValueError("buckets should have more than one value")
    if any(bound is None or (isinstance(bound, float) and isnan(bound)) for bound in bounds):
        raise ValueError("can not have None or NaN in buckets")
    if sorted(bounds) != list(bounds):
        raise ValueError("buckets should be sorted")
    if len(set(bounds)) != len(bounds):
        raise ValueError("buckets should not contain duplicated values")
    try:
        steps = [high - low for low, high in pairwise(bounds)]
    except TypeError:
        return None
    return (bounds[-1] - bounds[0]) / (len(bounds) - 1) if max(steps) - min(steps) < 1e-10 else None
