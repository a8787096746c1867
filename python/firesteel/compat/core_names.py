"""What ``pyspark.core`` holds, under PySpark's names: ``from pyspark import SparkContext``, ``import pyspark.rdd``.

Nothing is imported before a program asks for it. Worker processes never see these names: they take the presence of
``pyspark.core`` for a full PySpark.
"""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

# Per module of PySpark's the modules of ours whose names it has.
_MODULES = {
    "pyspark.core": ("firesteel.core",),
    "pyspark.core.rdd": ("firesteel.rdd.names",),
    "pyspark.core.context": ("firesteel.core.context",),
    "pyspark.core.broadcast": ("firesteel.core.broadcast",),
    "pyspark.core.files": ("firesteel.core.files",),
    "pyspark.core.status": ("firesteel.core.status",),
    "pyspark.mllib.common": ("firesteel.mllib.common",),
}
_SHORT = {f"pyspark.{name}": f"pyspark.core.{name}" for name in ("rdd", "context", "broadcast", "files", "status")}

# Names of the package itself, and which of the modules above has them.
_NAMES = {
    "SparkContext": "context",
    "RDD": "rdd",
    "RDDBarrier": "rdd",
    "SparkFiles": "files",
    "Broadcast": "broadcast",
    "StatusTracker": "status",
    "SparkJobInfo": "status",
    "SparkStageInfo": "status",
    "SparkExecutorInfo": "status",
}
_SQL_NAMES = ("SQLContext", "HiveContext")


def add() -> None:
    """Make the names importable, once; with the full package ours take the place of PySpark's own."""
    import pyspark

    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    package: Any = pyspark
    _turn_to_ours(package)
    for name in (*_MODULES, *_SHORT):
        sys.modules.pop(name, None)
        package.__dict__.pop(name.partition(".")[2], None)
    for name in _NAMES:
        package.__dict__.pop(name, None)
    sys.meta_path.insert(0, _Finder())
    package.__getattr__ = _attribute_of_package


def _attribute_of_package(name: str) -> Any:
    if name in _NAMES:
        value = getattr(importlib.import_module(f"pyspark.core.{_NAMES[name]}"), name)
    elif name in _SQL_NAMES:
        value = getattr(importlib.import_module("pyspark.sql"), name)
    elif f"pyspark.{name}" in _SHORT or name == "core":
        value = importlib.import_module(f"pyspark.{name}")
    else:
        raise AttributeError(f"module 'pyspark' has no attribute {name!r}")
    sys.modules["pyspark"].__dict__[name] = value
    return value


def _turn_to_ours(package: Any) -> None:
    """Where a program holds PySpark's own SparkContext already, make calling it give ours."""
    official = package.__dict__.get("SparkContext")
    if official is None:
        return

    def new(_cls: type, *args: Any, **options: Any) -> Any:
        from firesteel.core.context import SparkContext

        return SparkContext(*args, **options)

    def get_or_create(_cls: type, conf: Any = None) -> Any:
        from firesteel.core.context import SparkContext

        return SparkContext.getOrCreate(conf)

    official.__new__ = new
    official.getOrCreate = classmethod(get_or_create)


class _Finder(MetaPathFinder):
    """Finds the modules of `_MODULES` and `_SHORT`, before any that are installed."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname in _MODULES or fullname in _SHORT:
            return ModuleSpec(fullname, _Loader(), is_package=fullname == "pyspark.core")
        return None


class _Loader(Loader):
    """Makes a module that has the names of ours."""

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        if spec.name in _SHORT:
            return importlib.import_module(_SHORT[spec.name])
        return None

    def exec_module(self, module: ModuleType) -> None:
        for source in _MODULES.get(module.__name__, ()):
            ours = importlib.import_module(source)
            for name, value in vars(ours).items():
                if not (name.startswith("__") and name.endswith("__")):
                    module.__dict__.setdefault(name, value)
