"""Property graphs, which the client makes of ordinary frames."""

from __future__ import annotations

import pytest
from graphframes.pg import EdgePropertyGroup, PropertyGraphFrame, VertexPropertyGroup
from pyspark.sql import functions as F

from graphs import groups, rows


@pytest.fixture
def graph(spark):
    people = VertexPropertyGroup(
        "people", spark.createDataFrame([(i, f"p{i}") for i in range(1, 6)], "id int, name string")
    )
    movies = VertexPropertyGroup(
        "movies", spark.createDataFrame([(i, f"m{i}") for i in range(1, 4)], "id int, title string")
    )
    likes = [(1, 1), (1, 2), (2, 1), (3, 2), (4, 3), (5, 3)]
    messages = [(1, 2, 5.0), (2, 3, 8.0), (3, 4, 3.0), (4, 5, 6.0), (5, 1, 9.0)]
    return PropertyGraphFrame(
        [people, movies],
        [
            EdgePropertyGroup("likes", spark.createDataFrame(likes, "src int, dst int"), people, movies, False, "src", "dst"),
            EdgePropertyGroup(
                "messages", spark.createDataFrame(messages, "src int, dst int, weight double"), people, people, True, "src", "dst", "weight"
            ),
        ],
    )  # fmt: skip


def test_as_a_graph(graph):
    assert [group.name for group in graph.vertex_property_groups] == ["people", "movies"]
    assert [group.is_directed for group in graph.edges_property_groups] == [False, True]
    everything = graph.to_graphframe(["people", "movies"], ["likes", "messages"])
    assert everything.vertices.count() == 8
    assert everything.edges.count() == 5 + 12
    assert rows(everything.vertices.groupBy("property_group").count()) == [("movies", 3), ("people", 5)]
    few = graph.to_graphframe(["people"], ["messages"], edge_group_filters={"messages": F.col("weight") > 5.0})
    assert few.edges.count() == 3


def test_algorithms_and_back(graph):
    components = graph.to_graphframe(["people", "movies"], ["likes"]).connectedComponents()
    named = graph.join_vertices(components, ["people", "movies"])
    assert "external_id" in named.columns
    assert sorted(len(group) for group in groups(components, "component")) == [3, 5]


def test_projection(graph):
    projected = graph.projection_by("people", "movies", "likes")
    flat = projected.to_graphframe(["people"], ["projected_likes"])
    # 1 and 2 like the first film, 1 and 3 the second, 4 and 5 the third; both ways.
    assert flat.edges.count() == 6
