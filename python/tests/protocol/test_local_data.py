"""Local data of any size: inside the plan below a mebibyte, uploaded as blobs above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_rows_beyond_the_size_of_a_plan(spark: SparkSession) -> None:
    n_rows = 60_000
    frame = spark.createDataFrame(
        pd.DataFrame({"id": range(n_rows), "text": [f"row number {row} äöü" * 4 for row in range(n_rows)]})
    )
    assert frame.count() == n_rows
    assert frame.where("id = 59999").first().text == "row number 59999 äöü" * 4


def test_no_rows(spark: SparkSession) -> None:
    frame = spark.createDataFrame([], "a int, b array<string>")
    assert frame.collect() == []
    assert frame.toPandas().shape == (0, 2)


def test_cache_is_filled_once_and_let_go(spark: SparkSession) -> None:
    frame = spark.range(1000).select(F.rand().alias("r")).cache()
    first = frame.agg(F.sum("r")).first()
    assert frame.agg(F.sum("r")).first() == first
    assert frame.storageLevel.useMemory
    frame.unpersist()
    assert not frame.storageLevel.useMemory
    assert frame.agg(F.sum("r")).first() == first  # The seed is part of the plan.
