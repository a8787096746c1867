"""How good a ranking is, per query: predictions, relevant items, perhaps how relevant they are; in workers.

A query without relevant items counts as zero, as in Spark.
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
        return self.measure(predicted, relevant, list(row[2]) if len(row) > 2 else [])

    def measure(self, predicted: list[Any], relevant: list[Any], relevance: list[float]) -> float:
        """Return the measure."""
        raise NotImplementedError

    def hits(self, predicted: list[Any], relevant: list[Any]) -> int:
        """Return how many of the first predictions are relevant."""
        wanted = set(relevant)
        return sum(item in wanted for item in predicted[: self.k])


class Precision(_OfFirst):
    """Relevant predictions of `k`."""

    def measure(self, predicted: list[Any], relevant: list[Any], relevance: list[float]) -> float:
        """Return it."""
        del relevance
        assert self.k is not None
        return self.hits(predicted, relevant) / self.k


class Recall(_OfFirst):
    """Relevant predictions of all that is relevant."""

    def measure(self, predicted: list[Any], relevant: list[Any], relevance: list[float]) -> float:
        """Return it."""
        del relevance
        return self.hits(predicted, relevant) / len(set(relevant))


class AveragePrecision(_OfFirst):
    """Mean of the precision at each relevant prediction."""

    def measure(self, predicted: list[Any], relevant: list[Any], relevance: list[float]) -> float:
        """Return it."""
        del relevance
        wanted = set(relevant)
        total, count = 0.0, 0
        for place, item in enumerate(predicted[: self.k], 1):
            if item in wanted:
                count += 1
                total += count / place
        return total / (len(wanted) if self.k is None else min(len(wanted), self.k))


class Gain(_OfFirst):
    """Discounted gain of the predictions, over that of the best order."""

    def measure(self, predicted: list[Any], relevant: list[Any], relevance: list[float]) -> float:
        """Return it."""
        assert self.k is not None
        graded = bool(relevance)
        gains = dict(zip(relevant, relevance, strict=False)) if graded else dict.fromkeys(relevant, 1.0)
        gain = best = 0.0
        length = min(max(len(predicted), len(gains)), self.k)
        for place in range(length):
            discount = math.log(place + 2)
            if place < len(predicted) and predicted[place] in gains:
                found = gains[predicted[place]]
                gain += (2.0**found - 1.0 if graded else 1.0) / discount
            if graded and place < len(relevance):
                best += (2.0 ** relevance[place] - 1.0) / discount
            elif not graded and place < len(gains):
                best += 1.0 / discount
        return gain / best if best else 0.0
