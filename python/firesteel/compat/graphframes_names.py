"""``from graphframes.lib import Pregel`` without a JVM.

``graphframes-py`` keeps two builders of Pregel programs: one over Spark Connect, which ``g.pregel`` gives, and one over
Py4J, which is the name in ``graphframes.lib`` and cannot even be imported with the client alone (it asks for
``pyspark.sql.classic``). Here that name is the first one. With it ``graphframes.lib`` and ``graphframes.examples`` import.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_MODULE = "graphframes.lib.pregel"


def add() -> None:
    """Make the names importable, once. Nothing is imported before a program asks for it."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder, Loader):
    """Finds the one module before the installed package does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the module's spec."""
        del path, target
        return ModuleSpec(fullname, self) if fullname == _MODULE else None

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its class."""
        from graphframes.connect.graphframes_client import PregelConnect

        def start(self: Any, graph: Any) -> None:
            """Begin a program over a `GraphFrame`, as ``graph.pregel`` does."""
            PregelConnect.__init__(self, graph._impl)

        module.__dict__["Pregel"] = type(
            "Pregel", (PregelConnect,), {"__init__": start, "__doc__": PregelConnect.__doc__, "__module__": _MODULE}
        )
