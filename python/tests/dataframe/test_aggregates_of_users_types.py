"""Aggregates over columns of a user's type keep the type, with groups and without."""

from __future__ import annotations

import pytest
from pyspark.errors import AnalysisException
from pyspark.ml.linalg import DenseVector, Vectors
from pyspark.sql import functions as F


def _frame(spark):
    rows = [(1, Vectors.dense(1.0, 2.0)), (1, Vectors.dense(3.0, 4.0))]
    return spark.createDataFrame(rows, ["k", "p"]).coalesce(1)


def test_lists_of_vectors(spark):
    expected = [DenseVector([1.0, 2.0]), DenseVector([3.0, 4.0])]
    frame = _frame(spark)
    assert frame.select(F.collect_list("p")).first()[0] == expected
    assert frame.groupBy("k").agg(F.collect_list("p").alias("l")).first().l == expected


def test_an_aggregate_beside_columns_needs_groups(spark):
    for frame in (
        lambda: _frame(spark).withColumn("s", F.sum("k")),
        lambda: _frame(spark).select("*", F.sum("k")),
    ):
        with pytest.raises(AnalysisException) as raised:
            frame().schema  # noqa: B018
        assert raised.value.getCondition() == "MISSING_GROUP_BY"
