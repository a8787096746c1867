"""PageRank against a plain reading of its definition."""

from __future__ import annotations

import random

import pytest
from pyspark.errors import IllegalArgumentException, PySparkException

import graphs
from graphs import by_id, of_edges, rows


def page_rank(n, edges, reset, rounds, source=None):
    """GraphX's rule: sinks lose what they have; at the end all is scaled."""
    degrees = [sum(1 for src, _ in edges if src == v) for v in range(n)]
    ranks = [1.0 if source in (None, v) else 0.0 for v in range(n)]
    for _ in range(rounds):
        sums = [0.0] * n
        for src, dst in edges:
            sums[dst] += ranks[src] / degrees[src]
        ranks = [(reset if source in (None, v) else 0.0) + (1 - reset) * sums[v] for v in range(n)]
    scale = (n if source is None else 1) / sum(ranks)
    return {v: rank * scale for v, rank in enumerate(ranks)}


@pytest.fixture(scope="module")
def edges():
    generator = random.Random(7)
    return [(generator.randrange(60), generator.randrange(50)) for _ in range(300)]


def test_a_number_of_rounds(spark, edges):
    graph = of_edges(spark, edges, n=60)
    found = graph.pageRank(resetProbability=0.2, maxIter=12)
    assert found.vertices.columns == ["id", "pagerank"]
    assert by_id(found.vertices, "pagerank") == pytest.approx(page_rank(60, edges, 0.2, 12), rel=1e-9)
    assert found.edges.columns == ["src", "dst", "weight"]
    assert found.edges.count() == 300


def test_from_one_vertex(spark, edges):
    found = of_edges(spark, edges, n=60).pageRank(sourceId=edges[0][0], maxIter=10).vertices
    expected = page_rank(60, edges, 0.15, 10, source=edges[0][0])
    assert by_id(found, "pagerank") == pytest.approx(expected, rel=1e-9, abs=1e-15)
    friends = graphs.friends(spark).pageRank(sourceId="a", maxIter=10).vertices
    assert by_id(friends, "pagerank")["g"] == 0.0
    with pytest.raises(PySparkException, match="NoSuchVertex"):
        graphs.friends(spark).pageRank(sourceId="nobody", maxIter=1).vertices.collect()


def test_until_nothing_changes(spark, edges):
    found = of_edges(spark, edges, n=60).pageRank(tol=1e-12).vertices
    assert by_id(found, "pagerank") == pytest.approx(page_rank(60, edges, 0.15, 300), rel=1e-8)


def test_from_several_vertices_at_once(spark, edges):
    graph = of_edges(spark, edges, n=60)
    sources = [edges[0][0], edges[1][0], 3]
    found = graph.parallelPersonalizedPageRank(sourceIds=sources, maxIter=8).vertices
    vectors = by_id(found, "pageranks")
    assert {vector.size for vector in vectors.values()} == {3}
    for place, source in enumerate(sources):
        expected = page_rank(60, edges, 0.15, 8, source=source)
        got = {v: vector.toArray()[place] for v, vector in vectors.items()}
        assert got == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_two_actions_and_one_frame(spark, edges):
    found = of_edges(spark, edges, n=60).pageRank(maxIter=3).vertices
    assert found.count() == 60
    assert rows(found.where("id < 3"), "id") == [0, 1, 2]
    assert found.join(found.withColumnRenamed("pagerank", "other"), "id").where("pagerank = other").count() == 60


def test_parameters(spark):
    graph = of_edges(spark, [(0, 1)])
    for call in ({"maxIter": 0}, {"maxIter": 1, "resetProbability": 1.5}, {"tol": -1.0}):
        with pytest.raises(IllegalArgumentException):
            graph.pageRank(**call).vertices.collect()
    with pytest.raises((AssertionError, ValueError)):
        graph.pageRank()
