"""``df.executionInfo``: what the operators of a query measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession
    from pyspark.sql.metrics import CollectedMetrics


def metrics_of(df: DataFrame) -> CollectedMetrics:
    df.collect()
    metrics = df.executionInfo.metrics
    assert metrics is not None
    return metrics


def values(metrics: CollectedMetrics, name: str, key: str) -> list[float]:
    """What the operators called `name` measured under `key`, from the root on."""
    plans = sorted((plan for plan in metrics._metrics if plan.name.startswith(name)), key=lambda plan: plan.plan_id)
    return [metric.value for plan in plans for metric in plan.metrics if metric.name == key]


def test_tree_and_text(spark: SparkSession) -> None:
    df = spark.range(0, 1000, 1, 4).groupBy((F.col("id") % 3).alias("k")).count()
    metrics = metrics_of(df)
    root, graph = metrics.extract_graph()
    assert graph[root].name
    assert len(graph) == len(metrics._metrics) > 2
    assert values(metrics, "Aggregate", "numOutputRows")[0] == 3
    text = metrics.toText()
    assert "Aggregate" in text
    assert "numOutputRows: 3 (sum)" in text
    assert "numPartitions: " in text


def test_times_and_sizes(spark: SparkSession, tmp_path: Path) -> None:
    path = str(tmp_path / "t")
    spark.range(1000).write.parquet(path)
    metrics = metrics_of(spark.read.parquet(path).orderBy(F.desc("id")))
    kinds = {metric.name: metric.metric_type for plan in metrics._metrics for metric in plan.metrics}
    assert kinds["numOutputRows"] == "sum"
    assert kinds["time"] == "nsTiming"
    assert kinds["filesSize"] == "size"
    assert values(metrics, "DataSource", "numOutputRows") == [1000]
    assert values(metrics, "DataSource", "filesSize")[0] > 0


def test_fill_of_a_cache_is_part_of_the_query_that_needs_it(spark: SparkSession) -> None:
    cached = spark.range(10).filter("id > 3").cache()
    first, second = cached.groupBy().count(), cached.groupBy().sum("id")
    assert any(value == 6 for value in values(metrics_of(first), "Filter", "numOutputRows"))
    assert values(metrics_of(second), "Filter", "numOutputRows") == []
    cached.unpersist()


def test_explain_analyze(spark: SparkSession) -> None:
    text = spark.sql("EXPLAIN ANALYZE SELECT id % 3 AS k, count(*) AS n FROM range(1000) GROUP BY 1").first()[0]
    lines = text.splitlines()
    assert lines[0] == "== Physical Plan =="
    assert any("Aggregate" in line and "[rows=3, time=" in line and "spill=0.0 B" in line for line in lines), text
    assert any("rows=1000" in line for line in lines), text
    assert lines[-2] == "== Total =="
    assert lines[-1].startswith("rows: 3, time: ")
