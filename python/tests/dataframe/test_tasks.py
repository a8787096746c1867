"""What depends on how a plan is cut into tasks. `make test-travel` runs this with each task made of bytes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyspark.sql.functions as F
import pytest
from pyspark.errors import ArithmeticException, NumberFormatException

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def by_partition(df: DataFrame) -> list[list[int]]:
    """The ids of each partition, in their order."""
    found: dict[int, list[int]] = {}
    for row in df.select("id", F.spark_partition_id().alias("p")).collect():
        found.setdefault(row.p, []).append(row.id)
    return [found[partition] for partition in sorted(found)]


def test_the_runner_is_the_one_asked_for(spark: SparkSession) -> None:
    assert spark.conf.get("firesteel.test.runner", None) == os.environ.get("FIRESTEEL_TEST_RUNNER")


def test_partitions_have_their_numbers(spark: SparkSession) -> None:
    numbers = spark.range(0, 8, 1, 4)
    assert by_partition(numbers) == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert by_partition(numbers.union(spark.range(8, 10, 1, 2))) == [[0, 1], [2, 3], [4, 5], [6, 7], [8], [9]]
    ids = [row.i for row in numbers.select(F.monotonically_increasing_id().alias("i")).collect()]
    assert ids == [partition << 33 | row for partition in range(4) for row in range(2)]
    # Seeds are the user's and the partition's: no two partitions draw the same.
    assert len({row.r for row in numbers.select(F.rand(7).alias("r")).collect()}) == 8


def test_coalesce_joins_neighbours(spark: SparkSession) -> None:
    assert by_partition(spark.range(0, 8, 1, 4).coalesce(3)) == [[0, 1], [2, 3], [4, 5, 6, 7]]
    assert by_partition(spark.range(0, 8, 1, 4).coalesce(9)) == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_ranges_over_all_partitions(spark: SparkSession) -> None:
    shuffled = spark.range(0, 100, 1, 4).repartition(5)
    ranges = by_partition(shuffled.repartitionByRange(3, "id").sortWithinPartitions("id"))
    assert [number for numbers in ranges for number in numbers] == list(range(100))
    assert len(ranges) == 3


@pytest.mark.parametrize("kind", ["left", "full", "left_anti", "left_semi", "right", "inner"])
def test_joins_meet_every_row_of_the_other_side_once(spark: SparkSession, kind: str) -> None:
    few, many = spark.range(0, 4, 1, 2), spark.range(2, 40, 1, 5)
    rows = sorted(row.id for row in few.join(many, "id", kind).collect())
    expected = {
        "left": [0, 1, 2, 3],
        "full": list(range(40)),
        "left_anti": [0, 1],
        "left_semi": [2, 3],
        "right": list(range(2, 40)),
        "inner": [2, 3],
    }
    assert rows == expected[kind]


def test_errors_of_tasks_are_whole(spark: SparkSession) -> None:
    """Below an exchange, so that the error passes from one stage to the next."""
    numbers = spark.range(0, 8, 1, 4).withColumn("s", F.concat(F.lit("x"), "id"))
    with pytest.raises(NumberFormatException) as caught:
        numbers.groupBy(F.col("s").cast("int").alias("k")).count().collect()
    error = caught.value
    assert (error.getCondition(), error.getSqlState()) == ("CAST_INVALID_INPUT", "22018")
    assert (error.getMessageParameters() or {})["targetType"] == '"INT"'
    spark.range(0, 8, 1, 4).createOrReplaceTempView("test_tasks")
    with pytest.raises(ArithmeticException) as divided:
        spark.sql("SELECT k, count(*) FROM (SELECT 1 / (id - 5) AS k FROM test_tasks) GROUP BY k").collect()
    assert divided.value.getCondition() == "DIVIDE_BY_ZERO"
    assert divided.value.getQueryContext()[0].fragment() == "1 / (id - 5)"
