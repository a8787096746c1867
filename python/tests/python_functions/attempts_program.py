"""Functions of frames under `local[2,3]`: a task may fail twice. Prints what came of them, one line each."""

from __future__ import annotations

import os
import signal
import sys
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyspark import TaskContext
from pyspark.errors import PythonException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.getOrCreate()
sc = spark.sparkContext
calls = Path(sys.argv[1])


def fail_twice() -> int:
    """Die, then raise, then return the number of the attempt."""
    context = TaskContext.get()
    assert context is not None
    attempt = context.attemptNumber()
    if attempt == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    if attempt == 1:
        raise ValueError("second")
    return attempt


seen = sc.accumulator(0)


@F.udf("long", useArrow=False)
def pickled(i: int) -> int:
    seen.add(1)
    if i == 900:
        assert fail_twice() == 2
    return i


@F.pandas_udf("long")
def batched(values: pd.Series) -> pd.Series:
    fail_twice()
    return values + 1


@F.pandas_udf("double")
def averaged(values: pd.Series) -> float:
    fail_twice()
    return float(values.mean())


def mapped(batches: Iterable[Any]) -> Iterator[Any]:
    """Fails when rows have been passed on."""
    for number, batch in enumerate(batches):
        yield batch
        if number == 3:
            fail_twice()


def grouped(group: pd.DataFrame) -> pd.DataFrame:
    fail_twice()
    return group.assign(n=len(group))


class Rows:
    def eval(self, i: int) -> Iterator[tuple[int]]:
        yield (i,)
        yield (i,)

    def terminate(self) -> Iterator[tuple[int]]:
        yield (fail_twice(),)


def different(batches: Iterable[Any]) -> Iterator[Any]:
    """Gives other rows in each attempt, and fails when some have been passed on."""
    for number, batch in enumerate(batches):
        yield pa.RecordBatch.from_pydict({"id": [uuid.uuid4().int & 0xFFFF] * batch.num_rows})
        if number == 3:
            fail_twice()


def never(_: int) -> int:
    with calls.open("a") as file:
        file.write("x")
    raise ValueError("always")


def total(frame: Any) -> list[int]:
    return list(frame.groupBy().agg(F.sum(frame.columns[-1]), F.count("*")).collect()[0])


frame = spark.range(0, 2000, 1, 2)
print("pickled", total(frame.select(pickled("id"))), seen.value)
print("pandas", total(frame.select(batched("id"))))
print(
    "aggregate",
    sorted(row[0] for row in frame.groupBy(F.expr("id % 2")).agg(averaged("id").alias("m")).select("m").collect()),
)
print(
    "groups",
    total(frame.selectExpr("id % 4 AS k", "id").groupBy("k").applyInPandas(grouped, "k long, id long, n long")),
)
print("table function", total(F.udtf(Rows, returnType="i int")(F.lit(7))))
spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", 100)
print("map", total(frame.mapInArrow(mapped, "id long")))
try:
    frame.mapInArrow(different, "id long").collect()
except Exception as error:
    print("different", "exited unexpectedly" in str(error) or "ValueError: second" in str(error))
try:
    spark.range(1).select(F.udf(never, "long")("id")).collect()
except Exception as error:
    print("never", isinstance(error, PythonException), "ValueError: always" in str(error), calls.read_text())
calls.unlink()
try:
    sc.parallelize([1], 1).map(never).collect()
except Exception as error:
    print("never", isinstance(error, PythonException), "ValueError: always" in str(error), calls.read_text())
