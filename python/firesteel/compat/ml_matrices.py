"""Matrices of models look as they do with a JVM, where `isTransposed` is 0 or 1; the Connect client makes it a bool.

The module is patched when it is imported: `pyspark.ml` needs NumPy, which takes most of a start.
"""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_MODULE = "pyspark.ml.connect.serialize"


def patch() -> None:
    """Patch the module now, or once it is imported."""
    module = sys.modules.get(_MODULE)
    if module is not None:
        _change(module)
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def _change(module: Any) -> None:
    official = module.deserialize_param

    def deserialize_param(literal: Any) -> Any:
        value = official(literal)
        if isinstance(value, (module.DenseMatrix, module.SparseMatrix)):
            value.isTransposed = int(value.isTransposed)
        return value

    module.deserialize_param = deserialize_param


class _Finder(MetaPathFinder):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname != _MODULE:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None:
            spec.loader = _Loader(fullname, spec.origin)
        return spec


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        _change(module)
