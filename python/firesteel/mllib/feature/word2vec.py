"""Vectors of words: ``Word2Vec``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml.feature import Word2Vec
from pyspark.mllib.linalg import DenseVector
from pyspark.sql.types import ArrayType, StringType, StructField, StructType

from firesteel.mllib import frames, saved
from firesteel.mllib.errors import spark_error
from firesteel.mllib.java import ModelObject

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD

_SAVED_CLASS = "org.apache.spark.mllib.feature.Word2VecModel"
_SENTENCES = StructType([StructField("sentence", ArrayType(StringType()), False)])


class Word2VecModel(ModelObject):
    """Words and their vectors.

    Parameters
    ----------
    words : list of str
        The words.
    vectors : ndarray of float32
        One row per word.
    """

    def __init__(self, words: list[str], vectors: Any) -> None:
        super().__init__()
        self._words, self._vectors = words, vectors
        self._places = {word: place for place, word in enumerate(words)}

    def getVectors(self) -> dict[str, list[float]]:
        """Return the vector of each word."""
        return {word: vector.tolist() for word, vector in zip(self._words, self._vectors, strict=True)}

    def transform(self, word: Any) -> Any:
        """Return the vector of a word.

        Raises
        ------
        Py4JJavaError
            The model does not know it.
        """
        from firesteel.mllib.feature.transforming import apply

        return apply(self._vector, word)

    def _vector(self, word: str) -> DenseVector:
        place = self._places.get(word)
        if place is None:
            raise spark_error(f"{word} not in vocabulary", "java.lang.IllegalStateException")
        return DenseVector(self._vectors[place].astype(float))

    def findSynonyms(self, word: Any, number: int) -> tuple[list[str], list[float]]:
        """Return the words whose vectors have the smallest angles to a word's or to a vector, and the cosines."""
        if number <= 0:
            raise ValueError("requirement failed: Number of similar words should > 0")
        query = self._vector(word).toArray() if isinstance(word, str) else word.toArray()
        vectors = self._vectors.astype(float)
        lengths = np.linalg.norm(vectors, axis=1)
        length = float(np.linalg.norm(query))
        cosines = vectors @ (query / length if length else query)
        cosines = np.divide(cosines, lengths, out=np.zeros_like(cosines), where=lengths != 0)
        order = [place for place in np.argsort(-cosines, kind="stable") if self._words[place] != word]
        return [self._words[place] for place in order[:number]], [float(cosines[place]) for place in order[:number]]

    def save(self, sc: SparkContext, path: str) -> None:
        """Write the model as Spark does."""
        rows = list(self.getVectors().items())
        metadata = {"vectorSize": int(self._vectors.shape[1]), "numWords": len(rows)}
        saved.write(sc, path, _SAVED_CLASS, "1.0", metadata, rows, saved.fields(word="string", vector=saved.FLOATS))

    @staticmethod
    def load(sc: SparkContext, path: str) -> Word2VecModel:
        """Read what `save` or Spark wrote."""
        saved.metadata(sc, path, _SAVED_CLASS)
        return _of_rows(saved.data(sc, path).select("word", "vector").collect())


def _of_rows(rows: list[Any]) -> Word2VecModel:
    return Word2VecModel([row[0] for row in rows], np.array([row[1] for row in rows], dtype=np.float32))


def train(
    data: RDD[Any],
    size: int,
    learning_rate: float,
    partitions: int,
    iterations: int,
    seed: int,
    minimum: int,
    window: int,
) -> Word2VecModel:
    """Find vectors of the words of sentences, as ``Word2Vec`` of ``pyspark.ml`` does."""
    estimator = Word2Vec(
        vectorSize=size,
        stepSize=learning_rate,
        numPartitions=partitions,
        maxIter=iterations,
        seed=seed,
        minCount=minimum,
        windowSize=window,
        inputCol="sentence",
        outputCol="vector",
    )
    model: Any = estimator.fit(frames.of_rows(data, _SENTENCES, lambda words: (list(words),)))
    rows = [(row["word"], row["vector"].toArray()) for row in model.getVectors().collect()]
    return _of_rows(rows)


FUNCTIONS = {"trainWord2VecModel": train}
# The second is what Spark wraps the first in for Python.
CLASSES = {"feature.Word2VecModel": Word2VecModel, "api.python.Word2VecModelWrapper": lambda model: model}
