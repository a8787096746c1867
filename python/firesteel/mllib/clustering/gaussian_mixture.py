"""Mixtures of normal distributions: ``GaussianMixture``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml.clustering import GaussianMixture
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib import frames, saved
from firesteel.mllib.java import ModelObject
from firesteel.mllib.worker.matrices import dense
from firesteel.mllib.worker.mixtures import Expectation, Mixture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD

_SAVED_CLASS = "org.apache.spark.mllib.clustering.GaussianMixtureModel"


class GaussianMixtureModel(ModelObject):
    """Weights, means and covariances.

    Parameters
    ----------
    mixture : Mixture
        All of them.
    """

    def __init__(self, mixture: Mixture) -> None:
        super().__init__()
        self._mixture = mixture

    def weights(self) -> list[float]:
        """Return the weights."""
        found: list[float] = self._mixture.weights.tolist()
        return found

    def gaussians(self) -> list[list[Any]]:
        """Return mean and covariance of each distribution."""
        parts = zip(self._mixture.means, self._mixture.covariances, strict=True)
        return [[DenseVector(mean), dense(covariance)] for mean, covariance in parts]

    def predictSoft(self, vector: Any) -> DenseVector:
        """Return how much a vector belongs to each distribution."""
        return DenseVector(self._mixture(vector))

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        rows = [(weight, *part) for weight, part in zip(self.weights(), self.gaussians(), strict=True)]
        schema = saved.fields(weight="double", mu=saved.VECTOR, sigma=saved.MATRIX)
        saved.write(sc, path, _SAVED_CLASS, "1.0", {"k": len(rows)}, rows, schema)

    @staticmethod
    def load(sc: SparkContext, path: str) -> GaussianMixtureModel:
        """Read what `save` or Spark wrote."""
        saved.metadata(sc, path, _SAVED_CLASS)
        rows = saved.data(sc, path).select("weight", "mu", "sigma").collect()
        return GaussianMixtureModel(
            Mixture(
                np.array([row[0] for row in rows]),
                np.array([row[1].toArray() for row in rows]),
                np.array([row[2].toArray() for row in rows]),
            )
        )


def train(
    data: RDD[Any],
    k: int,
    tolerance: float,
    iterations: int,
    seed: int | None,
    weights: Sequence[float] | None,
    means: Sequence[Any] | None,
    covariances: Sequence[Any] | None,
) -> GaussianMixtureModel:
    """Find a mixture, as ``GaussianMixture`` of ``pyspark.ml`` does, or beginning with a given one."""
    if weights is not None and means is not None and covariances is not None:
        start = Mixture(
            np.array(weights), np.array([m.toArray() for m in means]), np.array([c.toArray() for c in covariances])
        )
        return GaussianMixtureModel(_from_initial(data, start, tolerance, iterations))
    estimator = GaussianMixture(k=k, tol=tolerance, maxIter=iterations)
    if seed is not None:
        estimator.setSeed(seed)
    model = estimator.fit(frames.of_vectors(data))
    found = model.gaussiansDF.collect()
    return GaussianMixtureModel(
        Mixture(
            np.array(model.weights),
            np.array([row["mean"].toArray() for row in found]),
            np.array([row["cov"].toArray() for row in found]),
        )
    )


def _from_initial(data: RDD[Any], mixture: Mixture, tolerance: float, iterations: int) -> Mixture:
    before = -np.inf
    for _ in range(iterations):
        expectation = Expectation(mixture)
        weights, sums, products, likelihood = data.mapPartitions(expectation).treeReduce(expectation.merge)
        means = sums / weights[:, None]
        covariances = products / weights[:, None, None] - means[:, :, None] * means[:, None, :]
        mixture = Mixture(weights / weights.sum(), means, covariances)
        if abs(likelihood - before) <= tolerance:
            break
        before = likelihood
    return mixture


def predict_soft(data: RDD[Any], weights: Any, means: Any, covariances: Any) -> RDD[Any]:
    """Return how much each vector belongs to each distribution."""
    mixture = Mixture(
        weights.toArray(), np.array([m.toArray() for m in means]), np.array([c.toArray() for c in covariances])
    )
    return data.map(mixture).map(list)


FUNCTIONS = {"trainGaussianMixtureModel": train, "predictSoftGMM": predict_soft}
# The second is what Spark wraps the first in for Python.
CLASSES = {
    "clustering.GaussianMixtureModel": GaussianMixtureModel,
    "api.python.GaussianMixtureModelWrapper": lambda model: model,
}
