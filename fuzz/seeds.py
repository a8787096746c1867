"""Write the seeds of the fuzz targets.

The statements of the `.slt` records, and the plans that the client makes of the DataFrame cases. They are found again
from the tests, so they are not kept.

    python fuzz/seeds.py fuzz/corpus
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import sys
from pathlib import Path
from typing import Any

from graphframes import GraphFrame
from pyspark.errors import PySparkException
from pyspark.sql.connect.plan import LogicalPlan

import firesteel

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "python/tests"
sys.path[:0] = [str(TESTS), str(TESTS / "dataframe"), str(TESTS / "slt"), str(TESTS / "grammar")]

from frame_answer import ALL_CASES, observe  # noqa: E402
from slt_file import read  # noqa: E402
from statements import STATEMENTS  # noqa: E402

# libFuzzer mutates small inputs well and large ones slowly.
SEED_BYTES_MAX = 16_384


def keep(directory: Path, seed: bytes) -> None:
    """Write a seed under the digest of its content."""
    if len(seed) <= SEED_BYTES_MAX:
        (directory / hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)


def statements(directory: Path) -> None:
    """Write each statement of the `.slt` files and of the grammar's checklist."""
    directory.mkdir(parents=True, exist_ok=True)
    for file in sorted((ROOT / "python/tests/slt").rglob("*.slt")):
        for record in read(file):
            if record.sql:
                keep(directory, record.sql.encode())
    for text in itertools.chain.from_iterable(STATEMENTS.values()):
        keep(directory, text.encode())


def plans(directory: Path) -> None:
    """Write each plan that the client sends for the cases and for queries in SQL."""
    directory.mkdir(parents=True, exist_ok=True)
    to_proto = LogicalPlan.to_proto

    def kept(self: LogicalPlan, *args: Any, **kwargs: Any) -> Any:
        plan = to_proto(self, *args, **kwargs)
        if plan.HasField("root"):
            keep(directory, plan.SerializeToString())
        return plan

    LogicalPlan.to_proto = kept
    logging.disable(logging.CRITICAL)  # the client logs each error
    spark = firesteel.session()
    for case in ALL_CASES:
        observe(spark, case)  # errors are answers too
    graphs(spark)
    for file in sorted((ROOT / "python/tests/slt").rglob("*.slt")):
        for record in read(file):
            if record.sql.lstrip().lower().startswith(("select", "values", "with", "from")):
                with contextlib.suppress(PySparkException):
                    spark.sql(record.sql).schema  # noqa: B018


def graphs(spark: Any) -> None:
    """Ask for the schemas of what GraphFrames' methods give."""
    vertices = spark.createDataFrame([(1, "a"), (2, "b")], "id long, name string")
    graph = GraphFrame(vertices, spark.createDataFrame([(1, 2, 0.5)], "src long, dst long, weight double"))
    chained = graph.filterVertices("id > 0").filterEdges("weight > 0").dropIsolatedVertices()
    message = chained.pregel.msg()
    asked = [
        lambda: graph.triplets,
        lambda: graph.find("(a)-[e]->(b); !(b)-[]->(a)"),
        lambda: graph.find("(u)-[e*1..3]-(v)"),
        lambda: graph.bfs("id = 1", "id = 2"),
        lambda: graph.all_paths("id = 1", "id = 2"),
        lambda: chained.vertices,
        lambda: chained.connectedComponents(),
        lambda: graph.pageRank(maxIter=2).edges,
        lambda: graph.shortestPaths([1]),
        lambda: graph.hyper_anf(n_hops=1),
        lambda: graph.powerIterationClustering(k=2, maxIter=2),
        lambda: graph.neighborhood_aware_cdlp(max_iter=1),
        lambda: graph.svdPlusPlus()[0],
        lambda: graph.aggregateMessages(["sum(MSG)"], sendToDst=["src.id"]),
        lambda: (
            chained.pregel.setMaxIter(1)
            .withVertexColumn("x", "id", message)
            .sendMsgToDst("src.x")
            .aggMsgs("max(_pregel_msg_)")
            .run()
        ),
        lambda: graph.aggregate_neighbors("id = 1", ["n"], ["0"], ["n + 1"], stopping_condition="n > 1"),
    ]
    for ask in asked:
        with contextlib.suppress(PySparkException):
            ask().schema  # noqa: B018


if __name__ == "__main__":
    corpus = Path(sys.argv[1])
    statements(corpus / "sql_parser")
    plans(corpus / "plan_decoder")
    for target in sorted(corpus.iterdir()):
        print(f"{target.name}: {len(list(target.iterdir()))} seeds")
