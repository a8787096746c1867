"""Transformers of vectors: scaling, selection, projection, weights of terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml.feature import IDF, PCA, ChiSqSelector
from pyspark.mllib.linalg import DenseVector, Vectors

from firesteel.mllib import frames
from firesteel.mllib.feature.transforming import Transformer, apply
from firesteel.mllib.java import ModelObject
from firesteel.mllib.stat.summary import column_statistics
from firesteel.mllib.worker.transforms import Normalized, Projected, Selected, Standardized, Weighted

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD


class StandardScalerModel(ModelObject):
    """Means and standard deviations of columns, and which of them vectors are scaled by."""

    def __init__(self, deviations: Any, means: Any, with_std: bool, with_mean: bool) -> None:
        super().__init__()
        self._std, self._mean = deviations, means
        self._with_std, self._with_mean = with_std, with_mean

    def std(self) -> Any:
        """Return the standard deviations."""
        return DenseVector(self._std)

    def mean(self) -> Any:
        """Return the means."""
        return DenseVector(self._mean)

    def withStd(self) -> bool:
        """Return whether vectors are divided by the standard deviations."""
        return self._with_std

    def withMean(self) -> bool:
        """Return whether the means are subtracted of vectors."""
        return self._with_mean

    def setWithStd(self, value: bool) -> StandardScalerModel:
        """Say whether vectors are divided by the standard deviations."""
        self._with_std = value
        return self

    def setWithMean(self, value: bool) -> StandardScalerModel:
        """Say whether the means are subtracted of vectors."""
        self._with_mean = value
        return self

    def transform(self, vector: Any) -> Any:
        """Return the vector scaled, or an RDD of such; a column that does not vary becomes zero."""
        factors = np.divide(1.0, self._std, out=np.zeros_like(self._std), where=self._std != 0)
        function = Standardized(self._mean if self._with_mean else None, factors if self._with_std else None)
        return apply(function, vector)


class IDFModel(Transformer):
    """Weights of terms by how many documents have them."""

    def __init__(self, model: Any) -> None:
        super().__init__(Weighted(model.idf.toArray()))
        self._model = model

    def idf(self) -> Any:
        """Return the weights."""
        return Vectors.fromML(self._model.idf)

    def docFreq(self) -> list[int]:
        """Return in how many documents each term is."""
        return list(self._model.docFreq)

    def numDocs(self) -> int:
        """Return the number of documents."""
        return int(self._model.numDocs)


def normalize(p: float, vector: Any) -> Any:
    """Return a vector of length one, or an RDD of such."""
    return apply(Normalized(p), vector)


def multiply(weights: Any, vector: Any) -> Any:
    """Return the products with weights, value by value."""
    return apply(Weighted(weights.toArray()), vector)


def fit_scaler(with_mean: bool, with_std: bool, data: RDD[Any]) -> StandardScalerModel:
    """Find means and standard deviations."""
    found = column_statistics(data)
    return StandardScalerModel(np.sqrt(found.variance().toArray()), found.mean().toArray(), with_std, with_mean)


def fit_selector(
    kind: str, top: int, percentile: float, fpr: float, fdr: float, fwe: float, data: RDD[Any]
) -> Transformer:
    """Select features by their chi-squared tests against the label."""
    selector = ChiSqSelector(
        numTopFeatures=top, selectorType=kind, percentile=percentile, fpr=fpr, fdr=fdr, fwe=fwe, outputCol="selected"
    )
    model: Any = selector.fit(frames.of_labeled_points(data))
    return Transformer(Selected(sorted(model.selectedFeatures)))


def fit_components(k: int, data: RDD[Any]) -> Transformer:
    """Find the `k` directions of the largest variance."""
    model: Any = PCA(k=k, inputCol="features", outputCol="projected").fit(frames.of_vectors(data))
    return Transformer(Projected(model.pc.toArray()))


def fit_idf(minimum: int, data: RDD[Any]) -> IDFModel:
    """Find the weights of terms; those in fewer documents than `minimum` weigh nothing."""
    return IDFModel(IDF(minDocFreq=minimum, inputCol="features", outputCol="weighted").fit(frames.of_vectors(data)))


FUNCTIONS = {
    "normalizeVector": normalize,
    "elementwiseProductVector": multiply,
    "fitStandardScaler": fit_scaler,
    "fitChiSqSelector": fit_selector,
    "fitPCA": fit_components,
    "fitIDF": fit_idf,
}
