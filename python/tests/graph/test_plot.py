"""Pictures of small graphs."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

import graphs

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

from firesteel.graph import plot


def texts(svg: str) -> set[str]:
    """Return what is written: matplotlib draws letters as paths, and notes the text beside them."""
    return set(re.findall(r"<!-- (.+?) -->", svg))


def test_names_classes_and_edge_labels_are_drawn(spark: SparkSession, tmp_path: Path) -> None:
    picture = plot(graphs.friends(spark), color="age", size="age", edge_label="relationship")
    written = texts(picture.svg)
    assert set("abcdefg") <= written
    assert {"friend", "follow", "age", "34", "60"} <= written
    assert picture._repr_svg_().startswith("<?xml")
    assert picture.save(tmp_path / "graph.png").read_bytes().startswith(b"\x89PNG")
    assert "</svg>" in picture.save(tmp_path / "graph.svg").read_text()
    with pytest.raises(ValueError, match=r"\.svg or \.png"):
        picture.save(tmp_path / "graph.doc")


def test_the_same_graph_gives_the_same_picture(spark: SparkSession) -> None:
    graph = graphs.motifs(spark)
    first = plot(graph, label="attr")
    assert first.svg == plot(graph, label="attr").svg
    assert {"a", "b", "c", "d"} <= texts(first.svg)
    assert first.svg != plot(graph, label="attr", seed=7).svg
    assert not {"a", "b", "c", "d"} & texts(plot(graph, label=None).svg)


def test_many_numbers_get_a_scale(spark: SparkSession) -> None:
    graph = graphs.of_edges(spark, [(i, i + 1) for i in range(20)])
    written = texts(plot(graph, color="id", label=None).svg)
    assert "id" in written  # at the scale
    assert "20" not in written or "17" not in written  # no legend of all values


def test_large_graphs_and_unknown_columns_are_refused(spark: SparkSession) -> None:
    graph = graphs.of_edges(spark, [(i, i + 1) for i in range(20)])
    with pytest.raises(ValueError, match="more than 20 vertices"):
        plot(graph, max_vertices=20)
    crowded = graphs.of_edges(spark, [(0, 1)] * 21)
    with pytest.raises(ValueError, match="more than 20 edges"):
        plot(crowded, max_vertices=2)
    with pytest.raises(ValueError, match="no column 'age', only id"):
        plot(graph, color="age")


def test_empty_graphs_and_unknown_ends_are_drawn(spark: SparkSession) -> None:
    empty = graphs.of_edges(spark, [], 0)
    assert "</svg>" in plot(empty).svg
    stray = graphs.of_edges(spark, [(0, 1), (1, 99)], 2)
    assert texts(plot(stray).svg) == {"0", "1"}


def test_without_the_libraries_the_error_names_what_to_install(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ImportError, match=r"pip install firesteel\[graph\]"):
        plot(graphs.motifs(spark))
