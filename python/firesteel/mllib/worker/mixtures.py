"""Mixtures of normal distributions; in workers and at the driver."""

from __future__ import annotations

import math
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_EPSILON = float(np.finfo(float).eps)


class Mixture:
    """Weights, means and covariances of distributions.

    Parameters
    ----------
    weights : ndarray
        One per distribution.
    means : ndarray
        One row per distribution.
    covariances : ndarray
        One matrix per distribution; singular ones count by what of them is not.
    """

    def __init__(self, weights: Any, means: Any, covariances: Any) -> None:
        self.weights, self.means, self.covariances = weights, means, covariances
        self._roots, self._constants = [], []
        for covariance in covariances:
            values, vectors = np.linalg.eigh(covariance)
            kept = values > _EPSILON * max(values.max(), 0.0) * len(values)
            inverse = np.divide(1.0, np.sqrt(np.where(kept, values, 1.0))) * kept
            self._roots.append(inverse[:, None] * vectors.T)
            logarithm = float(np.log(values[kept]).sum())
            self._constants.append(-0.5 * (len(values) * math.log(2 * math.pi) + logarithm))

    def densities(self, rows: Any) -> Any:
        """Return weight times density, one row per row and one column per distribution."""
        found = []
        for weight, mean, root, constant in zip(self.weights, self.means, self._roots, self._constants, strict=True):
            steps = (rows - mean) @ root.T
            found.append(weight * np.exp(constant - 0.5 * (steps * steps).sum(axis=1)))
        return np.stack(found, axis=1) + _EPSILON

    def __call__(self, vector: Any) -> Any:
        """Return how much a vector belongs to each distribution."""
        found = self.densities(vector.toArray()[None, :])[0]
        return found / found.sum()


class Expectation:
    """Sums over a partition that the next mixture follows from: weights, values, their products, log-likelihood."""

    def __init__(self, mixture: Mixture) -> None:
        self.mixture = mixture

    def __call__(self, vectors: Iterable[Any]) -> Iterator[Any]:
        """Return the partition's sums."""
        k, size = self.mixture.means.shape
        weights, sums, products, likelihood = np.zeros(k), np.zeros((k, size)), np.zeros((k, size, size)), 0.0
        rest = iter(vectors)
        while batch := [vector.toArray() for vector in islice(rest, 1024)]:
            rows = np.array(batch)
            found = self.mixture.densities(rows)
            totals = found.sum(axis=1)
            likelihood += float(np.log(totals).sum())
            shares = found / totals[:, None]
            weights += shares.sum(axis=0)
            sums += shares.T @ rows
            products += np.einsum("nk,ni,nj->kij", shares, rows, rows)
        yield weights, sums, products, likelihood

    @staticmethod
    def merge(left: Any, right: Any) -> Any:
        """Return the sums of two partitions."""
        return tuple(mine + others for mine, others in zip(left, right, strict=True))
