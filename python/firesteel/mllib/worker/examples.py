"""Labeled vectors as arrays, dense or sparse, and a partition of them made into one; in workers and at the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.mllib.linalg import SparseVector

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Examples:
    """Labels and features of some examples.

    Parameters
    ----------
    labels : ndarray
        One per example.
    columns : int
        Number of features.
    dense : ndarray or None
        One row per example; None if they are sparse.
    starts, places, values : ndarray, optional
        Of sparse examples: where each begins, and the features that it has.
    """

    def __init__(
        self, labels: Any, columns: int, dense: Any, starts: Any = None, places: Any = None, values: Any = None
    ) -> None:
        self.labels, self.columns, self.dense = labels, columns, dense
        self.starts, self.places, self.values = starts, places, values

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.labels)

    def times(self, weights: Any) -> Any:
        """Return features times weights: one number, or one row of them, per example."""
        if self.dense is not None:
            return self.dense @ weights
        numbers = np.repeat(np.arange(len(self)), np.diff(self.starts))
        if weights.ndim == 1:
            return np.bincount(numbers, self.values * weights[self.places], len(self))
        found = [np.bincount(numbers, self.values * column[self.places], len(self)) for column in weights.T]
        return np.stack(found, axis=1)

    def weighted(self, factors: Any) -> Any:
        """Return the sum of the examples' features, each times its factor (or its row of them)."""
        if self.dense is not None:
            return self.dense.T @ factors
        repeated = np.repeat(factors, np.diff(self.starts), axis=0)
        if factors.ndim == 1:
            return np.bincount(self.places, self.values * repeated, self.columns)
        found = [np.bincount(self.places, self.values * column, self.columns) for column in repeated.T]
        return np.stack(found, axis=1)

    def with_bias(self) -> Examples:
        """Return the examples with one more feature that is always 1."""
        if self.dense is not None:
            return Examples(self.labels, self.columns + 1, np.column_stack([self.dense, np.ones(len(self))]))
        ends = self.starts[1:]
        return Examples(
            self.labels,
            self.columns + 1,
            None,
            self.starts + np.arange(len(self.starts)),
            np.insert(self.places, ends, self.columns),
            np.insert(self.values, ends, 1.0),
        )

    def scaled(self, factors: Any) -> Examples:
        """Return the examples with each feature times its factor."""
        if self.dense is not None:
            return Examples(self.labels, self.columns, self.dense * factors)
        return Examples(self.labels, self.columns, None, self.starts, self.places, self.values * factors[self.places])

    def some(self, chosen: Any) -> Examples:
        """Return the examples that a mask chooses."""
        if self.dense is not None:
            return Examples(self.labels[chosen], self.columns, self.dense[chosen])
        sizes = np.diff(self.starts)
        kept = np.repeat(chosen, sizes)
        starts = np.concatenate([[0], np.cumsum(sizes[chosen])])
        return Examples(self.labels[chosen], self.columns, None, starts, self.places[kept], self.values[kept])


def pack(points: Iterable[Any]) -> Iterator[Examples]:
    """Return a partition's ``LabeledPoint`` as one `Examples`, nothing if there are none."""
    labels, vectors = [], []
    for point in points:
        labels.append(point.label)
        vectors.append(point.features)
    if not vectors:
        return
    columns = len(vectors[0])
    if any(len(vector) != columns for vector in vectors):
        raise ValueError("requirement failed: all vectors must have the same number of features")
    if all(isinstance(vector, SparseVector) for vector in vectors):
        starts = np.concatenate([[0], np.cumsum([len(vector.indices) for vector in vectors])])
        places = np.concatenate([vector.indices for vector in vectors]).astype(np.int64)
        values = np.concatenate([vector.values for vector in vectors])
        yield Examples(np.array(labels), columns, None, starts, places, values)
    else:
        yield Examples(np.array(labels), columns, np.array([vector.toArray() for vector in vectors]))
