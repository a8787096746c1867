"""Errors that real PySpark raises as a ``Py4JJavaError``: they are one here too, besides what Spark Connect makes them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pyspark.errors.exceptions.connect import (
    PythonException,
    SparkConnectGrpcException,
    SparkException,
    UnknownException,
)

from firesteel.core.java_exception import JavaException, Py4JJavaError

# What a failed job raises. All others name a condition of their own, by which PySpark converts them.
_OF_JOBS = (PythonException, SparkException, UnknownException)


def as_job_error(error: BaseException, cancelled: str | None = None) -> None:
    """Make the error of an RDD job a `Py4JJavaError` too, in its place; others stay what they are.

    Parameters
    ----------
    error : BaseException
        What the call to the server raised.
    cancelled : str, optional
        Spark's sentence, if the program has cancelled the job.
    """
    kind = type(error)
    if kind not in _OF_JOBS and kind is not SparkConnectGrpcException:
        return
    assert isinstance(error, SparkConnectGrpcException)
    if error.getCondition() == "OPERATION_CANCELED" and cancelled:
        error._errorClass = "SPARK_JOB_CANCELLED"
        error._sql_state = "XXKDA"
        error._message = f"[SPARK_JOB_CANCELLED] {cancelled} SQLSTATE: XXKDA"
    changed: Any = error
    changed.__class__ = _both(kind)
    changed.errmsg = "An error occurred while calling a job of Spark."
    changed.java_exception = JavaException("org.apache.spark.SparkException", error.getMessage())
    changed.exception_cmd = ""


@lru_cache(maxsize=16)
def _both(kind: type) -> type:
    """Return the class of errors that are of `kind` and a `Py4JJavaError`."""
    both = type("Py4JJavaError", (kind, Py4JJavaError), {"__doc__": kind.__doc__, "__str__": kind.__str__})
    both.__module__ = "py4j.protocol"
    return both
