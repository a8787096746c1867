"""Parts of `pyspark.ml` that the Connect client leaves out work as they do with a JVM.

- Matrices of models print `isTransposed` as 0 or 1; the client makes it a bool.
- `clear` forgets a parameter of an estimator or a model; the client's does nothing.
- Methods that return tables, such as `approxSimilarityJoin`, take arguments by keyword; the client drops those.
- `model.write().format("pmml")` writes what Spark exports (`pmml.py`); the client's writer knows no formats.
- `HashingTF.indexOf` has an answer; the client has none.

Modules are patched when they are imported: `pyspark.ml` needs NumPy, which takes most of a start.
"""

from __future__ import annotations

import functools
import inspect
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from types import FunctionType
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException

from firesteel.compat import pmml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

# Largest and smallest number that Java keeps in 32 bits.
_INT = range(-(2**31), 2**31)


def patch() -> None:
    """Patch modules that are there now, and the others once they are imported."""
    for name, change in _CHANGES.items():
        module = sys.modules.get(name)
        if module is not None and not getattr(module.__spec__, "_initializing", False):
            change(module)
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _change_serialize(module: Any) -> None:
    official = module.deserialize_param

    def deserialize_param(literal: Any) -> Any:
        value = official(literal)
        if isinstance(value, (module.DenseMatrix, module.SparseMatrix)):
            value.isTransposed = int(value.isTransposed)
        return value

    module.deserialize_param = deserialize_param


def _change_readwrite(module: Any) -> None:
    official = module.RemoteMLWriter.save

    def choose(self: Any, source: str) -> Any:
        """Specify the format: ``internal`` or ``pmml``."""
        if not pmml.has_form(self._instance):
            raise AttributeError("'JavaMLWriter' object has no attribute 'format'")
        self._format = source
        return self

    def save(self: Any, path: str) -> None:
        """Save the model."""
        source = getattr(self, "_format", "internal")
        if source == "pmml":
            pmml.write(self._instance, path, self.shouldOverwrite)
        elif source == "internal":
            official(self, path)
        else:
            name = type(self._instance).__name__
            raise PySparkException(f"Could not load requested format {source} for {name}.")

    module.RemoteMLWriter.format = choose
    module.RemoteMLWriter.save = save


def _change_wrapper(module: Any) -> None:
    def clear(self: Any, param: Any) -> None:
        """Forget the value that was set; the default counts again."""
        super(module.JavaParams, self).clear(param)

    module.JavaParams.clear = clear


def _change_feature(module: Any) -> None:
    _take_keywords(module)
    module.HashingTF.indexOf = _index_of


def _take_keywords(module: Any) -> None:
    """Let methods of the module's classes that return tables take arguments by keyword."""
    from pyspark.ml.util import try_remote_attribute_relation

    def nothing(_: Any) -> None: ...

    # All methods that the client decorates so share their code.
    decorated = try_remote_attribute_relation(nothing).__code__
    for owner in list(vars(module).values()):
        if not (isinstance(owner, type) and owner.__module__ == module.__name__):
            continue
        for name, method in list(vars(owner).items()):
            if isinstance(method, FunctionType) and method.__code__ is decorated:
                setattr(owner, name, _with_keywords(method))


def _with_keywords(method: Any) -> Callable[..., Any]:
    signature = inspect.signature(method.__wrapped__)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        if kwargs:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            args = bound.args
        return method(*args)

    return call


def _index_of(self: Any, term: Any) -> int:
    """Return where `transform` counts a term: an engine hashes it."""
    from pyspark.sql import SparkSession

    kind = "string"
    if isinstance(term, bool):
        kind = "boolean"
    elif isinstance(term, int):
        kind = "int" if term in _INT else "bigint"
    elif isinstance(term, float):
        kind = "double"
    elif not isinstance(term, str):
        raise TypeError(f"HashingTF.indexOf takes a str, bool, int or float, not {type(term).__name__}")
    row = SparkSession.active().createDataFrame([([term],)], f"terms array<{kind}>")
    hashing = self.copy({self.inputCol: "terms", self.outputCol: "vector"})
    return int(hashing.transform(row).first()["vector"].indices[0])


_CHANGES: dict[str, Callable[[Any], None]] = {
    "pyspark.ml.connect.readwrite": _change_readwrite,
    "pyspark.ml.connect.serialize": _change_serialize,
    "pyspark.ml.wrapper": _change_wrapper,
    "pyspark.ml.feature": _change_feature,
    "pyspark.ml.clustering": _take_keywords,
    "pyspark.ml.recommendation": _take_keywords,
}


class _Finder(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname not in _CHANGES:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        _CHANGES[module.__name__](module)
