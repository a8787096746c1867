"""`mapInArrow` and `mapInPandas` with `barrier=True`: all tasks of the stage run together and may wait for one another."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from pyspark import BarrierTaskContext
from pyspark.errors import PySparkException, PythonException

SCHEMA = "task int, messages string, n_tasks int"


def gatherer() -> Any:
    """Return a function that tells which tasks it has met; an inner one travels by value."""

    def gather(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = BarrierTaskContext.get()
        task, n_rows = context.partitionId(), sum(batch.num_rows for batch in batches)
        messages = context.allGather(f"{task}:{n_rows}")
        context.barrier()
        columns = (
            pa.array([task], "int32"),
            pa.array([",".join(messages)]),
            pa.array([len(context.getTaskInfos())], "int32"),
        )
        yield pa.RecordBatch.from_arrays(list(columns), ["task", "messages", "n_tasks"])

    return gather


def gathered(frame: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in frame.mapInArrow(gatherer(), SCHEMA, barrier=True).collect()]


def test_tasks_exchange_messages(spark: Any) -> None:
    assert gathered(spark.range(0, 10, 1, 2)) == [(0, "0:5,1:5", 2), (1, "0:5,1:5", 2)]
    # A task without rows takes part.
    assert gathered(spark.range(0, 1, 1, 2)) == [(0, "0:0,1:1", 2), (1, "0:0,1:1", 2)]
    assert gathered(spark.range(1).coalesce(1)) == [(0, "0:1", 1)]


def test_nobody_passes_before_the_last_has_come(spark: Any) -> None:
    def talk(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        context = BarrierTaskContext.get()
        for _ in frames:
            pass
        time.sleep(0.3 * context.partitionId())
        before = time.time()
        for _ in range(20):
            context.barrier()
        yield pd.DataFrame({"before": [before], "after": [time.time()]})

    seen = spark.range(0, 4, 1, 2).mapInPandas(talk, "before double, after double", barrier=True).collect()
    assert min(row.after for row in seen) >= max(row.before for row in seen)


@pytest.mark.skipif(
    os.environ.get("FIRESTEEL_TEST_RUNNER") == "travel", reason="that runner gives tasks their slots one by one"
)
def test_under_other_operators_and_beside_others(spark: Any) -> None:
    barrier = spark.range(0, 10, 1, 2).mapInArrow(gatherer(), SCHEMA, barrier=True)
    assert barrier.limit(1).count() == 1
    assert [tuple(row) for row in barrier.groupBy("n_tasks").count().collect()] == [(2, 2)]
    assert barrier.union(barrier).where("n_tasks = 2").repartition(3, "task").count() == 4
    again = barrier.select("task").mapInArrow(gatherer(), SCHEMA, barrier=True)
    assert [row.messages for row in again.collect()] == ["0:1,1:1"] * 2


def test_rows_that_nobody_reads_yet_hold_up_no_barrier(spark: Any) -> None:
    def many(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for _ in batches:
            pass
        for _ in range(30):
            yield pa.RecordBatch.from_arrays([pa.array(range(10_000), "int64")], ["y"])
        BarrierTaskContext.get().barrier()
        yield pa.RecordBatch.from_arrays([pa.array([-1], "int64")], ["y"])

    rows = spark.range(0, 2, 1, 2).mapInArrow(many, "y long", barrier=True).where("y < 1").collect()
    assert [row.y for row in rows] == ([0] * 30 + [-1]) * 2


def test_a_task_that_fails_fails_all(spark: Any) -> None:
    def fail(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = BarrierTaskContext.get()
        if context.partitionId() == 1:
            raise ValueError("one of two")
        context.barrier()
        yield from batches

    def die(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = BarrierTaskContext.get()
        if context.partitionId() == 1:
            os._exit(3)
        context.allGather("alive")
        yield from batches

    frame = spark.range(0, 10, 1, 2)
    with pytest.raises(PySparkException, match=r"(?s)barrier task ResultTask\(\d+, 1\).*ValueError: one of two"):
        frame.mapInArrow(fail, "id long", barrier=True).collect()
    with pytest.raises(PySparkException, match="Python worker exited unexpectedly"):
        frame.mapInArrow(die, "id long", barrier=True).collect()
    assert len(gathered(frame)) == 2


def test_calls_that_do_not_match_fail(spark: Any) -> None:
    def mixed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = BarrierTaskContext.get()
        if context.partitionId():
            context.barrier()
        else:
            context.allGather("x")
        yield from batches

    def left(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        context = BarrierTaskContext.get()
        if context.partitionId():
            context.barrier()
        yield from batches

    frame = spark.range(0, 10, 1, 2)
    with pytest.raises(PySparkException, match="different calls"):
        frame.mapInArrow(mixed, "id long", barrier=True).collect()
    with pytest.raises(PySparkException, match="that has ended"):
        frame.mapInArrow(left, "id long", barrier=True).collect()


def test_more_tasks_than_slots(spark: Any) -> None:
    with pytest.raises(PySparkException, match="SPARK-24819"):
        spark.range(0, 10, 1, 1000).mapInArrow(gatherer(), SCHEMA, barrier=True).collect()


def test_outside_of_a_barrier_stage(spark: Any) -> None:
    with pytest.raises(PythonException, match="NOT_IN_BARRIER_STAGE"):
        spark.range(1).mapInArrow(gatherer(), SCHEMA).collect()
