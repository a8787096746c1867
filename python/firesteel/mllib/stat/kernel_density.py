"""Density estimates: ``KernelDensity``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from firesteel.mllib.worker.density import Densities

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firesteel.rdd.core import RDD


def estimate(sample: RDD[Any], bandwidth: float, points: Sequence[float]) -> list[float]:
    """Return the density at each of `points`, of normal kernels around a sample."""
    if bandwidth <= 0:
        raise ValueError(f"requirement failed: Bandwidth must be positive, but got {bandwidth}.")
    sums = Densities(np.array(points, dtype=float), float(bandwidth))
    total, count = sample.mapPartitions(sums).treeReduce(sums.merge)
    return [float(value) for value in total / count]


FUNCTIONS = {"estimateKernelDensity": estimate}
