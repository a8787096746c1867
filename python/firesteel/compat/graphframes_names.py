"""What ``graphframes-py`` has for a JVM only.

``graphframes-py`` keeps two builders of Pregel programs: one over Spark Connect, which ``g.pregel`` gives, and one over
Py4J, which is the name in ``graphframes.lib`` and cannot even be imported with the client alone (it asks for
``pyspark.sql.classic``). Here that name is the first one. With it ``graphframes.lib`` and ``graphframes.examples`` import.

``parallelPersonalizedPageRank`` over Spark Connect computes the weights of edges from a column that its result does not have;
here they are those of the JVM's: one over the edges that leave their source. Workers have the package as it is: functions of
the example module that needs `graphframes.lib` travel to them by value.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

_PREGEL = "graphframes.lib.pregel"
_CLIENT = "graphframes.connect.graphframes_client"
_EXAMPLE = "graphframes.examples.belief_propagation"


def add() -> None:
    """Change the package as it is imported, once. Nothing is imported before a program asks for it."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    if _CLIENT in sys.modules:
        _patch_client(sys.modules[_CLIENT])


class _Finder(MetaPathFinder):
    """Finds the two modules before the installed package does."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return a module's spec."""
        if fullname == _PREGEL:
            return ModuleSpec(fullname, _PregelLoader())
        change = {_CLIENT: _patch_client, _EXAMPLE: _send_by_value}.get(fullname)
        if change is None:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is not None and found.loader is not None:
            found.loader = _ChangingLoader(found.loader, change)
        return found


class _PregelLoader(Loader):
    """Loads the module of the class that asks for Py4J."""

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its class."""
        from graphframes.connect.graphframes_client import PregelConnect

        def start(self: Any, graph: Any) -> None:
            """Begin a program over a `GraphFrame`, as ``graph.pregel`` does."""
            PregelConnect.__init__(self, graph._impl)

        module.__dict__["Pregel"] = type(
            "Pregel", (PregelConnect,), {"__init__": start, "__doc__": PregelConnect.__doc__, "__module__": _PREGEL}
        )


class _ChangingLoader(Loader):
    """Loads a module as it is, then changes it."""

    def __init__(self, official: Any, change: Callable[[Any], None]) -> None:
        self._official = official
        self._change = change

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """Leave it to the official loader."""
        made: ModuleType | None = self._official.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        self._official.exec_module(module)
        self._change(module)


def _send_by_value(module: Any) -> None:
    from pyspark import cloudpickle

    register: Any = cloudpickle.register_pickle_by_value
    register(module)


def _patch_client(module: Any) -> None:
    graph_class = module.GraphFrameConnect
    official = graph_class._update_page_rank_edge_weights
    if getattr(official, "is_of_firesteel", False):
        return

    def weights(self: Any, new_vertices: Any) -> Any:
        from pyspark.sql.functions import col, lit

        if "pagerank" in new_vertices.columns:
            return official(self, new_vertices)
        degrees = self.outDegrees.withColumnRenamed("id", "src")
        edges = self._edges.join(degrees, on=["src"]).withColumn("weight", lit(1.0) / col("outDegree"))
        return graph_class(new_vertices, edges.select(*self._edges.columns, "weight"))

    weights.is_of_firesteel = True  # type: ignore[attr-defined]
    graph_class._update_page_rank_edge_weights = weights
