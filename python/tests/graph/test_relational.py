"""Methods of graphs that are other relations: filters, degrees, triplets, messages."""

from __future__ import annotations

import pyspark.sql.functions as F
import pytest
from graphframes import GraphFrame
from graphframes.lib import AggregateMessages

import graphs
from graphs import by_id, rows


def test_graphs_over_frames(spark):
    graph = graphs.local(spark)
    assert repr(graph) == (
        "GraphFrame(v:DataFrame[id: bigint, name: string], e:DataFrame[src: bigint, dst: bigint, action: string])"
    )
    assert graph.nodes.columns == graph.vertices.columns
    for kept in (graph.cache(), graph.persist()):
        assert kept.unpersist().edges.count() == 3


def test_degrees(spark):
    graph = graphs.local(spark)
    assert by_id(graph.outDegrees, "outDegree") == {1: 1, 2: 2}
    assert by_id(graph.inDegrees, "inDegree") == {1: 1, 2: 1, 3: 1}
    assert by_id(graph.degrees, "degree") == {1: 2, 2: 3, 3: 1}


def test_degrees_by_type(spark):
    graph = graphs.local(spark)
    out = {vertex: row.asDict() for vertex, row in by_id(graph.type_out_degree("action"), "outDegrees").items()}
    assert out == {1: {"follow": 0, "hate": 0, "love": 1}, 2: {"follow": 1, "hate": 1, "love": 0}}
    into = by_id(graph.type_in_degree("action", ["love", "hate"]), "inDegrees")
    assert into[1].asDict() == {"love": 0, "hate": 1}
    assert by_id(graph.type_degree("action"), "degrees")[2].asDict() == {"follow": 1, "hate": 1, "love": 1}


def test_triplets(spark):
    graph = graphs.local(spark)
    assert graph.triplets.columns == ["src", "edge", "dst"]
    found = rows(graph.triplets, "src.name", "edge.action", "dst.name")
    assert found == [("A", "love", "B"), ("B", "follow", "C"), ("B", "hate", "A")]


def test_edges_without_vertices_have_no_triplet(spark):
    graph = graphs.local(spark)
    assert GraphFrame(graph.vertices.where("id < 3"), graph.edges).triplets.count() == 2


def test_filters(spark):
    graph = graphs.local(spark)
    for condition in ("id < 3", F.col("id") < 3, graph.vertices.id < 3):
        few = graph.filterVertices(condition)
        assert rows(few.vertices, "id") == [1, 2]
        assert rows(few.edges, "src", "dst", "action") == [(1, 2, "love"), (2, 1, "hate")]
    for condition in ("dst > 2", graph.edges["dst"] > 2):
        few = graph.filterEdges(condition)
        assert few.vertices.count() == 3
        assert rows(few.edges) == [(2, 3, "follow")]
        assert rows(few.dropIsolatedVertices().vertices, "id") == [2, 3]


def test_a_condition_on_another_frame_is_taken_by_name(spark):
    graph = graphs.local(spark)
    again = GraphFrame(graph.vertices.select("*"), graph.edges)
    other = spark.createDataFrame([(1,)], "id bigint")
    assert rows(again.filterVertices(other.id == 1).vertices, "id") == [1]


def test_graphs_of_graphs_of_graphs(spark):
    graph = graphs.friends(spark)
    for least in (28, 29, 33):
        graph = graph.filterVertices(F.col("age") > least).dropIsolatedVertices()
    assert rows(graph.vertices, "id") == ["a", "b"]
    assert rows(graph.edges, "src", "dst") == [("a", "b")]
    assert rows(graphs.friends(spark).filterVertices("age > 29").dropIsolatedVertices().edges, "src", "dst") == [
        ("a", "b"), ("a", "e"), ("b", "c"), ("c", "b"), ("e", "f"), ("f", "c"),
    ]  # fmt: skip


def test_messages(spark):
    vertices = spark.createDataFrame([(1, 30), (2, 40), (3, 50), (4, 60)], "id bigint, att1 int")
    edges = spark.createDataFrame([(1, 2, 4.0), (2, 3, 5.0), (1, 4, 6.0)], "src bigint, dst bigint, w double")
    graph = GraphFrame(vertices, edges)
    both = graph.aggregateMessages(
        [F.sum(AggregateMessages.msg["att"]).alias("sum"), F.avg(AggregateMessages.msg["w"]).alias("avg")],
        sendToSrc=[AggregateMessages.dst["att1"].alias("att"), AggregateMessages.edge["w"].alias("w")],
        sendToDst=[AggregateMessages.src["att1"].alias("att"), AggregateMessages.edge["w"].alias("w")],
    )
    assert both.columns == ["id", "sum", "avg"]
    assert rows(both) == [(1, 100, 5.0), (2, 80, 4.5), (3, 40, 5.0), (4, 30, 6.0)]
    text = graph.aggregateMessages(["sum(MSG) AS total"], sendToDst=["src.att1"])
    assert by_id(text, "total") == {2: 30, 3: 40, 4: 30}
    to_src = graph.aggregateMessages([F.count("*").alias("n")], sendToSrc=[F.lit(None).cast("int")])
    assert by_id(to_src, "n") == {1: 2, 2: 1}
    with pytest.raises(ValueError, match="sendToSrc"):
        graph.aggregateMessages([F.sum(AggregateMessages.msg)])


def test_checks_and_directions(spark):
    graph = graphs.local(spark)
    graph.validate()
    with pytest.raises(ValueError, match="duplicate"):
        GraphFrame(graph.vertices.union(graph.vertices), graph.edges).validate()
    with pytest.raises(ValueError, match="vertices"):
        GraphFrame(graph.vertices.where("id < 3"), graph.edges).validate()
    with pytest.raises(ValueError, match="missing"):
        GraphFrame(graph.edges, graph.edges)
    assert rows(graph.as_reversed().edges, "src", "dst") == [(1, 2), (2, 1), (3, 2)]
    assert graph.as_undirected().edges.count() == 6
