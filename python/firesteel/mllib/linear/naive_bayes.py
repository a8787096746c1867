"""Naive Bayes: ``NaiveBayes`` and its model on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.errors import SparkRuntimeException
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib import saved
from firesteel.mllib.java import ModelObject
from firesteel.mllib.worker.label_sums import LabelSums

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD

_SAVED_CLASS = "org.apache.spark.mllib.classification.NaiveBayesModel"


class NaiveBayesModel(ModelObject):
    """Logarithms of the probabilities of labels, and of features given a label.

    Parameters
    ----------
    labels : list of float
        The labels.
    pi : list of float
        One per label.
    theta : list of list of float
        One row per label.
    """

    def __init__(self, labels: Any, pi: Any, theta: Any, kind: str = "multinomial") -> None:
        super().__init__()
        self._labels, self._pi, self._theta = list(labels), list(pi), [list(row) for row in theta]
        self._kind = kind

    def labels(self) -> list[float]:
        """Return the labels."""
        return self._labels

    def pi(self) -> list[float]:
        """Return the logarithms of their probabilities."""
        return self._pi

    def theta(self) -> list[list[float]]:
        """Return the logarithms of the probabilities of features, one row per label."""
        return self._theta

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        schema = saved.fields(
            labels=saved.DOUBLES, pi=saved.DOUBLES, theta=saved.DOUBLES_OF_DOUBLES, modelType="string"
        )
        metadata = {"numFeatures": len(self._theta[0]), "numClasses": len(self._pi)}
        rows = [(self._labels, self._pi, self._theta, self._kind)]
        saved.write(sc, path, _SAVED_CLASS, "2.0", metadata, rows, schema)

    @staticmethod
    def load(sc: SparkContext, path: str) -> NaiveBayesModel:
        """Read what `save` or Spark wrote."""
        metadata = saved.metadata(sc, path, _SAVED_CLASS, ("1.0", "2.0"))
        row: Any = saved.data(sc, path).first()
        kind = row["modelType"] if metadata["version"] == "2.0" else "multinomial"
        return NaiveBayesModel(row["labels"], row["pi"], row["theta"], kind)


def train(data: RDD[Any], smoothing: float) -> list[Any]:
    """Return labels, the logarithms of their probabilities, and of features given a label."""
    sums = LabelSums()
    found = data.mapPartitions(sums).treeReduce(sums.merge)
    labels = sorted(found)
    counts = np.array([found[label][0] for label in labels], dtype=float)
    totals = np.array([found[label][1] for label in labels])
    if not (totals >= 0).all() or any(found[label][2] for label in labels):
        raise SparkRuntimeException("Naive Bayes requires nonnegative feature values.")
    pi = np.log(counts + smoothing) - np.log(counts.sum() + len(labels) * smoothing)
    theta = np.log(totals + smoothing) - np.log(totals.sum(axis=1) + totals.shape[1] * smoothing)[:, None]
    return [DenseVector(labels), DenseVector(pi), theta.tolist()]


FUNCTIONS = {"trainNaiveBayesModel": train}
CLASSES = {"classification.NaiveBayesModel": NaiveBayesModel}
