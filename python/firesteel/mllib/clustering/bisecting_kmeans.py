"""Clusters of clusters: ``BisectingKMeans``."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyspark.ml.clustering import BisectingKMeans
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib import frames
from firesteel.mllib.java import ModelObject
from firesteel.mllib.worker import rows
from firesteel.rdd.core import RDD


class BisectingKMeansModel(ModelObject):
    """A model of ``pyspark.ml``, asked with vectors of the older API."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model
        self._centers = model.clusterCenters()

    def clusterCenters(self) -> list[Any]:
        """Return the centres of the leaves."""
        return [DenseVector(center) for center in self._centers]

    def k(self) -> int:
        """Return the number of leaves."""
        return len(self._centers)

    def predict(self, vector: Any) -> Any:
        """Return the number of a vector's leaf, or an RDD of them."""
        if isinstance(vector, RDD):
            found = self._model.transform(frames.of_vectors(vector))
            return found.select(self._model.getPredictionCol()).rdd.map(rows.first)
        return int(self._model.predict(vector.asML()))

    def computeCost(self, vector: Any) -> float:
        """Return the squared distance to the centre of the leaf, summed up for an RDD."""
        if isinstance(vector, RDD):
            centers = np.array(self._centers)
            numbered = self.predict(vector).zip(vector)
            return float(numbered.map(lambda pair: float(((pair[1].toArray() - centers[pair[0]]) ** 2).sum())).sum())
        return float(((vector.toArray() - self._centers[self.predict(vector)]) ** 2).sum())


def train(data: RDD[Any], k: int, iterations: int, smallest: float, seed: int) -> BisectingKMeansModel:
    """Split clusters in two until there are `k`, as ``BisectingKMeans`` of ``pyspark.ml`` does."""
    estimator = BisectingKMeans(k=k, maxIter=iterations, minDivisibleClusterSize=smallest, seed=seed)
    return BisectingKMeansModel(estimator.fit(frames.of_vectors(data)))


FUNCTIONS = {"trainBisectingKMeans": train}
