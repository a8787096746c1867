"""``from py4j.protocol import Py4JJavaError`` without Py4J, and what PySpark's own modules import from it.

An installed Py4J is found before this.
"""

from __future__ import annotations

import importlib
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

# Per module the module of ours and its names.
_MODULES: dict[str, tuple[str, tuple[str, ...]]] = {
    "py4j": ("", ()),
    "py4j.protocol": ("firesteel.core.py4j_protocol", ("Py4JError", "Py4JJavaError", "Py4JNetworkError")),
    "py4j.java_gateway": (
        "firesteel.core.py4j_gateway",
        ("JavaGateway", "JavaObject", "is_instance_of", "java_import"),
    ),
    "py4j.java_collections": ("firesteel.core.py4j_gateway", ("JavaArray", "JavaList", "JavaMap")),
}


def add() -> None:
    """Make the names importable, once."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(_Finder())


class _Finder(MetaPathFinder, Loader):
    """Finds ``py4j`` and its modules of `_MODULES` where nothing else does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of one of them."""
        del path, target
        if fullname not in _MODULES:
            return None
        return ModuleSpec(fullname, self, is_package=fullname == "py4j")

    def exec_module(self, module: ModuleType) -> None:
        """Give a module its classes."""
        source, names = _MODULES[module.__name__]
        if source:
            ours = importlib.import_module(source)
            module.__dict__.update({name: getattr(ours, name) for name in names})
