"""Components, labels, cores, triangles, distances: answers that are discrete."""

from __future__ import annotations

import pytest
from graphframes import GraphFrame
from pyspark import StorageLevel
from pyspark.errors import IllegalArgumentException, PySparkException

import graphs
from graphs import by_id, groups, of_edges, rows

MEMORY = StorageLevel.MEMORY_AND_DISK


def test_connected_components_have_the_smallest_id(spark):
    graph = of_edges(spark, [(7, 5), (2, 7), (3, 3), (4, 0), (0, 4)], n=8)
    expected = {0: 0, 1: 1, 2: 2, 3: 3, 4: 0, 5: 2, 6: 6, 7: 2}
    for algorithm in ("graphframes", "two_phase", "graphx"):
        found = graph.connectedComponents(algorithm=algorithm)
        assert found.columns == ["id", "component"]
        assert by_id(found, "component") == expected
    contracted = graph.connectedComponents(algorithm="randomized_contraction")
    assert groups(contracted, "component") == {frozenset(s) for s in ({0, 4}, {1}, {2, 5, 7}, {3}, {6})}
    with pytest.raises(IllegalArgumentException, match="lgorithm"):
        graph.connectedComponents(algorithm="other").collect()


def test_connected_components_of_strings(spark):
    graph = graphs.friends(spark)
    found = graph.connectedComponents()
    assert found.columns == ["id", "age", "component"]
    assert found.schema["component"].dataType.simpleString() == "bigint"
    assert groups(found, "component") == {frozenset("abcdef"), frozenset("g")}
    labels = by_id(graph.connectedComponents(useLabelsAsComponents=True), "component")
    assert labels == {**dict.fromkeys("abcdef", "a"), "g": "g"}


def test_no_edges_and_no_vertices(spark):
    alone = of_edges(spark, [], n=5)
    assert by_id(alone.connectedComponents(), "component") == {i: i for i in range(5)}
    assert by_id(alone.stronglyConnectedComponents(maxIter=3), "component") == {i: i for i in range(5)}
    assert by_id(alone.k_core(), "kcore") == dict.fromkeys(range(5), 0)
    nothing = of_edges(spark, [], n=0)
    assert nothing.connectedComponents().count() == 0
    assert nothing.pageRank(maxIter=2).vertices.count() == 0


def test_ids_of_other_types_and_columns(spark):
    vertices = spark.createDataFrame([("x", 3), ("y", 1)], "name string, id int")
    edges = spark.createDataFrame([(3, "w", 1)], "src int, weight string, dst int")
    found = GraphFrame(vertices, edges).connectedComponents()
    assert [field.simpleString() for field in found.schema] == ["name:string", "id:int", "component:bigint"]
    assert rows(found) == [("x", 3, 1), ("y", 1, 1)]


def test_ends_that_are_no_vertices(spark):
    graph = of_edges(spark, [(0, 9), (9, 1)], n=3)
    assert by_id(graph.connectedComponents(), "component") == {0: 0, 1: 0, 2: 2}
    assert by_id(graph.k_core(), "kcore") == {0: 1, 1: 1, 2: 0}


def test_strongly_connected_components(spark):
    graph = of_edges(spark, [(0, 1), (1, 2), (2, 0), (2, 3), (3, 4), (4, 3), (5, 0)])
    found = graph.stronglyConnectedComponents(maxIter=10)
    assert by_id(found, "component") == {0: 0, 1: 0, 2: 0, 3: 3, 4: 3, 5: 5}
    with pytest.raises(IllegalArgumentException):
        graph.stronglyConnectedComponents(maxIter=0).collect()


def cliques(spark):
    pairs = [(i, j) for base in (0, 5) for i in range(base, base + 5) for j in range(base, base + 5) if i != j]
    return of_edges(spark, [*pairs, (0, 5)])


def test_label_propagation(spark):
    for algorithm in ("graphx", "graphframes"):
        found = cliques(spark).labelPropagation(maxIter=20, algorithm=algorithm)
        assert groups(found, "label") == {frozenset(range(5)), frozenset(range(5, 10))}
    directed = of_edges(spark, [(0, 1)]).labelPropagation(maxIter=1, algorithm="graphframes")
    assert directed.columns == ["id", "_pregel_is_active", "label"]
    assert by_id(directed, "label") == {0: None, 1: 0}
    # Undirected: one neighbour each, so labels are exchanged; the smallest of those that tie.
    assert by_id(of_edges(spark, [(0, 1)]).labelPropagation(maxIter=1), "label") == {0: 1, 1: 0}
    assert by_id(of_edges(spark, [(0, 2), (2, 1)]).labelPropagation(maxIter=1), "label") == {0: 2, 1: 2, 2: 0}


