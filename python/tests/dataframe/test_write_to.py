"""`df.writeTo` on tables of files, which real Spark refuses to write to this way: columns go by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture
def table(spark: SparkSession) -> Iterator[str]:
    spark.sql("DROP TABLE IF EXISTS written_to")
    spark.sql("SELECT * FROM VALUES (1, 'a'), (2, 'b') v(x, y)").writeTo("written_to").partitionedBy(
        F.col("y")
    ).create()
    yield "written_to"
    spark.sql("DROP TABLE IF EXISTS written_to")


def rows(spark: SparkSession, table: str) -> list[tuple[int, str]]:
    return sorted(map(tuple, spark.table(table).select("x", "y").collect()))


def test_append(spark: SparkSession, table: str) -> None:
    spark.sql("SELECT 'a' AS y, 3 AS x").writeTo(table).append()
    assert rows(spark, table) == [(1, "a"), (2, "b"), (3, "a")]


def test_overwrite(spark: SparkSession, table: str) -> None:
    spark.sql("SELECT 'c' AS y, 3 AS x").writeTo(table).overwrite(F.lit(True))
    assert rows(spark, table) == [(3, "c")]


def test_overwrite_partitions(spark: SparkSession, table: str) -> None:
    spark.sql("SELECT 'b' AS y, 3 AS x").writeTo(table).overwritePartitions()
    assert rows(spark, table) == [(1, "a"), (3, "b")]


def test_replace(spark: SparkSession, table: str) -> None:
    spark.sql("SELECT 9 AS x, 'z' AS y").writeTo(table).using("parquet").replace()
    assert rows(spark, table) == [(9, "z")]
    spark.sql("SELECT 8 AS x, 'w' AS y").writeTo(table).createOrReplace()
    assert rows(spark, table) == [(8, "w")]
