"""How good a ranking is, per query: predictions and relevant items; in workers.

A query without relevant items counts as zero, and how relevant items are is not looked at, as in PySpark.
"""

from __future__ import annotations

import math
from typing import Any


class _OfFirst:
    """A measure of the first `k` predictions, of all if it is None."""

    def __init__(self, k: int | None) -> None:
        self.k = k

    def __call__(self, row: Any) -> float:
        """Return the measure of a query."""
        predicted, relevant = list(row[0]), list(row[1])
        if not relevant:
            return 0.0
        return self.measure(predicted, relevant)

    def measure(self, predicted: list[Any], relevant: list[Any]) -> float:
        """Return the measure."""
        raise NotImplementedError

    def hits(self, predicted: list[Any], relevant: list[Any]) -> int:
        """Return how many of the first predictions are relevant."""
        wanted = set(relevant)
        return sum(item in wanted for item in predicted[: self.k])


class Precision(_OfFirst):
    """Relevant predictions of `k`."""

    def measure(self, predicted: list[Any], relevant: list[Any]) -> float:
        """Return it."""
        assert self.k is not None
        return self.hits(predicted, relevant) / self.k


class Recall(_OfFirst):
    """Relevant predictions of all that is relevant."""

    def measure(self, predicted: list[Any], relevant: list[Any]) -> float:
        """Return it."""
        return self.hits(predicted, relevant) / len(set(relevant))


class AveragePrecision(_OfFirst):
    """Mean of the precision at each relevant prediction."""

    def measure(self, predicted: list[Any], relevant: list[Any]) -> float:
        """Return it."""
        wanted = set(relevant)
        total, count = 0.0, 0
        for place, item in enumerate(predicted[: self.k], 1):
            if item in wanted:
                count += 1
                total += count / place
        return total / (len(wanted) if self.k is None else min(len(wanted), self.k))


class Gain(_OfFirst):
    """Discounted gain of the predictions, over that of the best order."""

    def measure(self, predicted: list[Any], relevant: list[Any]) -> float:
        """Return it."""
        assert self.k is not None
        wanted = set(relevant)
        gain = best = 0.0
        for place in range(min(max(len(predicted), len(wanted)), self.k)):
            discount = math.log(place + 2)
            if place < len(predicted) and predicted[place] in wanted:
                gain += 1.0 / discount
            if place < len(wanted):
                best += 1.0 / discount
        return gain / best
