"""Errors that real PySpark raises as a ``Py4JJavaError``: they are one here too, besides what Spark Connect makes them.

Where Py4J is installed, its class is the base, so that programs catch them by either name.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pyspark.errors.exceptions.connect import (
    PythonException,
    SparkConnectGrpcException,
    SparkException,
    UnknownException,
)

try:
    from py4j.protocol import Py4JJavaError  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from firesteel.core.py4j_protocol import Py4JJavaError  # type: ignore[assignment,unused-ignore]

__all__ = ("JavaException", "Py4JJavaError", "as_job_error")

# What a failed job raises. All others name a condition of their own, by which PySpark converts them.
_OF_JOBS = (PythonException, SparkException, UnknownException)


class JavaException:
    """What programs ask of ``error.java_exception``.

    Parameters
    ----------
    class_name : str
        The Java class.
    text : str
        Its message.
    """

    def __init__(self, class_name: str, text: str) -> None:
        self._class_name = class_name
        self._text = text

    def getMessage(self) -> str:
        """Return the message."""
        return self._text

    def getName(self) -> str:
        """Return the class's name, for ``getClass().getName()``."""
        return self._class_name

    def getClass(self) -> JavaException:
        """Return what answers ``getName``."""
        return self

    def getCause(self) -> None:
        """Return None: what caused it is in the message."""
        return

    def toString(self) -> str:
        """Return class and message."""
        return f"{self._class_name}: {self._text}"

    __str__ = toString


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
