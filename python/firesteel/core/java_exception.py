"""Py4J's class of Java errors, and what programs ask of them; workers import this too, so it needs no client.

Where Py4J is installed, its class is the one, so that programs catch errors by either name.
"""

from __future__ import annotations

try:
    from py4j.protocol import Py4JJavaError  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from firesteel.core.py4j_protocol import Py4JJavaError  # type: ignore[assignment,unused-ignore]

__all__ = ("JavaException", "Py4JJavaError")


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
