"""``sc._jvm``, ``sc._jsc`` and ``df._jdf`` for PySpark's own modules of mllib; everybody else gets the error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from firesteel.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext

_CALLERS = "pyspark.mllib"
_PREFIX = "org.apache.spark.mllib."


def asked_by_mllib(depth: int = 2) -> bool:
    """Return whether the code that reads an attribute is a module of ``pyspark.mllib``.

    Parameters
    ----------
    depth : int, default 2
        How many calls lie between that code and this function.
    """
    name = str(sys._getframe(depth).f_globals.get("__name__"))
    return name == _CALLERS or name.startswith(_CALLERS + ".")


def attribute_of_context(context: SparkContext, name: str) -> Any:
    """Return what stands for a context's ``_jvm`` or ``_jsc``."""
    return JavaNames() if name == "_jvm" else JavaContext(context)


class JavaContext:
    """Stands for ``sc._jsc``: functions that are given it want the context."""

    def __init__(self, context: SparkContext) -> None:
        self.context = context

    def sc(self) -> SparkContext:
        """Return the context."""
        return self.context


class JavaNames:
    """Stands for ``sc._jvm``: dotted names that end in a class of mllib."""

    def __init__(self, name: str = "") -> None:
        self._name = name

    def __getattr__(self, part: str) -> Any:
        from firesteel.mllib import registry

        name = f"{self._name}.{part}" if self._name else part
        if name.startswith(_PREFIX):
            found = registry.java_class(name.removeprefix(_PREFIX))
            if found is not None:
                return found
            if part[:1].isupper():
                raise UnsupportedFeatureError(name, "Use pyspark.ml.")
        return JavaNames(name)
