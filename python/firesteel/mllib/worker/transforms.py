"""Transformations of single vectors; in workers and at the driver."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyspark.mllib.linalg import DenseVector, SparseVector


def scaled(vector: Any, factors: Any) -> Any:
    """Return a vector times `factors`, value by value; a sparse one stays sparse."""
    if isinstance(vector, SparseVector):
        return SparseVector(vector.size, vector.indices, vector.values * factors[vector.indices])
    return DenseVector(vector.toArray() * factors)


def check_size(expected: int, vector: Any) -> None:
    """Raise ValueError if a vector has another size."""
    if len(vector) != expected:
        raise ValueError(f"requirement failed: vector sizes do not match: Expected {expected} but found {len(vector)}.")


class Normalized:
    """To length one, by a norm.

    Parameters
    ----------
    p : float
        Which norm; infinity for the largest magnitude.
    """

    def __init__(self, p: float) -> None:
        self.p = p

    def __call__(self, vector: Any) -> Any:
        """Return the vector; one of length zero as it is."""
        length = float(np.linalg.norm(vector.toArray(), self.p))
        if length == 0.0:
            return vector
        return scaled(vector, np.full(len(vector), 1.0 / length))


class Standardized:
    """Minus the mean, times factors.

    Parameters
    ----------
    mean, factors : ndarray or None
        Per value; None for none.
    """

    def __init__(self, mean: Any, factors: Any) -> None:
        self.mean, self.factors = mean, factors

    def __call__(self, vector: Any) -> Any:
        """Return the vector; dense if a mean is subtracted."""
        if self.mean is None:
            if self.factors is None:
                return vector
            check_size(len(self.factors), vector)
            return scaled(vector, self.factors)
        check_size(len(self.mean), vector)
        values = vector.toArray() - self.mean
        return DenseVector(values if self.factors is None else values * self.factors)


class Selected:
    """Some of the values.

    Parameters
    ----------
    indices : list of int
        Which, in ascending order.
    """

    def __init__(self, indices: list[int]) -> None:
        self.indices = np.array(indices, dtype=np.int64)

    def __call__(self, vector: Any) -> Any:
        """Return the vector of them; a sparse one stays sparse."""
        values = vector.toArray()[self.indices]
        if isinstance(vector, SparseVector):
            kept = np.flatnonzero(np.isin(self.indices, vector.indices))
            return SparseVector(len(values), kept, values[kept])
        return DenseVector(values)


class Projected:
    """A matrix times the vector.

    Parameters
    ----------
    matrix : ndarray
        One column per value of the answer.
    """

    def __init__(self, matrix: Any) -> None:
        self.matrix = matrix

    def __call__(self, vector: Any) -> DenseVector:
        """Return the products with the columns."""
        check_size(len(self.matrix), vector)
        return DenseVector(vector.toArray() @ self.matrix)


class Weighted:
    """Value by value times weights.

    Parameters
    ----------
    weights : ndarray
        The weights.
    """

    def __init__(self, weights: Any) -> None:
        self.weights = weights

    def __call__(self, vector: Any) -> Any:
        """Return the products; of a sparse vector a sparse one."""
        check_size(len(self.weights), vector)
        return scaled(vector, self.weights)
