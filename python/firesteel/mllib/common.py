"""``pyspark.mllib.common`` without a JVM: the one way from PySpark's classes to what stands for Java's."""

from __future__ import annotations

from typing import Any, TypeVar

from firesteel.core.context import SparkContext
from firesteel.mllib import registry
from firesteel.mllib.bridge import JavaContext

C = TypeVar("C", bound=type)


def callMLlibFunc(name: str, *args: Any) -> Any:
    """Call the function that Spark has as ``PythonMLLibAPI.name``.

    Raises
    ------
    firesteel.errors.UnsupportedFeatureError
        There is none of this name.
    """
    return registry.function(name)(*(arg.sc() if isinstance(arg, JavaContext) else arg for arg in args))


def callJavaFunc(sc: SparkContext, func: Any, *args: Any) -> Any:
    """Call a method of an object that stands for Java's."""
    del sc
    return func(*args)


def _py2java(sc: SparkContext, obj: Any) -> Any:
    del sc
    return obj


def _java2py(sc: SparkContext, r: Any, encoding: str = "bytes") -> Any:
    del sc, encoding
    return r


class JavaModelWrapper:
    """Base of the classes that hold an object of Java and pass calls on."""

    def __init__(self, java_model: Any) -> None:
        self._sc = SparkContext.getOrCreate()
        self._java_model = java_model

    def call(self, name: str, *a: Any) -> Any:
        """Call the method `name`."""
        return getattr(self._java_model, name)(*a)


def inherit_doc(cls: C) -> C:
    """Give public methods without a docstring that of a base class."""
    for name, function in vars(cls).items():
        if name.startswith("_") or function.__doc__:
            continue
        described = (getattr(base, name, None) for base in cls.__mro__[1:])
        doc = next((method.__doc__ for method in described if method is not None and method.__doc__), None)
        if doc is not None:
            function.__doc__ = doc
    return cls
