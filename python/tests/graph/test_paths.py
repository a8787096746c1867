"""Paths: shortest ones as frames, all of them, and walks that carry values."""

from __future__ import annotations

import pyspark.sql.functions as F
import pytest
from graphframes import GraphFrame
from graphframes.graphframe import AggregateNeighbors
from pyspark.errors import IllegalArgumentException

import graphs
from graphs import of_edges, rows


def test_the_shortest_path(spark):
    graph = graphs.local(spark)
    found = graph.bfs("name = 'A'", F.col("name") == "C")
    assert found.columns == ["from", "e0", "v1", "e1", "to"]
    assert rows(found, "from.name", "e0.action", "v1.name", "e1.action", "to.name") == [
        ("A", "love", "B", "follow", "C")
    ]


def test_no_path_has_the_vertices_columns(spark):
    graph = graphs.local(spark)
    calls = [
        {"edgeFilter": "action != 'follow'"},
        {"maxPathLength": 1},
        {"maxPathLength": 0},
        {"toExpr": "name = 'nobody'"},
        {"fromExpr": "id > 3"},
    ]
    for call in calls:
        found = graph.bfs(**{"fromExpr": "name = 'A'", "toExpr": "name = 'C'", **call})
        assert found.columns == ["id", "name"]
        assert found.count() == 0
    with pytest.raises(IllegalArgumentException, match="maxPathLength"):
        graph.bfs("id = 1", "id = 3", maxPathLength=-1).collect()


def test_a_vertex_that_is_both_ends(spark):
    found = graphs.local(spark).bfs("id < 3", "id > 1")
    assert found.columns == ["from", "to"]
    assert rows(found, "from.id", "to.id") == [(2, 2)]


def test_all_shortest_paths_and_no_longer_ones(spark):
    graph = of_edges(spark, [(1, 2), (1, 3), (2, 4), (3, 4), (1, 1), (3, 5), (5, 4), (4, 6), (0, 1)])
    found = graph.bfs("id = 1", "id = 6")
    assert rows(found, "from.id", "v1.id", "v2.id", "to.id") == [(1, 2, 4, 6), (1, 3, 4, 6)]
    assert rows(graph.bfs("id in (0, 5)", "id = 6"), "from.id", "v1.id", "to.id") == [(5, 4, 6)]


def test_a_long_way(spark):
    graph = of_edges(spark, [(i, i + 1) for i in range(12)])
    found = graph.bfs("id = 0", "id = 12", maxPathLength=20)
    assert found.columns[-3:] == ["v11", "e11", "to"]
    assert found.count() == 1


def test_all_paths(spark):
    square = of_edges(spark, [(1, 2), (2, 4), (1, 3), (3, 4)])
    found = square.all_paths(F.col("id") == 1, F.col("id") == 4)
    assert [field.simpleString() for field in found.schema] == ["path:array<bigint>", "len:int"]
    assert rows(found) == [([1, 2, 4], 2), ([1, 3, 4], 2)]
    assert rows(square.all_paths("id = 4", "id = 1", is_directed=False), "path") == [[4, 2, 1], [4, 3, 1]]
    assert rows(square.all_paths("id = 4", "id = 1")) == []
    circle = of_edges(spark, [(1, 2), (2, 1), (2, 3), (1, 3)])
    assert rows(circle.all_paths("id = 1", "id = 3", max_path_length=4), "path") == [[1, 2, 3], [1, 3]]
    assert rows(circle.all_paths("id = 1", "id = 3", edge_filter="src != 2"), "path") == [[1, 3]]


def test_all_paths_refuses(spark):
    graph = of_edges(spark, [(1, 2)])
    with pytest.raises(IllegalArgumentException, match="greater than 0"):
        graph.all_paths("id = 1", "id = 2", max_path_length=0).collect()
    taken = GraphFrame(graph.vertices.withColumn("hop", F.lit(1)), graph.edges)
    with pytest.raises(IllegalArgumentException, match="hop"):
        taken.all_paths("id = 1", "id = 2").collect()


def walk(graph, **more):
    return graph.aggregate_neighbors(
        starting_vertices=F.col("id") == 1,
        accumulator_names=["path", "n"],
        accumulator_inits=[F.col("id").cast("string"), F.lit(0)],
        accumulator_updates=[F.concat("path", F.lit("->"), AggregateNeighbors.dst_attr("id").cast("string")), "n + 1"],
        **{"max_hops": 5, **more},
    )


def test_walks_to_a_target(spark):
    graph = of_edges(spark, [(1, 2), (2, 3), (3, 4), (1, 3)])
    found = walk(graph, target_condition=AggregateNeighbors.dst_attr("id") == 4)
    assert found.columns == ["path", "n", "id", "hop"]
    assert rows(found) == [("1->2->3->4", 3, 4, 3), ("1->3->4", 2, 4, 2)]
    few = walk(
        graph, target_condition=AggregateNeighbors.dst_attr("id") == 4, max_hops=2, required_vertex_attributes=["id"]
    )
    assert rows(few, "path") == ["1->3->4"]
    filtered = walk(
        graph,
        target_condition="dst = 4",
        edge_filter=AggregateNeighbors.edge_attr("dst") - AggregateNeighbors.src_attr("id") < 2,
    )
    assert rows(filtered, "path") == ["1->2->3->4"]


def test_walks_that_stop(spark):
    graph = of_edges(spark, [(1, 1), (1, 2), (2, 3)])
    second = walk(graph, stopping_condition="n >= 1", max_hops=2)
    assert rows(second, "path") == ["1->1->1", "1->1->2", "1->2->3"]
    stopped = walk(graph, stopping_condition=AggregateNeighbors.dst_attr("id") > 1, remove_loops=True)
    assert rows(stopped) == [("1->2", 1, 2, 1)]
    assert rows(walk(graph, stopping_condition="false", max_hops=2)) == []


def test_walks_refuse(spark):
    graph = of_edges(spark, [(1, 2)])
    with pytest.raises(IllegalArgumentException, match="target or stopping"):
        walk(graph).collect()
    with pytest.raises(IllegalArgumentException, match="maxHops"):
        walk(graph, stopping_condition="true", max_hops=0).collect()
