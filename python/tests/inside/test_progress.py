"""Progress of long queries: handlers that the client registers are called while the query runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


class Reports:
    """What a progress handler was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[list[Any], int, str | None, bool]] = []

    def __call__(self, stages: Any, inflight_tasks: int, operation_id: str | None, done: bool) -> None:
        self.calls.append((list(stages or []), inflight_tasks, operation_id, done))


@pytest.fixture
def reports(spark: SparkSession) -> Iterator[Reports]:
    reports = Reports()
    spark.conf.set("spark.connect.progress.reportInterval", "20ms")
    spark.registerProgressHandler(reports)
    yield reports
    spark.removeProgressHandler(reports)
    spark.conf.unset("spark.connect.progress.reportInterval")


def test_long_query_reports(spark: SparkSession, reports: Reports) -> None:
    # Sorting and hashing this many rows takes many report intervals on any machine.
    rows = spark.range(0, 1_500_000, 1, 6).select(F.sha2(F.col("id").cast("string"), 256).alias("digest"))
    rows.repartition(5, "digest").groupBy("digest").count().agg(F.sum("count")).collect()
    underway = [call for call in reports.calls if call[0] and not call[3]]
    assert len(underway) > 1
    assert {call[2] for call in underway} == {underway[0][2]}
    assert underway[0][2], "the operation has an id"
    # Six partitions are read, five exchanged, one is the answer.
    assert {6, 5, 1} <= {stage.num_tasks for stage in underway[-1][0]}
    done = [sum(stage.num_completed_tasks for stage in call[0]) for call in underway]
    assert done == sorted(done), "progress does not go back"
    assert all(stage.num_completed_tasks <= stage.num_tasks for call in underway for stage in call[0])
    assert any(call[1] > 0 for call in underway), "tasks run"
    assert reports.calls[-1][3], "the last call says that the query is done"


def test_short_query_reports_only_its_end(spark: SparkSession, reports: Reports) -> None:
    spark.conf.set("spark.connect.progress.reportInterval", "1h")
    spark.range(3).collect()
    assert [call[3] for call in reports.calls] == [True]
