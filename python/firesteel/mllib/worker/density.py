"""Densities of normal kernels; in workers."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Densities:
    """Sums of the densities of a partition's numbers at some points, and how many numbers there are.

    Parameters
    ----------
    points : ndarray
        Where.
    bandwidth : float
        Standard deviation of a kernel.
    """

    def __init__(self, points: Any, bandwidth: float) -> None:
        self.points, self.bandwidth = points, bandwidth

    def __call__(self, numbers: Iterable[float]) -> Iterator[tuple[Any, int]]:
        """Return the partition's sums."""
        total, count = np.zeros(len(self.points)), 0
        rest = iter(numbers)
        while batch := list(islice(rest, 1024)):
            steps = (self.points[None, :] - np.array(batch, dtype=float)[:, None]) / self.bandwidth
            total += np.exp(-0.5 * steps * steps).sum(axis=0)
            count += len(batch)
        yield total / (self.bandwidth * math.sqrt(2 * math.pi)), count

    @staticmethod
    def merge(left: Any, right: Any) -> Any:
        """Return the sums of two partitions."""
        return left[0] + right[0], left[1] + right[1]
