"""Errors that a call of Java raises in PySpark."""

from __future__ import annotations

from firesteel.core.java_exception import JavaException, Py4JJavaError


def spark_error(message: str, kind: str = "org.apache.spark.SparkException") -> Py4JJavaError:
    """Return what a Java exception becomes that PySpark has no class for.

    Parameters
    ----------
    message : str
        Its message.
    kind : str, default "org.apache.spark.SparkException"
        Its class.
    """
    return Py4JJavaError("An error occurred while calling a method of mllib.", JavaException(kind, message))
