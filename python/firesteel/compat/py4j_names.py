"""``from py4j.protocol import Py4JJavaError`` without Py4J. An installed Py4J is found before this."""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_NAMES = ("Py4JError", "Py4JJavaError", "Py4JNetworkError")


def add() -> None:
    """Make the names importable, once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


class _Finder(MetaPathFinder, Loader):
    """Finds ``py4j`` and ``py4j.protocol`` where nothing else does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of the two modules."""
        del path, target
        if fullname not in ("py4j", "py4j.protocol"):
            return None
        return ModuleSpec(fullname, self, is_package=fullname == "py4j")

    def exec_module(self, module: ModuleType) -> None:
        """Give ``py4j.protocol`` its classes."""
        if module.__name__ == "py4j.protocol":
            ours = importlib.import_module("firesteel.core.py4j_protocol")
            module.__dict__.update({name: getattr(ours, name) for name in _NAMES})
