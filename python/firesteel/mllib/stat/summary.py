"""Column statistics: ``Statistics.colStats``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.stat import Summarizer
from pyspark.mllib.linalg import Vectors

from firesteel.mllib import frames
from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD

_METRICS = ("mean", "variance", "count", "numNonZeros", "max", "min", "normL1", "normL2")


class MultivariateStatisticalSummary(ModelObject):
    """Statistics of the columns of vectors; `row` has them by the names of ``pyspark.ml.stat.Summarizer``."""

    def __init__(self, row: Any) -> None:
        super().__init__()
        self._row = row

    def count(self) -> int:
        """Return the number of vectors."""
        return int(self._row["count"])

    def mean(self) -> Any:
        """Return the means."""
        return Vectors.fromML(self._row["mean"])

    def variance(self) -> Any:
        """Return the variances, over one less than the number of vectors."""
        return Vectors.fromML(self._row["variance"])

    def numNonzeros(self) -> Any:
        """Return how many values are not zero."""
        return Vectors.fromML(self._row["numNonZeros"])

    def max(self) -> Any:
        """Return the largest values."""
        return Vectors.fromML(self._row["max"])

    def min(self) -> Any:
        """Return the smallest values."""
        return Vectors.fromML(self._row["min"])

    def normL1(self) -> Any:
        """Return the sums of magnitudes."""
        return Vectors.fromML(self._row["normL1"])

    def normL2(self) -> Any:
        """Return the Euclidean lengths."""
        return Vectors.fromML(self._row["normL2"])


def column_statistics(rdd: RDD[Any]) -> MultivariateStatisticalSummary:
    """Return the statistics of an RDD of vectors."""
    frame = frames.of_vectors(rdd)
    found: Any = frame.select(Summarizer.metrics(*_METRICS).summary(frame["features"])).first()
    return MultivariateStatisticalSummary(found[0])


FUNCTIONS = {"colStats": column_statistics}
