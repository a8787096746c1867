"""Frames whose columns share a name, and frames without columns. What they answer is Spark 4.2's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import Row
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession


@pytest.fixture
def twins(spark: SparkSession) -> DataFrame:
    return spark.range(1).select(F.lit(1).alias("a"), F.lit(2).alias("a"), F.lit(3).alias("A2"))


def condition(call: Any) -> str | None:
    with pytest.raises(PySparkException) as raised:
        call()
    return raised.value.getCondition()


def values(frame: DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.collect()]


@pytest.mark.parametrize("schema", [["a", "a"], "a int, a int"])
def test_rows_of_the_client(spark: SparkSession, schema: Any) -> None:
    frame = spark.createDataFrame([(1, 2), (3, None)], schema)
    assert frame.columns == ["a", "a"]
    assert values(frame) == [(1, 2), (3, None)]
    assert values(frame.toDF("x", "y").select("y")) == [(2,), (None,)]
    assert values(frame.fillna(0)) == [(1, 2), (3, 0)]
    assert values(frame.dropna()) == [(1, 2)]


def test_nulls(twins: DataFrame) -> None:
    assert twins.fillna(0).columns == ["a", "a", "A2"]
    assert values(twins.fillna(0)) == [(1, 2, 3)]
    assert values(twins.dropna()) == [(1, 2, 3)]
    assert values(twins.dropna(thresh=4)) == []


def test_transpose(twins: DataFrame) -> None:
    assert twins.transpose().collect() == [Row(key="a", **{"1": 2}), Row(key="A2", **{"1": 3})]


def test_csv_may_repeat_names_and_parquet_may_not(twins: DataFrame, tmp_path: Path, spark: SparkSession) -> None:
    twins.coalesce(1).write.csv(str(tmp_path / "csv"), header=True)
    assert [row.value for row in spark.read.text(str(tmp_path / "csv")).collect()] == ["a,a,A2", "1,2,3"]
    assert condition(lambda: twins.write.parquet(str(tmp_path / "parquet"))) == "COLUMN_ALREADY_EXISTS"


def test_joins_by_name_take_the_first(spark: SparkSession, twins: DataFrame) -> None:
    joined = twins.join(twins, "a")
    assert joined.columns == ["a", "a", "A2", "a", "A2"]
    assert values(joined) == [(1, 2, 3, 2, 3)]
    text = "SELECT * FROM (SELECT 1 a, 2 a, 3 b) t JOIN (SELECT 1 a, 9 c) u USING (a)"
    assert values(spark.sql(text)) == [(1, 2, 3, 9)]


def test_unions_by_name_are_refused(twins: DataFrame) -> None:
    assert condition(lambda: twins.unionByName(twins).schema) == "COLUMN_ALREADY_EXISTS"


def test_no_columns(spark: SparkSession, tmp_path: Path) -> None:
    none = spark.range(3).select()
    wanted = "EMPTY_SCHEMA_NOT_SUPPORTED_FOR_DATASOURCE"
    assert condition(lambda: none.write.parquet(str(tmp_path / "none"))) == wanted
    assert (none.transpose().columns, none.transpose().count()) == ([], 0)
    assert none.toJSON().collect() == ["{}"] * 3
    assert spark.sql("SELECT named_struct() AS s").collect() == [Row(s=Row())]


@pytest.mark.parametrize("rows", [0, 1])
def test_covariance_of_too_few_rows(spark: SparkSession, rows: int) -> None:
    frame = spark.range(rows).select(F.col("id").alias("x"), (F.col("id") + 1).alias("y"))
    assert frame.cov("x", "y") == 0.0


def test_a_watermark_of_a_batch_has_no_effect(spark: SparkSession) -> None:
    frame = spark.range(2).select("id", F.timestamp_seconds("id").alias("t"))
    late = frame.withWatermark("t", "1 minute")
    assert values(late.groupBy("t").count().agg(F.sum("count"))) == [(2,)]
    assert values(late.select(frame.id)) == [(0,), (1,)]


def test_crosstab_of_a_quoted_name(spark: SparkSession) -> None:
    frame = spark.range(2).toDF("x").crosstab("`x`", "x")
    assert frame.columns == ["`x`_x", "0", "1"]
    assert sorted(values(frame)) == [("0", 1, 0), ("1", 0, 1)]
