"""Data that scikit-learn ships: breast cancer (two classes), diabetes (a number), 400 handwritten digits, iris.

One partition each, but for `partitions`: Spark draws random numbers by partition.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.ml.functions import array_to_vector
from pyspark.ml.linalg import Vectors
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

IRIS = Path(__file__).parents[1] / "unsupervised" / "iris.json"


@cache
def _shipped() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(gzip.decompress(Path(__file__).with_name("scikit_learn.json.gz").read_bytes()))
    iris = json.loads(IRIS.read_text(encoding="utf-8"))
    data["iris"] = {"rows": iris, "labels": [float(i // 50) for i in range(150)]}
    return data


def frame(spark: SparkSession, name: str) -> DataFrame:
    """Label, features, a weight 1, 2, 3, 1, … and every fifth row marked."""
    data = _shipped()[name]
    rows = [
        (label, Vectors.dense(row), float(i % 3 + 1), i % 5 == 0)
        for i, (row, label) in enumerate(zip(data["rows"], data["labels"], strict=True))
    ]
    return spark.createDataFrame(rows, ["label", "features", "w", "held"]).coalesce(1)


def categories(spark: SparkSession) -> DataFrame:
    """Two nominal features (of three and of twelve values), a binary one, and a number; three classes."""
    rows = []
    state = 20
    for _ in range(300):
        drawn = []
        for n in (3, 12, 2, 50):
            state = (1103515245 * state + 12345) % (1 << 31)
            drawn.append(float((state >> 8) % n))
        state = (1103515245 * state + 12345) % (1 << 31)
        noise = (state >> 8) % 4
        label = (drawn[0] * 2 + drawn[1] % 5 + (1 - drawn[2]) + noise) % 3
        rows.append((float(int(label)), Vectors.dense(drawn), drawn[0] - drawn[1] / 3 + drawn[3] / 25 + noise))
    nominal = [{"idx": 0, "vals": ["a", "b", "c"]}, {"idx": 1, "num_vals": 12}]
    attributes = {"attrs": {"nominal": nominal, "binary": [{"idx": 2}]}, "num_attrs": 4}
    made = spark.createDataFrame(rows, ["label", "plain", "y"])
    return made.select("label", F.col("plain").alias("features", metadata={"ml_attr": attributes}), "y").coalesce(1)


def partitions(spark: SparkSession) -> DataFrame:
    """Three partitions of unequal size: random numbers are drawn in each of them."""
    ids = spark.range(0, 500, 1, 3).where("id < 120 OR id % 3 > 0")
    drawn = [((F.col("id") * a + b) % 101 / 101) for a, b in ((37, 5), (53, 11), (71, 3), (89, 29))]
    label = F.when(drawn[0] + drawn[1] * drawn[2] > drawn[3], 1.0).otherwise(0.0)
    return ids.select(label.alias("label"), array_to_vector(F.array(*drawn)).alias("features"))


def sparse(spark: SparkSession) -> DataFrame:
    rows = []
    for i in range(120):
        entries = {(i * 5 + j * 7) % 30: 1.0 + (i * (j + 1)) % 4 for j in range(4)}
        rows.append((float((i * 7 + i // 5) % 2), Vectors.sparse(30, entries)))
    return spark.createDataFrame(rows, ["label", "features"]).coalesce(1)
