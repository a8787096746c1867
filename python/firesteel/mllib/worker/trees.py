"""Decision trees and what they predict; in workers and at the driver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


class Node:
    """A node of a tree.

    Parameters
    ----------
    prediction : float
        What is predicted at a leaf.
    feature : int
        Which feature tells left from right; -1 at a leaf.
    threshold : float or None
        Up to which value an example goes left.
    categories : frozenset of float or None
        Or the categories that go left.
    left, right : Node or None
        Where examples go.
    """

    __slots__ = ("categories", "feature", "left", "prediction", "right", "threshold")

    def __init__(
        self,
        prediction: float,
        feature: int = -1,
        threshold: float | None = None,
        categories: frozenset[float] | None = None,
        left: Node | None = None,
        right: Node | None = None,
    ) -> None:
        self.prediction, self.feature, self.threshold = prediction, feature, threshold
        self.categories, self.left, self.right = categories, left, right

    def predict(self, values: Any) -> float:
        """Return what is predicted for the values of an example."""
        node: Any = self
        while node.left is not None and node.right is not None:
            value = values[node.feature]
            if node.threshold is not None:
                node = node.left if value <= node.threshold else node.right
            else:
                node = node.left if value in (node.categories or ()) else node.right
        return float(node.prediction)

    def numbered(self, number: int = 1) -> Iterator[tuple[int, Node]]:
        """Return this node and those below, numbered as in a full tree whose root is 1."""
        yield number, self
        if self.left is not None and self.right is not None:
            yield from self.left.numbered(2 * number)
            yield from self.right.numbered(2 * number + 1)

    def size(self) -> int:
        """Return how many nodes there are."""
        return sum(1 for _ in self.numbered())

    def depth(self) -> int:
        """Return how many decisions lie between the root and the deepest leaf."""
        return max(number for number, _ in self.numbered()).bit_length() - 1


class Ensemble:
    """Trees with weights, and how they decide together.

    Parameters
    ----------
    trees : list of Node
        Their roots.
    weights : list of float
        One per tree.
    combining : str
        ``vote``, ``average`` or ``sum``.
    classifies : bool
        Whether predictions are classes.
    """

    def __init__(self, trees: list[Node], weights: list[float], combining: str, classifies: bool) -> None:
        self.trees, self.weights = trees, weights
        self.combining, self.classifies = combining, classifies

    def __call__(self, vector: Any) -> float:
        """Return the prediction for a vector."""
        values = vector.toArray()
        found = [tree.predict(values) for tree in self.trees]
        if self.combining == "vote":
            votes: dict[int, float] = {}
            for prediction, weight in zip(found, self.weights, strict=True):
                votes[int(prediction)] = votes.get(int(prediction), 0.0) + weight
            return float(max(votes, key=lambda label: (votes[label], -label)))
        total = float(np.dot(found, self.weights))
        if self.combining == "average":
            return total / sum(self.weights)
        return float(total > 0.0) if self.classifies else total
