"""k-means: ``KMeans`` and ``KMeansModel``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml.clustering import KMeans
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib import frames, saved
from firesteel.mllib.java import ModelObject
from firesteel.mllib.worker.centers import Lloyd, closest

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD

_SAVED_CLASS = "org.apache.spark.mllib.clustering.KMeansModel"


class KMeansModel(ModelObject):
    """Centres of clusters.

    Parameters
    ----------
    centers : list of DenseVector
        One per cluster.
    distance : str, default "euclidean"
        Or "cosine".
    cost : float, default 0.0
        Cost over the data that the model was trained with.
    """

    def __init__(self, centers: list[Any], distance: str = "euclidean", cost: float = 0.0) -> None:
        super().__init__()
        self._centers = list(centers)
        self._distance = distance
        self._cost = cost

    def clusterCenters(self) -> list[Any]:
        """Return the centres."""
        return self._centers

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        metadata = {"k": len(self._centers), "distanceMeasure": self._distance, "trainingCost": self._cost}
        rows = [(number, center) for number, center in enumerate(self._centers)]
        saved.write(sc, path, _SAVED_CLASS, "2.0", metadata, rows, saved.fields(id="int", point=saved.VECTOR))

    @staticmethod
    def load(sc: SparkContext, path: str) -> KMeansModel:
        """Read what `save` or Spark wrote."""
        metadata = saved.metadata(sc, path, _SAVED_CLASS, ("1.0", "2.0"))
        rows = sorted(saved.data(sc, path).collect())
        return KMeansModel(
            [row["point"] for row in rows],
            metadata.get("distanceMeasure", "euclidean"),
            metadata.get("trainingCost", 0.0),
        )


def train(
    data: RDD[Any],
    k: int,
    max_iterations: int,
    mode: str,
    seed: int | None,
    init_steps: int,
    epsilon: float,
    initial: list[Any],
    distance: str,
) -> KMeansModel:
    """Find centres, as ``KMeans`` of ``pyspark.ml`` does, or beginning with given ones."""
    if initial:
        return _from_initial(data, k, max_iterations, epsilon, initial, distance)
    estimator = KMeans(
        k=k, maxIter=max_iterations, initMode=mode, initSteps=init_steps, tol=epsilon, distanceMeasure=distance
    )
    if seed is not None:
        estimator.setSeed(seed)
    model = estimator.fit(frames.of_vectors(data))
    return KMeansModel([DenseVector(center) for center in model.clusterCenters()], distance)


def _from_initial(
    data: RDD[Any], k: int, max_iterations: int, epsilon: float, initial: list[Any], distance: str
) -> KMeansModel:
    if len(initial) != k:
        raise ValueError("requirement failed: mismatched cluster count")
    cosine = distance == "cosine"
    centers = np.array([vector.toArray() for vector in initial])
    data.persist()
    try:
        for _ in range(max_iterations):
            step = Lloyd(centers, cosine)
            sums, counts, _cost = data.mapPartitions(step).treeReduce(step.merge)
            moved = centers.copy()
            seen = counts > 0
            moved[seen] = sums[seen] / counts[seen, None]
            if cosine:
                moved[seen] /= np.linalg.norm(moved[seen], axis=1)[:, None]
            if cosine:
                shifts = 1 - np.sum(moved * centers, axis=1) / np.linalg.norm(centers, axis=1)
                converged = bool(np.all(shifts <= epsilon))
            else:
                converged = bool(np.all(np.sum((moved - centers) ** 2, axis=1) <= epsilon**2))
            centers = moved
            if converged:
                break
    finally:
        data.unpersist()
    return KMeansModel([DenseVector(center) for center in centers], distance)


def cost(data: RDD[Any], centers: list[Any]) -> float:
    """Return the sum of squared distances to the closest centre."""
    array = np.array([center.toArray() for center in centers])
    return float(data.map(lambda vector: closest(array, vector.toArray())[1]).sum())


def update_streaming(
    centers: list[Any], weights: list[float], data: RDD[Any], decay: float, time_unit: str
) -> tuple[list[Any], list[float]]:
    """Move centres towards a batch, old data counting less: ``StreamingKMeansModel.update``."""
    array = np.array([center.toArray() for center in centers])
    kept = np.array(weights, dtype=float)
    step = Lloyd(array, False)
    sums, counts, _ = data.mapPartitions(step).treeReduce(step.merge)
    kept *= decay if time_unit == "batches" else decay ** float(counts.sum())
    for cluster in np.flatnonzero(counts):
        total = kept[cluster] + counts[cluster]
        share = counts[cluster] / max(total, 1e-16)
        array[cluster] = (1 - share) * array[cluster] + share * (sums[cluster] / counts[cluster])
        kept[cluster] = total
    largest, smallest = int(np.argmax(kept)), int(np.argmin(kept))
    if kept[smallest] < 1e-8 * kept[largest]:
        # A cluster that has died takes half of the largest one, as in Spark.
        kept[[largest, smallest]] = (kept[largest] + kept[smallest]) / 2
        center = array[largest].copy()
        shift = 1e-14 * np.maximum(np.abs(center), 1.0)
        array[largest], array[smallest] = center + shift, center - shift
    return [DenseVector(center) for center in array], kept.tolist()


FUNCTIONS = {
    "trainKMeansModel": train,
    "computeCostKmeansModel": cost,
    "updateStreamingKMeansModel": update_streaming,
}
CLASSES = {"clustering.KMeansModel": KMeansModel}
