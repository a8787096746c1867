"""What goes wrong with files, in Hadoop's and Spark's words.

Spark Connect has no JVM exceptions to wrap: programs that look into the text of a ``Py4JJavaError`` find the same
class name and sentence in these.
"""

from __future__ import annotations

from pyspark.errors import PySparkException

from firesteel.core.java_exception import JavaException
from firesteel.core.java_exception import Py4JJavaError as _Official


class Py4JJavaError(PySparkException, _Official):  # type: ignore[misc]
    """A failure that Hadoop or Spark reports under a Java class name, and PySpark under this one.

    Parameters
    ----------
    java_class : str
        The class that real Spark's traceback names.
    text : str
        Its message.
    """

    def __init__(self, java_class: str, text: str) -> None:
        PySparkException.__init__(self, message=f"{java_class}: {text}")
        self.java_exception = JavaException(java_class, text)

    def __str__(self) -> str:
        return self.java_exception.toString()

    def __reduce__(self) -> tuple[type[Py4JJavaError], tuple[str, str]]:
        return (type(self), (self.java_exception.getName(), self.java_exception.getMessage()))


def invalid_input(text: str, old: bool) -> Py4JJavaError:
    """Return the paths to read do not exist or match nothing; Hadoop's old and new interface name two classes."""
    package = "mapred" if old else "mapreduce.lib.input"
    return Py4JJavaError(f"org.apache.hadoop.{package}.InvalidInputException", text)


def file_already_exists(text: str) -> Py4JJavaError:
    """Return the directory to write exists."""
    return Py4JJavaError("org.apache.hadoop.mapred.FileAlreadyExistsException", text)


def io_error(text: str) -> Py4JJavaError:
    """Return a file cannot be read or written."""
    return Py4JJavaError("java.io.IOException", text)


def end_of_file(text: str) -> Py4JJavaError:
    """Return a file ends within a record."""
    return Py4JJavaError("java.io.EOFException", text)


def class_not_found(name: str) -> Py4JJavaError:
    """Return a class name that is none of Hadoop's known here."""
    return Py4JJavaError("java.lang.ClassNotFoundException", name)


def unsupported(text: str) -> Py4JJavaError:
    """Return a part of Hadoop that needs its classes, and what to do instead."""
    return Py4JJavaError("java.lang.UnsupportedOperationException", text)


def spark_error(text: str) -> Py4JJavaError:
    """Return an error that Spark raises without a condition of its own."""
    return Py4JJavaError("org.apache.spark.SparkException", text)


def invalid_job_conf(text: str) -> Py4JJavaError:
    """Return the error of a job that does not say where to write."""
    return Py4JJavaError("org.apache.hadoop.mapred.InvalidJobConfException", text)
