"""``MulticlassMetrics``: everything follows from how often each label was taken for each."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.sql import functions

from firesteel.mllib.java import ModelObject
from firesteel.mllib.worker.matrices import dense

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame


class MulticlassMetrics(ModelObject):
    """Rates of predicted labels.

    Parameters
    ----------
    frame : DataFrame
        ``prediction``, ``label`` and perhaps ``weight`` and ``probability``.
    """

    def __init__(self, frame: DataFrame) -> None:
        super().__init__()
        self._frame = frame

    @cached_property
    def _counts(self) -> tuple[list[float], Any]:
        """Labels, and weights by label (rows) and prediction (columns)."""
        weight = functions.col("weight") if "weight" in self._frame.columns else functions.lit(1.0)
        rows = self._frame.groupBy("label", "prediction").agg(functions.sum(weight)).collect()
        labels = sorted({row[0] for row in rows} | {row[1] for row in rows})
        places = {label: place for place, label in enumerate(labels)}
        counts = np.zeros((len(labels), len(labels)))
        for label, prediction, total in rows:
            counts[places[label], places[prediction]] += total
        return labels, counts

    def _rates(self, hits: Any, of: Any) -> Any:
        return np.divide(hits, of, out=np.zeros_like(hits), where=of != 0)

    @property
    def _recalls(self) -> Any:
        counts = self._counts[1]
        return self._rates(np.diag(counts).copy(), counts.sum(axis=1))

    @property
    def _precisions(self) -> Any:
        counts = self._counts[1]
        return self._rates(np.diag(counts).copy(), counts.sum(axis=0))

    @property
    def _false_positive_rates(self) -> Any:
        counts = self._counts[1]
        return self._rates(counts.sum(axis=0) - np.diag(counts), counts.sum() - counts.sum(axis=1))

    def _f_measures(self, beta: float) -> Any:
        precisions, recalls = self._precisions, self._recalls
        return self._rates((1 + beta * beta) * precisions * recalls, beta * beta * precisions + recalls)

    def _of(self, values: Any, label: float) -> float:
        return float(values[self._counts[0].index(label)])

    def _weighted(self, values: Any) -> float:
        weights = self._counts[1].sum(axis=1)
        return float((values * weights).sum() / weights.sum())

    def confusionMatrix(self) -> Any:
        """Return weights by label (rows) and prediction (columns), in the order of labels."""
        return dense(self._counts[1])

    def truePositiveRate(self, label: float) -> float:
        """Return how much of a label was predicted as such."""
        return self.recall(label)

    def falsePositiveRate(self, label: float) -> float:
        """Return how much of other labels was taken for this."""
        return self._of(self._false_positive_rates, label)

    def precision(self, label: float) -> float:
        """Return how much of what was taken for a label is."""
        return self._of(self._precisions, label)

    def recall(self, label: float) -> float:
        """Return how much of a label was predicted as such."""
        return self._of(self._recalls, label)

    def fMeasure(self, label: float, beta: float = 1.0) -> float:
        """Return the harmonic mean of precision and recall, the latter `beta` times as heavy."""
        return self._of(self._f_measures(beta), label)

    def accuracy(self) -> float:
        """Return how much was predicted rightly."""
        counts = self._counts[1]
        return float(np.trace(counts) / counts.sum())

    def weightedTruePositiveRate(self) -> float:
        """Return the mean over labels, by their weight."""
        return self.weightedRecall()

    def weightedFalsePositiveRate(self) -> float:
        """Return the mean over labels, by their weight."""
        return self._weighted(self._false_positive_rates)

    def weightedRecall(self) -> float:
        """Return the mean over labels, by their weight."""
        return self._weighted(self._recalls)

    def weightedPrecision(self) -> float:
        """Return the mean over labels, by their weight."""
        return self._weighted(self._precisions)

    def weightedFMeasure(self, beta: float = 1.0) -> float:
        """Return the mean over labels, by their weight."""
        return self._weighted(self._f_measures(beta))

    def logLoss(self, eps: float = 1e-15) -> float:
        """Return the mean of minus the logarithm of the label's probability, kept `eps` away from 0 and 1."""
        from pyspark.ml.functions import array_to_vector

        frame = self._frame.withColumn("probability", array_to_vector(self._frame["probability"]))
        made: Any = MulticlassClassificationEvaluator
        evaluator = made(metricName="logLoss", eps=eps)
        if "weight" in frame.columns:
            evaluator.setWeightCol("weight")
        return float(evaluator.evaluate(frame))


CLASSES = {"evaluation.MulticlassMetrics": MulticlassMetrics}