def test_shortest_paths(spark):
    graph = graphs.friends(spark)
    for algorithm in ("graphx", "graphframes"):
        found = graph.shortestPaths(["a", "d"], algorithm=algorithm)
        expected = {"a": {"a": 0, "d": 2}, "d": {"a": 1, "d": 0}, "e": {"a": 2, "d": 1}}
        assert by_id(found, "distances") == {**{vertex: {} for vertex in "bcfg"}, **expected}
    assert graph.shortestPaths(["a"]).columns == ["id", "age", "distances"]
    assert found.columns == ["id", "_pregel_is_active", "distances"]
    assert found.schema["distances"].dataType.simpleString() == "map<string,int>"
    with pytest.raises(PySparkException, match="NoSuchVertex"):
        graph.shortestPaths(["nobody"]).collect()


def test_shortest_paths_either_way(spark):
    undirected = [(1, 2), (1, 5), (2, 3), (2, 5), (3, 4), (4, 5), (4, 6)]
    both = of_edges(spark, undirected + [(b, a) for a, b in undirected])
    expected = {
        1: {1: 0, 4: 2}, 2: {1: 1, 4: 2}, 3: {1: 2, 4: 1}, 4: {1: 2, 4: 0}, 5: {1: 1, 4: 1}, 6: {1: 3, 4: 1},
    }  # fmt: skip
    assert by_id(both.shortestPaths([1, 4]), "distances") == expected
    assert by_id(of_edges(spark, undirected).shortestPaths([1, 4], is_directed=False), "distances") == expected
    chain = of_edges(spark, [(1, 2), (2, 3), (3, 4), (4, 5)])
    assert by_id(chain.shortestPaths([1], is_directed=False), "distances") == {i: {1: i - 1} for i in range(1, 6)}


@pytest.mark.parametrize("algorithm", ["exact", "approx"])
def test_triangles(spark, algorithm):
    def counts(edges):
        return by_id(of_edges(spark, edges).triangleCount(MEMORY, algorithm=algorithm), "count")

    assert counts([(0, 1), (1, 2), (2, 0)]) == {0: 1, 1: 1, 2: 1}
    assert counts([(0, 1), (1, 2), (2, 0), (1, 0), (0, 1), (1, 1)]) == {0: 1, 1: 1, 2: 1}
    assert counts([(0, 1), (1, 2), (2, 0), (0, 3), (3, 4), (4, 0)]) == {0: 2, 1: 1, 2: 1, 3: 1, 4: 1}
    assert counts([(0, 1), (1, 2)]) == {0: 0, 1: 0, 2: 0}


def test_cores(spark):
    def cores(edges):
        return by_id(of_edges(spark, edges).k_core(), "kcore")

    assert cores([(1, 2), (2, 3), (3, 1), (1, 4), (4, 5)]) == {1: 2, 2: 2, 3: 2, 4: 1, 5: 1}
    assert cores([(0, i) for i in range(1, 5)]) == dict.fromkeys(range(5), 1)
    complete = [(i, j) for i in range(5) for j in range(i)]
    assert cores(complete) == dict.fromkeys(range(5), 4)
    friends = by_id(graphs.friends(spark).k_core(), "kcore")
    assert friends.pop("g") == 0
    assert min(friends.values()) >= 1


def test_null_ids_are_refused(spark):
    graph = of_edges(spark, [(0, 1)])
    nulls = GraphFrame(graph.vertices.selectExpr("nullif(id, 0) as id"), graph.edges)
    with pytest.raises(IllegalArgumentException, match="null"):
        nulls.connectedComponents().collect()
    nulls = GraphFrame(graph.vertices, graph.edges.selectExpr("src", "nullif(dst, 1) as dst"))
    with pytest.raises(IllegalArgumentException, match="null"):
        nulls.pageRank(maxIter=1).vertices.collect()


def test_ids_that_are_no_ids_are_refused(spark):
    graph = of_edges(spark, [(0, 1)])
    doubles = GraphFrame(
        graph.vertices.selectExpr("cast(id as double) as id"), graph.edges.selectExpr("src + 0.5 as src", "dst")
    )
    with pytest.raises(IllegalArgumentException, match="integers or strings"):
        doubles.connectedComponents().collect()
