"""``MultilabelMetrics``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.evaluation import MultilabelClassificationEvaluator

from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from pyspark.sql.connect.dataframe import DataFrame


class MultilabelMetrics(ModelObject):
    """Rates of predicted sets of labels.

    Parameters
    ----------
    frame : DataFrame
        Predicted and true labels, as arrays.
    """

    def __init__(self, frame: DataFrame) -> None:
        super().__init__()
        self._frame = frame.toDF("prediction", "label")

    def precision(self, label: float | None = None) -> float:
        """Return the mean over documents, or that of one label."""
        return self._metric("precision", label)

    def recall(self, label: float | None = None) -> float:
        """Return the mean over documents, or that of one label."""
        return self._metric("recall", label)

    def f1Measure(self, label: float | None = None) -> float:
        """Return the mean over documents, or that of one label."""
        return self._metric("f1Measure", label)

    def microPrecision(self) -> float:
        """Return the precision over all labels of all documents."""
        return self._metric("microPrecision")

    def microRecall(self) -> float:
        """Return the recall over all labels of all documents."""
        return self._metric("microRecall")

    def microF1Measure(self) -> float:
        """Return the F1 measure over all labels of all documents."""
        return self._metric("microF1Measure")

    def hammingLoss(self) -> float:
        """Return the part of labels that are wrong."""
        return self._metric("hammingLoss")

    def subsetAccuracy(self) -> float:
        """Return the part of documents whose labels are all right."""
        return self._metric("subsetAccuracy")

    def accuracy(self) -> float:
        """Return the mean over documents of labels in both over labels in either."""
        return self._metric("accuracy")

    def _metric(self, name: str, label: float | None = None) -> float:
        made: Any = MultilabelClassificationEvaluator
        if label is None:
            return float(made(metricName=name).evaluate(self._frame))
        return float(made(metricName=f"{name}ByLabel", metricLabel=label).evaluate(self._frame))


CLASSES = {"evaluation.MultilabelMetrics": MultilabelMetrics}
