"""What the Connect client leaves out of `pyspark.ml` works: answers of real Spark with a JVM."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyspark.ml.evaluation import MulticlassClassificationEvaluator
from pyspark.ml.feature import BucketedRandomProjectionLSH, HashingTF, Word2Vec
from pyspark.ml.functions import vector_to_array
from pyspark.ml.linalg import Vectors

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_clear_forgets_a_parameter(spark: SparkSession) -> None:
    sentence = ("a b " * 100 + "a c " * 10).split(" ")
    rows = spark.createDataFrame([(sentence,), (sentence,)], ["sentence"])
    trainer = Word2Vec(vectorSize=5, seed=42, inputCol="sentence", outputCol="model")
    trainer.setMaxIter(10)
    trainer.clear(trainer.maxIter)
    assert trainer.getMaxIter() == 1
    synonyms = trainer.fit(rows).findSynonymsArray("a", 2)
    assert [word for word, _ in synonyms] == ["b", "c"]
    assert [value for _, value in synonyms] == pytest.approx([0.015859, -0.568079], abs=1e-5)


def test_tables_take_arguments_by_keyword(spark: SparkSession) -> None:
    rows = spark.createDataFrame([(0, Vectors.dense([1.0, 1.0])), (1, Vectors.dense([3.0, 2.0]))], ["id", "features"])
    trainer = BucketedRandomProjectionLSH(inputCol="features", outputCol="hashes", seed=12345, bucketLength=1.0)
    model = trainer.fit(rows)
    pairs = model.approxSimilarityJoin(rows, rows, 3.0, distCol="far")
    assert pairs.columns == ["datasetA", "datasetB", "far"]
    near = model.approxNearestNeighbors(rows, Vectors.dense([1.0, 1.0]), numNearestNeighbors=1, distCol="far")
    assert near.first()["far"] == 0.0


def test_index_of_a_term_is_where_it_is_counted(spark: SparkSession) -> None:
    hashing = HashingTF(inputCol="words", outputCol="features", numFeatures=10)
    assert hashing.indexOf("b") == 5
    assert {hashing.indexOf(term) for term in ("a", "b", "c")} == {5, 7, 8}
    numbers = spark.createDataFrame([([2.5],)], ["words"])
    assert hashing.indexOf(2.5) == hashing.transform(numbers).first()["features"].indices[0]
    with pytest.raises(TypeError):
        hashing.indexOf(object())


def test_log_loss_of_probabilities_in_arrays(spark: SparkSession) -> None:
    rows = [
        (1.0, 1.0, [0.1, 0.8, 0.1]),
        (0.0, 2.0, [0.9, 0.05, 0.05]),
        (0.0, 0.0, [0.8, 0.2, 0.0]),
        (1.0, 1.0, [0.3, 0.65, 0.05]),
    ]
    data = spark.createDataFrame(rows, ["prediction", "label", "probability"])
    loss = MulticlassClassificationEvaluator(metricName="logLoss").evaluate(data)
    assert loss == pytest.approx(0.9682, abs=1e-4)


def test_arrays_of_vectors_are_never_null(spark: SparkSession) -> None:
    data = spark.createDataFrame([(Vectors.dense([1.0]),)], ["v"])
    fields = data.select(vector_to_array("v"), vector_to_array("v", "float32")).schema.fields
    assert [field.nullable for field in fields] == [False, False]
