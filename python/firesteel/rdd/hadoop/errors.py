"""What goes wrong with files, in Hadoop's and Spark's words.

Spark Connect has no JVM exceptions to wrap: programs that look into the text of a ``Py4JJavaError`` find the same
class name and sentence in these.
"""

from __future__ import annotations

from pyspark.errors import PySparkException


class HadoopError(PySparkException):
    """A failure that Hadoop reports under a Java class name.

    Parameters
    ----------
    java_class : str
        The class real Spark's traceback names.
    text : str
        Its message.
    """

    def __init__(self, java_class: str, text: str) -> None:
        super().__init__(message=f"{java_class}: {text}")
        self.java_class = java_class
        self.text = text

    def __reduce__(self) -> tuple[type[HadoopError], tuple[str, str]]:
        return (type(self), (self.java_class, self.text))


def invalid_input(text: str, old: bool) -> HadoopError:
    """Return the paths to read do not exist or match nothing; Hadoop's old and new interface name two classes."""
    package = "mapred" if old else "mapreduce.lib.input"
    return HadoopError(f"org.apache.hadoop.{package}.InvalidInputException", text)


def file_already_exists(text: str) -> HadoopError:
    """Return the directory to write exists."""
    return HadoopError("org.apache.hadoop.mapred.FileAlreadyExistsException", text)


def io_error(text: str) -> HadoopError:
    """Return a file cannot be read or written."""
    return HadoopError("java.io.IOException", text)


def end_of_file(text: str) -> HadoopError:
    """Return a file ends within a record."""
    return HadoopError("java.io.EOFException", text)


def class_not_found(name: str) -> HadoopError:
    """Return a class name that is none of Hadoop's known here."""
    return HadoopError("java.lang.ClassNotFoundException", name)


def unsupported(text: str) -> HadoopError:
    """Return a part of Hadoop that needs its classes, and what to do instead."""
    return HadoopError("java.lang.UnsupportedOperationException", text)


def spark_error(text: str) -> HadoopError:
    """Return an error that Spark raises without a condition of its own."""
    return HadoopError("org.apache.spark.SparkException", text)


def invalid_job_conf(text: str) -> HadoopError:
    """Return the error of a job that does not say where to write."""
    return HadoopError("org.apache.hadoop.mapred.InvalidJobConfException", text)
