"""Small tables that the cases of feature transformers share: dense and sparse vectors, nulls, unicode, skewed labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.ml.linalg import Vectors

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

NAN = float("nan")
INF = float("inf")


def vectors(spark: SparkSession) -> DataFrame:
    rows = [
        (0, Vectors.dense([1.0, -2.0, 0.0, 4.5])),
        (1, Vectors.sparse(4, [1, 3], [3.0, -1.0])),
        (2, Vectors.sparse(4, [], [])),
        (3, Vectors.dense([0.5, 8.0, -3.25, 2.0])),
        (4, Vectors.sparse(4, {0: 7.0, 2: 1e-3})),
    ]
    return spark.createDataFrame(rows, ["id", "v"])


def categories(spark: SparkSession) -> DataFrame:
    """Vectors whose entries are few whole numbers: for indexers and selectors."""
    rows = [
        (float(i % 3), float(i % 2), Vectors.dense([float(i % 3), float(i % 4), float(i * i % 7), float(i % 2)]))
        for i in range(24)
    ]
    return spark.createDataFrame(rows, ["label", "other", "v"])


def measured(spark: SparkSession) -> DataFrame:
    """A label that depends on some of six columns of numbers."""
    rows = []
    state = 12345
    for i in range(60):
        noise = []
        for _ in range(6):
            state = (1103515245 * state + 12345) % (1 << 31)
            noise.append(state / (1 << 31))
        label = float(i % 3)
        target = 2.0 * noise[0] - noise[3] + 0.1 * noise[5]
        features = [noise[0] + label, noise[1], noise[2] * 3 - label / 2, noise[3], noise[4] * 0.01, noise[5] * 10]
        rows.append((label, target, Vectors.dense(features)))
    return spark.createDataFrame(rows, ["label", "target", "v"])


def numbers(spark: SparkSession) -> DataFrame:
    rows = [(0.1, 5, 1.5), (-4.0, 7, NAN), (2.5, None, 0.5), (NAN, 1, 2.0), (None, 3, -1.0), (INF, -9, 0.0)]
    return spark.createDataFrame(rows, "a double, b int, c float")


def clean(spark: SparkSession) -> DataFrame:
    rows = [(float(i * 7 % 11) / 2, float(i * i % 13) - 3.0) for i in range(20)]
    return spark.createDataFrame(rows, "a double, b double")


def texts(spark: SparkSession) -> DataFrame:
    rows = [(0, "Hello big  World"), (1, "ÄÖ Straße  the\tend "), (2, ""), (3, "a-b c,d;e_f 12 ab"), (4, " lead")]
    return spark.createDataFrame(rows, ["id", "text"])


def words(spark: SparkSession) -> DataFrame:
    rows = [
        (0, ["a", "b", "c", "a"]),
        (1, ["The", "quick", "brown", "i", "Fox", "the"]),
        (2, []),
        (3, ["日本", "ß", "b", "a", "a", "x" * 9]),
        (4, ["b", "c"]),
    ]
    return spark.createDataFrame(rows, "id int, words array<string>")


def fruits(spark: SparkSession) -> DataFrame:
    rows = [
        (1.0, "apple", 3, "x", 0.5),
        (0.0, "pear", 1, "y", 1.5),
        (1.0, "apple", 2, "x", 2.5),
        (0.0, "fig", 5, "z", 3.5),
        (1.0, "pear", 4, "x", 4.5),
        (1.0, "apple", 3, "y", 5.5),
    ]
    return spark.createDataFrame(rows, "y double, fruit string, n int, kind string, size double")
