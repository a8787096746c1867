"""Workers that die, hang, fill their streams or are not read to the end; what they leave behind; accumulators."""

from __future__ import annotations

import os
import pstats
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException, PythonException
from pyspark.sql import functions as F
from pyspark.sql.functions import udf


def test_a_worker_that_exits_fails_the_query_and_no_other(spark: Any) -> None:
    frame = spark.range(0, 10, 1, 3)
    for end in (lambda _: os._exit(3), lambda _: os.kill(os.getpid(), 9)):
        with pytest.raises(PySparkException, match="Python worker exited unexpectedly"):
            frame.select(udf(end, "int")("id")).collect()
        assert frame.select(udf(lambda x: x + 1, "long")("id").alias("y")).agg(F.sum("y")).first()[0] == 55


def test_the_traceback_names_the_line(spark: Any) -> None:
    def inner(x: int) -> int:
        return 1 // x

    with pytest.raises(PythonException, match=r"(?s)in inner.*return 1 // x.*ZeroDivisionError"):
        spark.range(1).select(udf(inner, "int")("id")).collect()


def test_what_is_printed_reaches_no_answer(spark: Any) -> None:
    def loud(x: int) -> int:
        print("x" * 100_000)
        return x

    assert spark.range(3).select(udf(loud, "long")("id")).count() == 3
    assert [row[0] for row in spark.range(3).select(udf(loud, "long")("id")).collect()] == [0, 1, 2]


def test_a_function_that_never_returns_is_interrupted(spark: Any) -> None:
    def hang(x: int) -> int:
        time.sleep(1000)
        return x

    def interrupt() -> None:
        for _ in range(50):
            if spark.interruptTag("hangs"):
                return
            time.sleep(0.2)

    spark.addTag("hangs")
    helper = threading.Thread(target=interrupt)
    helper.start()
    try:
        with pytest.raises(PySparkException, match="OPERATION_CANCELED"):
            spark.range(1).select(udf(hang, "long")("id")).collect()
    finally:
        spark.removeTag("hangs")
        helper.join()
    assert spark.range(2).select(udf(lambda x: x, "long")("id")).count() == 2


def test_only_what_is_asked_for_is_computed(spark: Any) -> None:
    def endless(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        while True:
            yield pa.RecordBatch.from_pydict({"id": [1]})

    assert spark.range(1).mapInArrow(endless, "id long").take(5) == [(1,)] * 5
    many = spark.range(0, 10**9, 1, 2)
    assert many.mapInPandas(lambda parts: parts, "id long").take(3) == [(0,), (1,), (2,)]
    for use_arrow in (True, False):
        assert many.select(udf(lambda x: x, "long", useArrow=use_arrow)("id")).take(2) == [(0,), (1,)]


def test_workers_serve_one_query_after_another(spark: Any) -> None:
    def worker(_: int) -> int:
        return os.getpid()

    frame = spark.range(1).select(udf(worker, "int")("id"))
    assert len({frame.collect()[0][0] for _ in range(4)}) <= 2


def test_profiles_of_all_tasks_reach_the_client(spark: Any, tmp_path: Path) -> None:
    """They are accumulators: each partition's task adds its own."""

    def called(x: int) -> int:
        return x

    spark.conf.set("spark.sql.pyspark.udf.profiler", "perf")
    try:
        spark.range(0, 12, 1, 3).select(udf(called, "long")("id")).collect()
        spark.profile.dump(str(tmp_path), type="perf")
    finally:
        spark.conf.unset("spark.sql.pyspark.udf.profiler")
        spark.profile.clear()
    (path,) = tmp_path.iterdir()
    calls = {place[2]: numbers[0] for place, numbers in pstats.Stats(str(path)).stats.items()}  # type: ignore[attr-defined]
    assert calls["called"] == 12


def test_what_a_function_imports_may_name_the_context(spark: Any) -> None:
    """Modules of programs say it at their head, whether or not the function uses it."""

    def names(_: int) -> str:
        from pyspark import SparkContext
        from pyspark.rdd import RDD

        return f"{SparkContext.__name__} {RDD.__name__}"

    assert spark.range(1).select(udf(names, "string")("id")).first()[0] == "SparkContext RDD"
