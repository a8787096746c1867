"""Distances to centres of clusters; in workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def closest(centers: Any, point: Any) -> tuple[int, float]:
    """Return number and squared distance of the closest of `centers`, a matrix with one per row."""
    differences = centers - point
    distances = np.einsum("ij,ij->i", differences, differences)
    number = int(np.argmin(distances))
    return number, float(distances[number])


class Lloyd:
    """One step of Lloyd's algorithm over a partition: sums, counts and cost per cluster.

    Parameters
    ----------
    centers : ndarray
        One centre per row.
    cosine : bool
        Whether points are compared by their angle.
    """

    def __init__(self, centers: Any, cosine: bool) -> None:
        self.centers = centers
        self.cosine = cosine

    def __call__(self, vectors: Iterable[Any]) -> Iterator[tuple[Any, Any, float]]:
        """Return the partition's sums."""
        sums, counts, cost = np.zeros_like(self.centers), np.zeros(len(self.centers)), 0.0
        for vector in vectors:
            point = vector.toArray()
            if self.cosine:
                point = point / np.linalg.norm(point)
            number, distance = closest(self.centers, point)
            sums[number] += point
            counts[number] += 1
            cost += distance
        yield sums, counts, cost

    @staticmethod
    def merge(left: Any, right: Any) -> Any:
        """Return the sums of two partitions."""
        return left[0] + right[0], left[1] + right[1], left[2] + right[2]
