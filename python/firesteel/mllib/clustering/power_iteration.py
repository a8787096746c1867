"""Clusters of a graph: ``PowerIterationClustering``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.clustering import PowerIterationClustering
from pyspark.sql.types import DoubleType, LongType, StructField, StructType

from firesteel.mllib import frames, saved
from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD

_SAVED_CLASS = "org.apache.spark.mllib.clustering.PowerIterationClusteringModel"
_EDGES = StructType(
    [
        StructField("src", LongType(), False),
        StructField("dst", LongType(), False),
        StructField("weight", DoubleType(), False),
    ]
)


class PowerIterationClusteringModel(ModelObject):
    """Which cluster each vertex is in.

    Parameters
    ----------
    k : int
        Number of clusters.
    assignments : DataFrame
        ``id``, ``cluster``.
    """

    def __init__(self, k: int, assignments: Any) -> None:
        super().__init__()
        self._k, self._assignments = k, assignments

    def k(self) -> int:
        """Return the number of clusters."""
        return self._k

    def getAssignments(self) -> RDD[Any]:
        """Return vertices and clusters."""
        pairs: RDD[Any] = self._assignments.rdd.map(tuple)
        return pairs

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        saved.write_metadata(sc, path, _SAVED_CLASS, "1.0", {"k": self._k})
        self._assignments.write.parquet(f"{path}/data")

    @staticmethod
    def load(sc: SparkContext, path: str) -> PowerIterationClusteringModel:
        """Read what `save` or Spark wrote."""
        metadata = saved.metadata(sc, path, _SAVED_CLASS)
        return PowerIterationClusteringModel(metadata["k"], saved.data(sc, path).select("id", "cluster"))


def train(data: RDD[Any], k: int, iterations: int, mode: str) -> PowerIterationClusteringModel:
    """Cluster the vertices of vectors of source, target and similarity."""
    edges = frames.of_rows(data, _EDGES, lambda vector: (int(vector[0]), int(vector[1]), float(vector[2])))
    clustering = PowerIterationClustering(k=k, maxIter=iterations, initMode=mode, weightCol="weight")
    found = clustering.assignClusters(edges)
    return PowerIterationClusteringModel(k, found.select("id", found["cluster"].cast("int")))


FUNCTIONS = {"trainPowerIterationClusteringModel": train}
# The second is what Spark wraps the first in for Python.
CLASSES = {
    "clustering.PowerIterationClusteringModel": PowerIterationClusteringModel,
    "api.python.PowerIterationClusteringModelWrapper": lambda model: model,
}
