"""What PySpark's modules import from ``py4j.java_gateway`` and ``py4j.java_collections``, where Py4J is not installed."""

from __future__ import annotations

from typing import Any, NoReturn

from firesteel.errors import UnsupportedFeatureError

_INSTEAD = "There is no JVM: use the DataFrame API, SQL or a Python function."


class JavaObject:
    """Base of what stands for an object of Java."""


class JavaArray(JavaObject):
    """An array of Java; there are none."""


class JavaList(JavaObject):
    """A list of Java; there are none."""


class JavaMap(JavaObject):
    """A map of Java; there are none."""


class JavaGateway:
    """A connection to a JVM, which cannot be made."""

    def __init__(self, *args: Any, **options: Any) -> None:
        del args, options
        raise UnsupportedFeatureError("py4j.java_gateway.JavaGateway", _INSTEAD)


def java_import(*args: Any) -> NoReturn:
    """Refuse: there is no JVM to import into."""
    del args
    raise UnsupportedFeatureError("py4j.java_gateway.java_import", _INSTEAD)


def is_instance_of(gateway: Any, java_object: Any, java_class: Any) -> bool:
    """Return False: nothing is of a class of Java."""
    del gateway, java_object, java_class
    return False


for _class in (JavaObject, JavaGateway):
    _class.__module__ = "py4j.java_gateway"
for _class in (JavaArray, JavaList, JavaMap):
    _class.__module__ = "py4j.java_collections"
