"""Correlation: ``Statistics.corr``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.stat import Correlation
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib import frames
from firesteel.mllib.worker.matrices import dense

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD


def correlate(first: RDD[Any], *rest: Any) -> Any:
    """Return the matrix of an RDD of vectors, or the number of two RDDs of numbers.

    Parameters
    ----------
    first : RDD of Vector or of float
        The data, or one side of it.
    rest : RDD of float, str
        The other side, if there is one; then ``pearson`` or ``spearman``, None for the first.
    """
    *other, method = rest
    if other:
        return float(_matrix(first.zip(other[0]).map(DenseVector), method)[0, 1])
    return dense(_matrix(first, method))


def _matrix(vectors: RDD[Any], method: str | None) -> Any:
    row: Any = Correlation.corr(frames.of_vectors(vectors), "features", method or "pearson").first()
    return row[0].toArray()


FUNCTIONS = {"corr": correlate}
