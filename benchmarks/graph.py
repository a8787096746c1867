"""Graphs beside networkit, igraph and GraphFrames on real Spark; written to RESULTS.md.

    python benchmarks/graph.py                             # kernels alone, over R-MAT graphs of 1 and 16 million edges, a grid of 4
    python benchmarks/graph.py --parquet                   # the same questions from Parquet to result, Spark too
    python benchmarks/graph.py --scale 0.05 --only firesteel,igraph --workloads "rmat 1M;grid"

Kernels alone: the graph is in memory in the form that the program likes, and the first run, which may still make
something of it, does not count. Firesteel's are run by `cargo run -p firesteel-graph --example kernels`. Everybody gets two
threads; igraph has one. networkit's label propagation is asynchronous and igraph's runs until nothing changes; igraph's
PageRank is solved exactly. From Parquet to result every run reads the files and gives a count of what came out.
Spark is the classic one with a JVM, `local[2]`, with GraphFrames' jar from Maven Central.

Every edge joins two vertices once, in one direction; the grid's rows run east and west in turn.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compare import ROOT
from turns import AbsentError, Suite, main

if TYPE_CHECKING:
    import numpy as np

THREADS = 2
GRAPHFRAMES_JAR = "io.graphframes:graphframes-spark4_2.13:0.12.3"

# --------------------------------------------------------------------------------------------------------------
# Data
# --------------------------------------------------------------------------------------------------------------


def rmat(n_edges: int) -> tuple[int, np.ndarray]:
    """A graph with a few vertices of very many edges (Chakrabarti, Zhan and Faloutsos 2004), 16 edges a vertex."""
    import numpy as np

    bits = max(int(n_edges / 16).bit_length() - 1, 4)
    n, random = 1 << bits, np.random.default_rng(1)
    keys = np.empty(0, dtype=np.int64)
    while len(keys) < n_edges:
        n_more = int((n_edges - len(keys)) * 1.3) + 1000
        source = np.zeros(n_more, dtype=np.int64)
        target = np.zeros(n_more, dtype=np.int64)
        for _ in range(bits):
            draw = random.random(n_more, dtype=np.float32)
            source = (source << 1) | (draw >= 0.76)
            target = (target << 1) | (((draw >= 0.57) & (draw < 0.76)) | (draw >= 0.95))
        low, high = np.minimum(source, target), np.maximum(source, target)
        keys = np.unique(np.concatenate([keys, (low * n + high)[low != high]]))
    keys = random.permutation(keys)[:n_edges]
    names = random.permutation(n)
    ends = np.stack([names[keys // n], names[keys % n]], axis=1)
    is_turned = random.random(n_edges) < 0.5
    ends[is_turned] = ends[is_turned, ::-1]
    return n, ends


def grid(n_edges: int) -> tuple[int, np.ndarray]:
    """Streets of a town: a way of thousands of edges from end to end."""
    import numpy as np

    side = max(int((n_edges / 2) ** 0.5), 2)
    place = np.arange(side * side, dtype=np.int64).reshape(side, side)
    east = np.stack([place[:, :-1], place[:, 1:]], axis=2)
    east[1::2] = east[1::2, :, ::-1]
    south = np.stack([place[:-1], place[1:]], axis=2)
    south[:, 1::2] = south[:, 1::2, ::-1]
    return side * side, np.concatenate([east.reshape(-1, 2), south.reshape(-1, 2)])


GRAPHS: dict[str, tuple[Callable[[int], tuple[int, np.ndarray]], int]] = {
    "rmat 1M": (rmat, 1_000_000),
    "rmat 16M": (rmat, 16_000_000),
    "grid 4M": (grid, 4_000_000),
}


def path(graph: str, kind: str, options: argparse.Namespace) -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return cache / "firesteel" / f"graph-{graph.replace(' ', '-')}-{options.scale:g}-{kind}"


def prepare(options: argparse.Namespace) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    for name, (make, n_edges) in GRAPHS.items():
        if path(name, "vertices.parquet", options).exists():
            continue
        n, ends = make(int(n_edges * options.scale))
        path(name, "", options).parent.mkdir(parents=True, exist_ok=True)
        ends.astype("<u4").tofile(path(name, "edges.bin", options))
        edges = pa.table({"src": ends[:, 0].astype("int64"), "dst": ends[:, 1].astype("int64")})
        pq.write_table(edges, path(name, "edges.parquet", options), row_group_size=1 << 20)
        vertices = pa.table({"id": np.arange(n, dtype="int64")})
        pq.write_table(vertices, path(name, "vertices.parquet", options), row_group_size=1 << 20)
    if not options.parquet:
        _build_kernels()


def _build_kernels() -> None:
    command = ["cargo", "build", "--release", "-p", "firesteel-graph", "--example", "kernels"]
    subprocess.run(command, check=True, cwd=ROOT)


def _n_vertices(graph: str, options: argparse.Namespace) -> int:
    import pyarrow.parquet as pq

    return pq.read_metadata(path(graph, "vertices.parquet", options)).num_rows


# --------------------------------------------------------------------------------------------------------------
# Engines: `graph(name)` gives what the kernels take, and keeps the last one only
# --------------------------------------------------------------------------------------------------------------


class Kernels:
    """Our kernels in a process that waits for their names."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.name, self.process = options, "", None

    def run(self, graph: str, kernel: str) -> Any:
        if graph != self.name:
            if self.process is not None:
                self.process.stdin.close()
                self.process.wait()
            target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
            command = [target / "release" / "examples" / "kernels", path(graph, "edges.bin", self.options)]
            command += [str(_n_vertices(graph, self.options)), str(THREADS)]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.process.stdout.readline()
            self.name = graph
        self.process.stdin.write(kernel + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        return int(answer) if kernel in EXACT else None


class Library(ABC):
    """A library of Python: its graph is made of the edges in memory, or of the files in every run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options, self.held = options, ("", False, None)

    def ends(self, graph: str) -> tuple[int, np.ndarray]:
        import numpy as np
        import pyarrow.parquet as pq

        if self.options.parquet:
            edges = pq.read_table(path(graph, "edges.parquet", self.options))
            pq.read_table(path(graph, "vertices.parquet", self.options))
            ends = np.stack([edges["src"].to_numpy(), edges["dst"].to_numpy()], axis=1)
        else:
            ends = np.fromfile(path(graph, "edges.bin", self.options), dtype="<u4").reshape(-1, 2).astype("int64")
        return _n_vertices(graph, self.options), ends

    def graph(self, graph: str, is_directed: bool) -> Any:
        if self.options.parquet:
            return self.make(*self.ends(graph), is_directed)
        if self.held[:2] != (graph, is_directed):
            self.held = ("", False, None)
            self.held = (graph, is_directed, self.make(*self.ends(graph), is_directed))
        return self.held[2]

    @abstractmethod
    def make(self, n: int, ends: np.ndarray, is_directed: bool) -> Any: ...

    def run(self, graph: str, kernel: str) -> Any:
        return getattr(self, kernel.replace(" ", "_"))(self.graph(graph, kernel in DIRECTED))


class Networkit(Library):
    def __init__(self, options: argparse.Namespace) -> None:
        import networkit as nk

        super().__init__(options)
        nk.engineering.setNumberOfThreads(THREADS)
        self.nk = nk

    def make(self, n: int, ends: np.ndarray, is_directed: bool) -> Any:
        import numpy as np

        data = (np.ones(len(ends)), (ends[:, 0].copy(), ends[:, 1].copy()))
        return self.nk.GraphFromCoo(data, n=n, weighted=False, directed=is_directed)

    def pagerank(self, graph: Any) -> None:
        ranks = self.nk.centrality.PageRank(graph, damp=0.85, tol=1e-300)
        ranks.maxIterations = 10
        ranks.run()

    def components(self, graph: Any) -> int:
        return self.nk.components.ParallelConnectedComponents(graph).run().numberOfComponents()

    def strong_components(self, graph: Any) -> int:
        return self.nk.components.StronglyConnectedComponents(graph).run().numberOfComponents()

    def triangles(self, graph: Any) -> None:
        self.nk.centrality.LocalClusteringCoefficient(graph, turbo=True).run()

    def labels(self, graph: Any) -> None:
        self.nk.community.PLP(graph, 0, 10).run()

    def bfs(self, graph: Any) -> Callable[[], int]:
        found = self.nk.distance.BFS(graph, 0, False).run()
        return lambda: sum(distance < 1e300 for distance in found.getDistances())

    def landmarks(self, graph: Any) -> None:
        for landmark in range(5):
            self.nk.distance.BFS(graph, landmark, False).run()

    def cores(self, graph: Any) -> int:
        return int(self.nk.centrality.CoreDecomposition(graph).run().maxCoreNumber())


class Igraph(Library):
    def make(self, n: int, ends: np.ndarray, is_directed: bool) -> Any:
        import igraph

        return igraph.Graph(n, ends, directed=is_directed)

    def pagerank(self, graph: Any) -> None:
        graph.pagerank(damping=0.85)

    def components(self, graph: Any) -> int:
        return len(graph.connected_components())

    def strong_components(self, graph: Any) -> int:
        return len(graph.connected_components(mode="strong"))

    def triangles(self, graph: Any) -> None:
        graph.transitivity_local_undirected(mode="zero")

    def labels(self, graph: Any) -> None:
        graph.community_label_propagation()

    def bfs(self, graph: Any) -> Callable[[], int]:
        found = graph.distances([0], mode="out")[0]
        return lambda: sum(distance != float("inf") for distance in found)

    def landmarks(self, graph: Any) -> None:
        graph.distances(list(range(5)), mode="in")

    def cores(self, graph: Any) -> int:
        return max(graph.coreness())


class GraphFrames:
    """GraphFrames over a session: Firesteel's, or classic Spark's with its jar."""

    def __init__(self, spark: Any, options: argparse.Namespace) -> None:
        self.spark, self.options = spark, options

    def run(self, graph: str, kernel: str) -> Any:
        from graphframes import GraphFrame

        vertices = self.spark.read.parquet(str(path(graph, "vertices.parquet", self.options)))
        edges = self.spark.read.parquet(str(path(graph, "edges.parquet", self.options)))
        return getattr(self, kernel.replace(" ", "_"))(GraphFrame(vertices, edges))

    def pagerank(self, graph: Any) -> None:
        graph.pageRank(maxIter=10).vertices.agg({"pagerank": "sum"}).collect()

    def components(self, graph: Any) -> int:
        return self._n_labels(graph.connectedComponents(), "component")

    def strong_components(self, graph: Any) -> int:
        return self._n_labels(graph.stronglyConnectedComponents(maxIter=10), "component")

    def triangles(self, graph: Any) -> int:
        from pyspark.storagelevel import StorageLevel

        found = graph.triangleCount(StorageLevel.MEMORY_AND_DISK)
        return found.agg({"count": "sum"}).collect()[0][0] // 3

    def labels(self, graph: Any) -> None:
        self._n_labels(graph.labelPropagation(maxIter=10), "label")

    def bfs(self, graph: Any) -> Any:
        raise AbsentError("GraphFrames' bfs gives paths to vertices that fit")

    def landmarks(self, graph: Any) -> None:
        graph.shortestPaths(landmarks=list(range(5))).selectExpr("sum(size(distances))").collect()

    def cores(self, graph: Any) -> int:
        return graph.k_core().agg({"kcore": "max"}).collect()[0][0]

    @staticmethod
    def _n_labels(table: Any, column: str) -> int:
        return table.select(column).distinct().count()


def open_firesteel(options: argparse.Namespace) -> Any:
    if not options.parquet:
        return Kernels(options)
    import firesteel

    return GraphFrames(firesteel.session(), options)


def open_spark(options: argparse.Namespace) -> GraphFrames:
    if not options.parquet:
        raise AbsentError("Spark has no kernels to be run alone")
    from pyspark.sql import SparkSession

    jar = ("spark.jars", options.jar) if options.jar else ("spark.jars.packages", GRAPHFRAMES_JAR)
    spark = (
        SparkSession.builder.master(f"local[{THREADS}]")
        .config(*jar)
        .config("spark.driver.memory", options.memory)
        .config("spark.sql.shuffle.partitions", str(2 * THREADS))
        .config("spark.ui.enabled", "false")
        .getOrCreate()
    )
    spark.sparkContext.setCheckpointDir(str(path("checkpoints", "spark", options)))
    return GraphFrames(spark, options)


# --------------------------------------------------------------------------------------------------------------
# Workloads
# --------------------------------------------------------------------------------------------------------------

KERNELS = ["pagerank", "strong components", "bfs", "landmarks", "components", "triangles", "labels", "cores"]

# Those over directed graphs; the libraries have a graph for each kind.
DIRECTED = {"pagerank", "strong components", "bfs", "landmarks"}

# Those whose answers must agree.
EXACT = {"components", "strong components", "bfs", "cores"}


def workload(graph: str, kernel: str) -> Callable[[Any, argparse.Namespace], Any]:
    def run(opened: Any, options: argparse.Namespace) -> Any:
        answer = opened.run(graph, kernel)
        return answer if kernel in EXACT else None

    return run


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the edges (default: 1)")
    parser.add_argument("--parquet", action="store_true", help="from Parquet to result instead of kernels alone")
    parser.add_argument("--memory", default="12g", help="memory of Spark's JVM (default: 12g)")
    parser.add_argument("--jar", help="a file with GraphFrames for Spark (default: of Maven Central)")
    is_parquet = "--parquet" in sys.argv
    what = "From Parquet to result through `graphframes-py`." if is_parquet else "Kernels alone, graphs in memory."
    main(
        Suite(
            title="Graphs, from Parquet to result" if is_parquet else "Graphs, kernels alone",
            about=f"{what} Two threads (igraph has one).",
            engines={
                "firesteel": open_firesteel,
                "networkit": Networkit,
                "igraph": Igraph,
                **({"spark": open_spark} if is_parquet else {}),
            },
            workloads={f"{graph}, {kernel}": workload(graph, kernel) for graph in GRAPHS for kernel in KERNELS},
            prepare=prepare,
        ),
        __file__,
        parser,
    )
