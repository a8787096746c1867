"""Data of the cases: iris as scikit-learn ships it, and small made tables. One partition each, as seeds want it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.ml.linalg import Vectors

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def iris(spark: SparkSession) -> DataFrame:
    """150 flowers, Fisher (1936), with weights 1, 2, 3, 1, …"""
    rows = json.loads(Path(__file__).with_name("iris.json").read_text(encoding="utf-8"))
    data = [(i, Vectors.dense(row), float(i % 3 + 1)) for i, row in enumerate(rows)]
    return spark.createDataFrame(data, ["id", "features", "w"]).coalesce(1)


def sparse(spark: SparkSession) -> DataFrame:
    """Three groups in 40 dimensions, of which each row uses a few."""
    rows = []
    for i in range(45):
        group = i % 3
        entries = {group * 12 + (i * 5 + j * 3) % 12: 1.0 + (i + j) % 4 for j in range(4)}
        rows.append((i, Vectors.sparse(40, entries)))
    return spark.createDataFrame(rows, ["id", "features"]).coalesce(1)


def documents(spark: SparkSession) -> DataFrame:
    rows = [(i, Vectors.dense([float((i * 7 + j * 3) % 5) for j in range(6)])) for i in range(40)]
    rows.append((40, Vectors.sparse(6, [], [])))
    return spark.createDataFrame(rows, ["id", "features"]).coalesce(1)


def ratings(spark: SparkSession) -> DataFrame:
    rows = [(u, i, float((u * 7 + i * 3) % 5 + 1)) for u in range(30) for i in range(20) if (u * 5 + i * 11) % 4 != 0]
    return spark.createDataFrame(rows, "user int, item int, rating double").coalesce(1)


def baskets(spark: SparkSession) -> DataFrame:
    rows = [(["a", "b", "c"],), (["a", "b"],), (["a", "c", "d"],), (["b", "c"],), (["a", "b", "c", "d"],), (None,)]
    return spark.createDataFrame(rows, "items array<string>")


def sequences(spark: SparkSession) -> DataFrame:
    rows = [([[1, 2], [3]],), ([[1], [3, 2], [1, 2]],), ([[1, 2], [5]],), ([[6]],)]
    return spark.createDataFrame(rows, "sequence array<array<int>>")


def sentences(spark: SparkSession) -> DataFrame:
    text = ("a b c d e " * 10 + "b c a d " * 12 + "e f a b " * 9).split()
    return spark.createDataFrame([(text[i : i + 9],) for i in range(0, len(text), 9)], ["text"]).coalesce(1)


def graph(spark: SparkSession) -> DataFrame:
    edges = [(i, j, 1.0 / (1 + i - j)) for i in range(12) for j in range(i) if (i < 6) == (j < 6)]
    return spark.createDataFrame([*edges, (6, 5, 0.01)], "src long, dst long, weight double").coalesce(1)


def shingles(spark: SparkSession) -> DataFrame:
    rows = [(i, Vectors.sparse(30, {(j * 7 + i * i) % 30: 1.0 for j in range(5)})) for i in range(12)]
    return spark.createDataFrame(rows, ["id", "features"]).coalesce(1)
