"""`repartition` is exact: the partitions are Spark's, whatever stands around the exchange."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def misplaced(frame: DataFrame, partitions: int, *keys: str) -> int:
    """How many rows lie in another partition than Spark's `pmod(hash(keys), n)`."""
    expected = F.expr(f"pmod(hash({', '.join(keys)}), {partitions})")
    return frame.where(F.spark_partition_id() != expected).count()


def partition_sizes(frame: DataFrame) -> dict[int, int]:
    rows = frame.groupBy(F.spark_partition_id().alias("p")).count().collect()
    return {row.p: row["count"] for row in rows}


@pytest.mark.parametrize("partitions", [1, 3, 7, 200])
def test_rows_go_where_spark_sends_them(spark: SparkSession, partitions: int) -> None:
    frame = spark.range(5000).withColumn("s", F.concat(F.lit("k"), F.col("id") % 97))
    assert misplaced(frame.repartition(partitions, "id"), partitions, "id") == 0
    assert misplaced(frame.repartition(partitions, "s", "id"), partitions, "s", "id") == 0


def test_under_filter_join_and_aggregate(spark: SparkSession) -> None:
    frame = spark.range(4000)
    filtered = frame.repartition(5, "id").where("id % 3 = 0")
    assert misplaced(filtered, 5, "id") == 0
    joined = frame.join(spark.range(1000).withColumnRenamed("id", "other"), F.col("id") == F.col("other"))
    assert misplaced(joined.repartition(5, "id"), 5, "id") == 0
    grouped = frame.groupBy((F.col("id") % 50).alias("k")).count()
    assert misplaced(grouped.repartition(4, "k"), 4, "k") == 0


def test_round_robin_fills_all_partitions_evenly(spark: SparkSession) -> None:
    sizes = partition_sizes(spark.range(1000).repartition(8))
    assert sorted(sizes) == list(range(8))
    assert max(sizes.values()) - min(sizes.values()) <= 8


def test_coalesce_never_adds_partitions(spark: SparkSession) -> None:
    frame = spark.range(0, 100, 1, 6)
    assert sorted(partition_sizes(frame.coalesce(4))) == [0, 1, 2, 3]
    assert sorted(partition_sizes(frame.coalesce(50))) == [0, 1, 2, 3, 4, 5]


def test_ranges_do_not_overlap(spark: SparkSession) -> None:
    frame = spark.range(1000).select((F.col("id") * 7919 % 1000).alias("v")).repartitionByRange(4, "v")
    bounds = (
        frame.groupBy(F.spark_partition_id().alias("p"))
        .agg(F.min("v").alias("low"), F.max("v").alias("high"))
        .orderBy("p")
        .collect()
    )
    assert [row.p for row in bounds] == [0, 1, 2, 3]
    assert all(left.high < right.low for left, right in itertools.pairwise(bounds))
