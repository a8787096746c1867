"""RDD: random samples."""

from __future__ import annotations

import random
import sys
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING, Any

from pyspark.rddsampler import RDDRangeSampler, RDDSampler, RDDStratifiedSampler

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from firesteel.rdd.core import RDD

# A sample of this many standard deviations more than is wanted has too few items about never.
_DEVIATIONS = 10.0


class Sampling:
    """Methods of `RDD` that choose at random. See PySpark's ``RDD`` for what they mean; seeds choose as there."""

    def sample(self: Any, withReplacement: bool, fraction: float, seed: int | None = None) -> RDD[Any]:
        """Return an RDD of about ``fraction`` of the items, or of each about `fraction` times.

        Raises
        ------
        ValueError
            `fraction` is negative.
        """
        if not fraction >= 0:
            raise ValueError("Fraction must be nonnegative.")
        return self._map_partitions(RDDSampler(withReplacement, fraction, seed).func, True)

    def randomSplit(self: Any, weights: Sequence[float], seed: int | None = None) -> list[RDD[Any]]:
        """Return RDDs, each item in one of them, of sizes about as `weights`.

        Raises
        ------
        ValueError
            A weight is negative, or all are 0.
        """
        if not all(weight >= 0 for weight in weights):
            raise ValueError("Weights must be nonnegative")
        total = float(sum(weights))
        if not total > 0:
            raise ValueError("Sum of weights must be positive")
        bounds = [0.0]
        for weight in weights:
            bounds.append(bounds[-1] + weight / total)
        if seed is None:
            seed = random.randint(0, 2**32 - 1)  # noqa: S311
        samplers = [RDDRangeSampler(low, high, seed) for low, high in pairwise(bounds)]
        return [self._map_partitions(sampler.func, True) for sampler in samplers]

    def sampleByKey(
        self: Any, withReplacement: bool, fractions: Mapping[Any, float], seed: int | None = None
    ) -> RDD[Any]:
        """Return an RDD of about ``fractions[key]`` of the pairs of each key."""
        for fraction in fractions.values():
            assert fraction >= 0.0, f"Negative fraction value: {fraction}"
        sampler: Any = RDDStratifiedSampler(withReplacement, dict(fractions), seed)
        return self._map_partitions(sampler.func, True)

    def takeSample(self: Any, withReplacement: bool, num: int, seed: int | None = None) -> list[Any]:
        """Return `num` items chosen at random, in random order; all if there are fewer and none may come twice.

        Raises
        ------
        ValueError
            `num` is negative or too large.
        """
        most = sys.maxsize - int(_DEVIATIONS * sqrt(sys.maxsize))
        if num < 0:
            raise ValueError("Sample size cannot be negative.")
        if num > most:
            raise ValueError(f"Sample size cannot be greater than {most}.")
        if num == 0 or self.getNumPartitions() == 0:
            return []
        count = self.count()
        if count == 0:
            return []
        chooser = random.Random(seed)  # noqa: S311
        if not withReplacement and num >= count:
            items: list[Any] = self.collect()
            chooser.shuffle(items)
            return items
        fraction = self._computeFractionForSampleSize(num, count, withReplacement)
        items = self.sample(withReplacement, fraction, seed).collect()
        while len(items) < num:
            seed = chooser.randint(0, sys.maxsize)
            items = self.sample(withReplacement, fraction, seed).collect()
        chooser.shuffle(items)
        return items[:num]

    @staticmethod
    def _computeFractionForSampleSize(sampleSizeLowerBound: int, total: int, withReplacement: bool) -> float:
        """Return a fraction that gives at least so many items 9,999 times in 10,000."""
        fraction = float(sampleSizeLowerBound) / total
        if withReplacement:
            deviations = 9 if sampleSizeLowerBound < 12 else 5
            return fraction + deviations * sqrt(fraction / total)
        gamma = -log(5e-05) / total
        return min(1, fraction + gamma + sqrt(gamma * gamma + 2 * gamma * fraction))
