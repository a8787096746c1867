"""``RankingMetrics``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firesteel.mllib.java import ModelObject
from firesteel.mllib.worker.ranking import AveragePrecision, Gain, Precision, Recall

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pyspark.sql.connect.dataframe import DataFrame


class RankingMetrics(ModelObject):
    """Means over queries.

    Parameters
    ----------
    frame : DataFrame
        What was predicted, the best first; what is relevant.
    """

    def __init__(self, frame: DataFrame) -> None:
        super().__init__()
        self._rows = frame.rdd

    def precisionAt(self, k: int) -> float:
        """Return how much of the first `k` predictions is relevant."""
        return self._mean(Precision(_positive(k)))

    def recallAt(self, k: int) -> float:
        """Return how much of what is relevant is among the first `k` predictions."""
        return self._mean(Recall(_positive(k)))

    def meanAveragePrecision(self) -> float:
        """Return the mean of the precision at each relevant prediction."""
        return self._mean(AveragePrecision(None))

    def meanAveragePrecisionAt(self, k: int) -> float:
        """Return the same over the first `k` predictions."""
        return self._mean(AveragePrecision(_positive(k)))

    def ndcgAt(self, k: int) -> float:
        """Return the normalized discounted cumulative gain of the first `k` predictions."""
        return self._mean(Gain(_positive(k)))

    def _mean(self, metric: Callable[[Any], float]) -> float:
        return float(self._rows.map(metric).mean())


def _positive(k: int) -> int:
    if k <= 0:
        raise ValueError("requirement failed: ranking position k should be positive")
    return k


FUNCTIONS = {"newRankingMetrics": RankingMetrics}
