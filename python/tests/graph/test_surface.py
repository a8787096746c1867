"""Every public method of the client is called by some test here, and examples and properties of results that all share."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path

import graphframes.connect.graphframes_client as client
import pytest
from graphframes import GraphFrame
from graphframes.examples import BeliefPropagation, Graphs
from graphframes.graphframe import RandomWalkEmbeddings
from graphframes.pg import PropertyGraphFrame
from pyspark.errors import PySparkException

import graphs
from graphs import by_id, groups, of_edges, rows

# Constants and fields, not methods.
_CONSTANTS = {"ID", "SRC", "DST", "EDGE", "WEIGHT", "EXTERNAL_ID", "PROPERTY_GROUP_COL_NAME"}


@pytest.mark.parametrize("of", [GraphFrame, RandomWalkEmbeddings, client.PregelConnect, PropertyGraphFrame])
def test_every_public_method_is_called(of):
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    public = {name for name in vars(of) if not name.startswith("_")} - _CONSTANTS
    missing = {name for name in public if not re.search(rf"\.{name}\b", text)}
    assert not missing


def test_examples(spark):
    friends = Graphs(spark).friends()
    assert groups(friends.connectedComponents(), "component") == {frozenset("abcdef")}
    ising = Graphs(spark).gridIsingModel(3)
    assert (ising.vertices.count(), ising.edges.count()) == (9, 12)
    beliefs = BeliefPropagation.runBPwithGraphFrames(ising, 2).vertices
    assert all(0.0 <= belief <= 1.0 for belief in by_id(beliefs, "belief").values())


def test_results_are_relations_like_any_other(spark, tmp_path):
    graph = graphs.friends(spark)
    found = graph.connectedComponents()
    found.createOrReplaceTempView("found_components")
    assert spark.sql("select count(distinct component) from found_components").first()[0] == 2
    found.write.parquet(str(tmp_path / "components"))
    assert spark.read.parquet(str(tmp_path / "components")).count() == 7
    assert found.where("id = 'g'").select(found.component == found["component"]).first()[0]
    assert found.cache().count() == 7
    found.unpersist()
    assert graph.shortestPaths(["a"]).join(found, "id").count() == 7
    # The edges of one result are the edges of the next graph.
    again = GraphFrame(found, graph.pageRank(maxIter=2).edges)
    assert again.edges.columns[-1] == "weight"
    assert again.filterVertices(found.component == by_id(found, "component")["g"]).vertices.count() == 1
    assert "component" in found._explain_string()


def test_a_changed_view_gives_another_result(spark):
    vertices = spark.range(3)
    spark.createDataFrame([(0, 1)], "src bigint, dst bigint").createOrReplaceTempView("changing_edges")
    graph = GraphFrame(vertices, spark.table("changing_edges"))
    found = graph.connectedComponents()
    assert by_id(found, "component") == {0: 0, 1: 0, 2: 2}
    spark.createDataFrame([(1, 2)], "src bigint, dst bigint").createOrReplaceTempView("changing_edges")
    assert by_id(found, "component") == {0: 0, 1: 1, 2: 1}


def test_a_parallel_rank_has_edges_too(spark):
    found = of_edges(spark, [(0, 1), (0, 2)]).parallelPersonalizedPageRank(sourceIds=[0], maxIter=2)
    assert rows(found.edges) == [(0, 1, 0.5), (0, 2, 0.5)]


def test_rounds_are_interrupted(spark):
    graph = of_edges(spark, [(i, (i * 7) % 1000) for i in range(1000)])
    slow = (
        graph.pregel.setMaxIter(2_000_000)
        .withVertexColumn("x", graph.vertices.id, client.PregelConnect.msg())
        .sendMsgToDst(client.PregelConnect.src("id"))
        .aggMsgs(client.F.max(client.PregelConnect.msg()))
        .run()
    )
    failed = []

    def run():
        spark.addTag("slow graph")
        try:
            slow.collect()
        except PySparkException as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive() and not failed:
        spark.interruptTag("slow graph")
        time.sleep(0.1)
    thread.join(30)
    assert "CANCEL" in str(failed[0]).upper()
