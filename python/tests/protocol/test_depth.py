"""Deep plans: a thousand levels work, more than Spark allows is refused, and nothing ends the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_a_thousand_chained_columns(spark: SparkSession) -> None:
    frame = spark.range(3)
    for position in range(1000):
        frame = frame.withColumn(f"c{position}", F.lit(position))
    assert frame.select("id", "c0", "c999").collect()[2] == (2, 0, 999)


def test_columns_that_build_on_each_other(spark: SparkSession) -> None:
    """Fewer than a thousand here: planning time grows with more than the square of such a chain."""
    frame = spark.range(3)
    for _ in range(200):
        frame = frame.withColumn("id", F.col("id") + 1)
    assert [row.id for row in frame.collect()] == [200, 201, 202]


def test_five_thousand_get_a_clear_error(spark: SparkSession) -> None:
    frame = spark.range(3)
    for position in range(5000):
        frame = frame.withColumn("c", F.lit(position))
    with pytest.raises(PySparkException, match=r"1,?024"):
        frame.collect()
    assert spark.range(2).count() == 2
