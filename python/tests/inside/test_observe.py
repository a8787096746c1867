"""``df.observe``: metrics beside the rows. The values are those that real Spark 4.2.0 gives for the same calls."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import AnalysisException, ArithmeticException, SparkRuntimeException
from pyspark.sql import Column, DataFrame, Observation, Row, SparkSession
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def observed(df: DataFrame, *metrics: Column, action: Callable[[DataFrame], Any] = DataFrame.collect) -> dict[str, Any]:
    observation = Observation()
    action(df.observe(observation, *metrics))
    return observation.get


@pytest.fixture
def hundred(spark: SparkSession) -> DataFrame:
    return spark.range(0, 100, 1, 4)


def rows() -> Column:
    return F.count(F.lit(1)).alias("n")


def test_values_over_aggregates(hundred: DataFrame) -> None:
    average = (F.sum("id") / F.count("id")).alias("avg")
    assert observed(hundred, rows(), F.max("id").alias("m"), average) == {"n": 100, "m": 99, "avg": 49.5}
    assert observed(hundred, F.max("id"), F.count("*")) == {"max(id)": 99, "count(1)": 100}
    assert observed(hundred, F.lit(3).alias("c")) == {"c": 3}


@pytest.mark.parametrize(
    ("action", "n"),
    [
        (lambda df: df.limit(5).collect(), 5),
        (lambda df: df.select("id").limit(3).toPandas(), 3),
        (lambda df: df.first(), 1),
        (lambda df: df.filter("id < 5").collect(), 100),
        (lambda df: df.count(), 100),
        (lambda df: df.orderBy(F.desc("id")).limit(2).collect(), 100),
        (lambda df: df.groupBy().sum("id").collect(), 100),
        (lambda df: df.union(df).count(), 100),
        (lambda df: df.join(df, "id").count(), 100),
        (lambda df: df.cache().count(), 100),
    ],
)
def test_rows_that_pass_count(hundred: DataFrame, action: Callable[[DataFrame], Any], n: int) -> None:
    assert observed(hundred, rows(), action=action) == {"n": n}


def test_no_rows(spark: SparkSession, hundred: DataFrame) -> None:
    metrics = (rows(), F.max("id").alias("m"), F.sum("id").alias("s"))
    assert observed(spark.range(0), *metrics) == {"n": 0, "m": None, "s": None}
    assert observed(hundred.filter("false"), rows()) == {"n": 0}
    # The optimizer finds that nothing needs to run.
    assert observed(hundred, rows(), action=lambda df: df.filter("false").collect()) == {}


def test_columns_that_nobody_else_reads(hundred: DataFrame) -> None:
    both = hundred.selectExpr("id", "id % 3 AS k")
    assert observed(both, F.sum("k").alias("s"), action=lambda df: df.select("id").collect()) == {"s": 99}


def test_writes(hundred: DataFrame, tmp_path: Path) -> None:
    assert observed(hundred, rows(), action=lambda df: df.write.parquet(str(tmp_path / "t"))) == {"n": 100}
    assert observed(hundred, rows(), action=lambda df: df.write.format("noop").mode("overwrite").save()) == {"n": 100}


def test_several_observations(hundred: DataFrame) -> None:
    before, after = Observation("before"), Observation("after")
    filtered = hundred.observe(before, rows()).filter("id < 10").observe(after, rows())
    filtered.collect()
    assert (before.get, after.get) == ({"n": 100}, {"n": 10})
    assert sorted(filtered.executionInfo.flows) == [("after", {"n": 10}), ("before", {"n": 100})]


def test_plan_that_holds_it_twice(hundred: DataFrame) -> None:
    df = hundred.observe("x", rows())
    both = df.union(df)
    assert len(both.collect()) == 200
    assert both.executionInfo.flows == [("x", {"n": 100})]


def test_tables(spark: SparkSession, hundred: DataFrame) -> None:
    assert observed(hundred, rows(), action=lambda df: df.write.saveAsTable("observed_rows")) == {"n": 100}
    assert observed(hundred, rows(), action=lambda df: df.write.insertInto("observed_rows")) == {"n": 100}
    assert spark.table("observed_rows").count() == 200
    spark.sql("DROP TABLE observed_rows")


def test_name_without_observation(hundred: DataFrame) -> None:
    df = hundred.observe("x", rows())
    assert len(df.collect()) == 100
    assert df.executionInfo.flows == [("x", {"n": 100})]


def test_types(spark: SparkSession) -> None:
    row = spark.sql(
        "SELECT 1 i, CAST(2 AS SHORT) s, 'x' str, DATE'2020-01-02' d, TIMESTAMP'2020-01-02 03:04:05' t, "
        "CAST(1.5 AS DECIMAL(10,2)) dc, ARRAY(1, 2) a, MAP('k', 1) m, STRUCT(1 AS x, 'y' AS y) st, NULL nn, "
        "X'01' b, 1.5D db, INTERVAL 1 DAY iv"
    )
    assert observed(row, *[F.first(name).alias(name) for name in row.columns]) == {
        "i": 1,
        "s": 2,
        "str": "x",
        "d": dt.date(2020, 1, 2),
        "t": dt.datetime(2020, 1, 2, 3, 4, 5),
        "dc": Decimal("1.50"),
        "a": [1, 2],
        "m": {"k": 1},
        "st": Row(x=1, y="y"),
        "nn": None,
        "b": b"\x01",
        "db": 1.5,
        "iv": dt.timedelta(days=1),
    }


def test_failure_of_a_metric_is_the_observations(hundred: DataFrame) -> None:
    by_zero = Observation()
    assert len(hundred.observe(by_zero, (F.lit(1) / F.sum(F.lit(0))).alias("x")).collect()) == 100
    with pytest.raises(ArithmeticException, match="DIVIDE_BY_ZERO"):
        _ = by_zero.get
    raised = Observation()
    hundred.observe(raised, F.max(F.expr("raise_error('boo')")).alias("x")).collect()
    with pytest.raises(SparkRuntimeException, match="boo"):
        _ = raised.get


@pytest.mark.parametrize(
    ("metric", "condition"),
    [
        (F.count_distinct("id"), "AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED"),
        (F.expr("count(1) FILTER (WHERE id > 3)"), "AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED"),
        (F.col("id"), "NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE"),
        (F.rand(), "NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC"),
        (F.max(F.sum("id")), "NESTED_AGGREGATES_UNSUPPORTED"),
        (F.expr("sum(id) OVER ()"), "WINDOW_EXPRESSIONS_UNSUPPORTED"),
    ],
)
def test_what_no_metric_may_be(hundred: DataFrame, metric: Column, condition: str) -> None:
    with pytest.raises(AnalysisException) as refused:
        observed(hundred, metric.alias("n"))
    assert refused.value.getCondition() == f"INVALID_OBSERVED_METRICS.{condition}"
    assert refused.value.getSqlState() == "42K0E"


def test_one_name_means_one_thing(hundred: DataFrame) -> None:
    with pytest.raises(AnalysisException) as refused:
        hundred.observe("x", rows()).observe("x", F.max("id").alias("m")).collect()
    assert refused.value.getCondition() == "DUPLICATED_METRICS_NAME"
