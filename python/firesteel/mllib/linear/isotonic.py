"""Isotonic regression: ``IsotonicRegression`` and its model on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.regression import IsotonicRegression
from pyspark.mllib.linalg import DenseVector
from pyspark.sql.types import DoubleType, StructField, StructType

from firesteel.mllib import frames, saved
from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD

_SAVED_CLASS = "org.apache.spark.mllib.regression.IsotonicRegressionModel"
_TRIPLES = StructType([StructField(name, DoubleType(), False) for name in ("label", "features", "weight")])


class IsotonicRegressionModel(ModelObject):
    """A line of boundaries and what is predicted at them.

    Parameters
    ----------
    boundaries, predictions : list of float
        Where the line bends, and how high it is there.
    isotonic : bool
        Whether it rises.
    """

    def __init__(self, boundaries: Any, predictions: Any, isotonic: bool) -> None:
        super().__init__()
        self._boundaries, self._predictions = list(boundaries), list(predictions)
        # An attribute, because PySpark reads it without calling it.
        self.isotonic = isotonic

    def boundaryVector(self) -> DenseVector:
        """Return where the line bends."""
        return DenseVector(self._boundaries)

    def predictionVector(self) -> DenseVector:
        """Return how high it is there."""
        return DenseVector(self._predictions)

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        rows = [(float(at), float(value)) for at, value in zip(self._boundaries, self._predictions, strict=True)]
        schema = saved.fields(boundary="double", prediction="double")
        saved.write(sc, path, _SAVED_CLASS, "1.0", {"isotonic": bool(self.isotonic)}, rows, schema)

    @staticmethod
    def load(sc: SparkContext, path: str) -> IsotonicRegressionModel:
        """Read what `save` or Spark wrote."""
        metadata = saved.metadata(sc, path, _SAVED_CLASS)
        rows = sorted(saved.data(sc, path).select("boundary", "prediction").collect())
        return IsotonicRegressionModel([row[0] for row in rows], [row[1] for row in rows], metadata["isotonic"])


def train(data: RDD[Any], isotonic: bool) -> list[Any]:
    """Return boundaries and predictions for vectors of label, feature and weight."""
    frame = frames.of_rows(data, _TRIPLES, lambda vector: tuple(map(float, vector.toArray()[:3])))
    model: Any = IsotonicRegression(isotonic=isotonic, weightCol="weight").fit(frame)
    return [DenseVector(model.boundaries.toArray()), DenseVector(model.predictions.toArray())]


FUNCTIONS = {"trainIsotonicRegressionModel": train}
CLASSES = {"regression.IsotonicRegressionModel": IsotonicRegressionModel}
