"""What programs import from ``py4j.protocol``, where Py4J is not installed: the classes of its errors.

Firesteel has no JVM to talk to, but programs name these classes around RDD actions.
"""

from __future__ import annotations

from typing import Any


class Py4JError(Exception):
    """Any error of Py4J.

    Parameters
    ----------
    args : any, optional
        A message.
    cause : BaseException, optional
        What led to it.
    """

    def __init__(self, args: Any = None, cause: BaseException | None = None) -> None:
        super().__init__(args)
        self.cause = cause


class Py4JNetworkError(Py4JError):
    """The JVM cannot be reached; never raised here."""


class Py4JJavaError(Py4JError):
    """Java code raised an exception.

    Parameters
    ----------
    msg : str
        What failed.
    java_exception : any
        The exception.
    """

    def __init__(self, msg: str, java_exception: Any) -> None:
        super().__init__(msg)
        self.errmsg = msg
        self.java_exception = java_exception

    def __str__(self) -> str:
        return f"{self.errmsg}: {self.java_exception}"


for _class in (Py4JError, Py4JNetworkError, Py4JJavaError):
    _class.__module__ = "py4j.protocol"
