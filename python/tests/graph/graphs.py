"""Small graphs whose answers are known: those of GraphFrames' own tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphframes import GraphFrame

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def of_edges(spark: SparkSession, edges: list[tuple[int, int]], n: int | None = None) -> GraphFrame:
    """Return the graph of these edges between longs; with ``n``, of the vertices 0 to n - 1."""
    ids = range(n) if n is not None else sorted({end for edge in edges for end in edge})
    vertices = spark.createDataFrame([(one,) for one in ids], "id bigint")
    return GraphFrame(vertices, spark.createDataFrame(edges, "src bigint, dst bigint"))


def local(spark: SparkSession) -> GraphFrame:
    """Return three people who love, hate and follow."""
    vertices = spark.createDataFrame([(1, "A"), (2, "B"), (3, "C")], "id bigint, name string")
    edges = [(1, 2, "love"), (2, 1, "hate"), (2, 3, "follow")]
    return GraphFrame(vertices, spark.createDataFrame(edges, "src bigint, dst bigint, action string"))


def friends(spark: SparkSession) -> GraphFrame:
    """Return seven people with letters for ids, one of whom knows nobody."""
    ages = {"a": 34, "b": 36, "c": 30, "d": 29, "e": 32, "f": 36, "g": 60}
    edges = ["ab friend", "bc follow", "cb follow", "fc follow", "ef follow", "ed friend", "da friend", "ae friend"]
    return GraphFrame(
        spark.createDataFrame(list(ages.items()), "id string, age int"),
        spark.createDataFrame(
            [(edge[0], edge[1], edge[3:]) for edge in edges], "src string, dst string, relationship string"
        ),
    )


def motifs(spark: SparkSession) -> GraphFrame:
    """Return four vertices with a triangle among them."""
    edges = [(0, 1, "friend"), (1, 0, "follow"), (1, 2, "friend"), (2, 3, "follow"), (2, 0, "unknown")]
    return GraphFrame(
        spark.createDataFrame([(0, "a"), (1, "b"), (2, "c"), (3, "d")], "id bigint, attr string"),
        spark.createDataFrame(edges, "src bigint, dst bigint, relationship string"),
    )


def rows(frame: DataFrame, *columns: str) -> list[Any]:
    """Return the rows as sorted tuples of the columns (all, if none is named); of one column, its values."""
    frame = frame.select(*columns) if columns else frame
    found = [tuple(row) for row in frame.collect()]
    return sorted((row[0] for row in found) if len(frame.columns) == 1 else found)


def by_id(frame: DataFrame, column: str) -> dict[Any, Any]:
    """Return a column by ``id``."""
    return {row["id"]: row[column] for row in frame.select("id", column).collect()}


def groups(frame: DataFrame, column: str) -> set[frozenset[Any]]:
    """Return the sets of ids with equal values of a column, whose names are arbitrary."""
    found: dict[Any, set[Any]] = {}
    for vertex, label in by_id(frame, column).items():
        found.setdefault(label, set()).add(vertex)
    return {frozenset(group) for group in found.values()}
