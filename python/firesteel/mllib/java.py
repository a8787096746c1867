"""The base of what stands for a Java object."""

from __future__ import annotations

from typing import Any

from firesteel.core.py4j_names import JavaObject


class JavaClass:
    """Answer of ``getClass()``."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    def getSimpleName(self) -> str:
        """Return the name without its package."""
        return self._kind.__name__

    def getName(self) -> str:
        """Return the name; the package of the JVM is not known here."""
        return self._kind.__name__


class ModelObject(JavaObject):  # type: ignore[misc,unused-ignore]
    """An object with the methods of a Java class; subclasses are called as the Java class is."""

    def __init__(self) -> None:
        # Py4J's own class wants a gateway; where it is installed, it is the base.
        pass

    def getClass(self) -> JavaClass:
        """Return its class, as Java objects do."""
        return JavaClass(type(self))

    def toString(self) -> str:
        """Return its text, as Java objects do."""
        return str(self)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no method {name!r}")

    __eq__ = object.__eq__
    __hash__ = object.__hash__
    __str__ = object.__repr__
    __repr__ = object.__repr__
    __dir__ = object.__dir__
