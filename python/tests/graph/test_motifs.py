"""Motifs: the whole grammar, columns and their order, and what is refused."""

from __future__ import annotations

import pytest
from pyspark.errors import PySparkException

import graphs
from graphs import rows


def test_named_edges_are_structs_in_order_of_names(spark):
    found = graphs.local(spark).find("(a)-[e]->(b)")
    assert found.columns == ["a", "e", "b"]
    assert found.schema["e"].dataType.names == ["src", "dst", "action"]
    assert rows(found, "a.name", "e.action", "b.name") == [("A", "love", "B"), ("B", "follow", "C"), ("B", "hate", "A")]


@pytest.mark.parametrize(
    ("pattern", "columns", "expected"),
    [
        ("(a)-[]->(b);(b)-[]->(c);(c)-[]->(a)", "abc", [(0, 1, 2), (1, 2, 0), (2, 0, 1)]),
        ("(a)-[]->(b); !(b)-[]->(a)", "ab", [(1, 2), (2, 0), (2, 3)]),
        ("!(v)-[]->()", "v", [3]),
        ("(a)-[]->(b);!(b)-[]->()", "ab", [(2, 3)]),
        ("(a)<-[]-(b)", "ab", [(0, 1), (0, 2), (1, 0), (2, 1), (3, 2)]),
        ("(a)<-[]->(b)", "ab", [(0, 1), (1, 0)]),
        ("(a)-[]->(a)", "a", []),
        ("(a)-[]->()", "a", [0, 1, 1, 2, 2]),
        ("()-[]->(a)", "a", [0, 0, 1, 2, 3]),
        ("(a)", "a", [0, 1, 2, 3]),
        ("(a)-[]->(b);(b)-[]->(a);(b)-[]->(c);", "abc", [(0, 1, 0), (0, 1, 2), (1, 0, 1)]),
        ("(a)-[*2]->(c);!(a)-[]->(c)", "ac", [(0, 0), (0, 2), (1, 1), (1, 3), (2, 1)]),
    ],
)
def test_patterns(spark, pattern, columns, expected):
    found = graphs.motifs(spark).find(pattern)
    assert rows(found.distinct() if "*" in pattern else found, *(f"{name}.id" for name in columns)) == expected


def test_terms_that_share_nothing_are_combined(spark):
    assert graphs.motifs(spark).find("(a)-[]->(b);(c)-[]->(d)").count() == 25


def test_both_directions_give_two_edges(spark):
    found = graphs.motifs(spark).find("(a)<-[e]->(b)")
    assert found.columns == ["a", "e1", "b", "e2"]


def test_a_fixed_length_is_a_chain(spark):
    found = graphs.motifs(spark).find("(u)-[e*3]->(v)").where("u.id = 0")
    assert found.columns == ["u", "_e1", "_uv1", "_e2", "_uv2", "_e3", "v"]
    assert rows(found, "u.id", "_uv1.id", "_uv2.id", "v.id") == [(0, 1, 0, 1), (0, 1, 2, 0), (0, 1, 2, 3)]
    assert graphs.motifs(spark).find("()-[e*2]->()").columns == ["_e1", "_e2"]


def test_lengths_within_bounds(spark):
    found = graphs.motifs(spark).find("(u)-[e*1..2]->(v)")
    assert found.columns == ["u", "_e1", "_uv1", "_e2", "v", "_hop", "_pattern", "_direction"]
    counts = {tuple(row) for row in found.groupBy("_hop", "_pattern", "_direction").count().collect()}
    assert counts == {(1, "(u)-[e*1]->(v)", "out", 5), (2, "(u)-[e*2]->(v)", "out", 6)}
    assert [row[0] for row in found.select("_hop").collect()] == [1] * 5 + [2] * 6
    assert found.where("_hop = 1 and _e2 is not null").count() == 0


def test_edges_in_either_direction(spark):
    found = graphs.motifs(spark).find("(u)-[e]-(v)")
    assert found.columns == ["u", "e", "v", "_pattern", "_direction"]
    assert rows(found.where("u.id = 0"), "v.id", "_pattern", "_direction") == [
        (1, "(u)-[e]->(v)", "out"),
        (1, "(u)<-[e]-(v)", "in"),
        (2, "(u)<-[e]-(v)", "in"),
    ]
    paths = graphs.motifs(spark).find("(u)-[*2]-(v)").where("u.id = 3")
    assert rows(paths, "v.id", "_direction") == [(1, "in")]


def test_an_empty_pattern_has_no_columns(spark):
    assert graphs.motifs(spark).find("").columns == []


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("()", "lone anonymous vertex"),
        ("()-[]->()", "completely anonymous edges"),
        ("(a)-[a]->(b)", "both a vertex and an edge"),
        ("(a)-[e]->(b);(b)-[e]->(c)", "for multiple edges"),
        ("!(a)-[e]->(b)", "negated named edges"),
        ("(a)-[e*0]->(b)", "greater than 0"),
        ("(a)-[e*..5]->(b)", "Unbounded length"),
        ("(a)-e->(b)", "Failed to parse bad motif string"),
    ],
)
def test_bad_patterns(spark, pattern, message):
    with pytest.raises(PySparkException, match=message) as error:
        graphs.local(spark).find(pattern).collect()
    assert "InvalidParseException" in str(error.value)
