"""Topics of documents: ``LDA``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml.clustering import LDA
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib import frames, saved
from firesteel.mllib.java import ModelObject
from firesteel.mllib.worker.matrices import dense

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD

_SAVED_CLASS = "org.apache.spark.mllib.clustering.LocalLDAModel"
_GAMMA_SHAPE = 100.0


class LDAModel(ModelObject):
    """Topics as distributions over words.

    Parameters
    ----------
    topics : ndarray
        One row per word, one column per topic, not normalized.
    of_documents : list of float
        Concentration of topics in documents, per topic.
    of_topics : float
        Concentration of words in topics.
    """

    def __init__(self, topics: Any, of_documents: list[float], of_topics: float) -> None:
        super().__init__()
        self._topics, self._of_documents, self._of_topics = topics, of_documents, of_topics

    def topicsMatrix(self) -> Any:
        """Return the topics, one per column."""
        return dense(self._topics)

    def vocabSize(self) -> int:
        """Return the number of words."""
        return int(self._topics.shape[0])

    def describeTopics(self, most: int | None = None) -> list[tuple[list[int], list[float]]]:
        """Return the words of each topic with the largest weights, the largest first."""
        described = []
        for topic in (self._topics / self._topics.sum(axis=0)).T:
            order = np.argsort(-topic, kind="stable")[:most]
            described.append((order.tolist(), topic[order].tolist()))
        return described

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the topics as Spark writes a local model."""
        metadata = {
            "k": int(self._topics.shape[1]),
            "vocabSize": self.vocabSize(),
            "docConcentration": self._of_documents,
            "topicConcentration": self._of_topics,
            "gammaShape": _GAMMA_SHAPE,
        }
        rows = [(DenseVector(topic), number) for number, topic in enumerate(self._topics.T)]
        schema = saved.fields(topic=saved.VECTOR, index="int")
        saved.write(sc, path, _SAVED_CLASS, "1.0", metadata, rows, schema)


def load(sc: SparkContext, path: str) -> LDAModel:
    """Read what `LDAModel.save` or Spark wrote of a local model."""
    metadata = saved.metadata(sc, path, _SAVED_CLASS)
    rows = sorted(saved.data(sc, path).collect(), key=lambda row: row["index"])
    topics = np.array([row["topic"].toArray() for row in rows]).T
    return LDAModel(topics, metadata["docConcentration"], metadata["topicConcentration"])


def train(
    data: RDD[Any],
    k: int,
    iterations: int,
    of_documents: float,
    of_topics: float,
    seed: int | None,
    checkpoint_interval: int,
    optimizer: str,
) -> LDAModel:
    """Find topics of pairs of number and word counts, as ``LDA`` of ``pyspark.ml`` does."""
    estimator = LDA(k=k, maxIter=iterations, optimizer=optimizer, checkpointInterval=checkpoint_interval)
    if of_documents > 0:
        estimator.setDocConcentration([of_documents])
    if of_topics > 0:
        estimator.setTopicConcentration(of_topics)
    if seed is not None:
        estimator.setSeed(seed)
    model = estimator.fit(frames.of_numbered_vectors(data))
    found = np.array(model.estimatedDocConcentration().toArray()).tolist()
    concentration = of_topics if of_topics > 0 else 1.1 if optimizer == "em" else 1.0 / k
    return LDAModel(model.topicsMatrix().toArray(), found, concentration)


FUNCTIONS = {"trainLDAModel": train, "loadLDAModel": load}
CLASSES = {"clustering.LDAModel": LDAModel}
