"""Files in LIBSVM's format, read and written: name → what is asked."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.ml.linalg import Vectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

LIBSVM: dict[str, Callable[[SparkSession], Any]] = {}
TEXT = "# a comment\n1.0 1:1.5 3:-2  5:4e-3\n\n-1 2:7\n0\n"


def read(name: str, text: str, **options: str) -> None:
    def run(spark: SparkSession) -> Any:
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "rows.txt"
            path.write_text(text, encoding="utf-8")
            frame = spark.read.format("libsvm").options(**options).load(str(path))
            fields = [[field.name, field.dataType.simpleString(), field.metadata] for field in frame.schema.fields]
            return [
                fields,
                [tuple(row) for row in frame.collect()],
                [row[0] for row in frame.select("label").collect()],
            ]

    LIBSVM[f"libsvm_{name}"] = run


read("sparse", TEXT)
read("dense", TEXT, vectorType="dense")
read("more_features", TEXT, numFeatures="7")
read("descending", "1 2:1 1:1\n")
read("from_zero", "1 0:1\n")
read("unknown_type", TEXT, vectorType="round", numFeatures="5")


def written(spark: SparkSession) -> Any:
    rows = [(1.0, Vectors.dense([0.0, 2.5])), (-3.0, Vectors.sparse(2, {1: 1e-7})), (0.0, Vectors.sparse(2, {}))]
    with tempfile.TemporaryDirectory() as directory:
        frame = spark.createDataFrame(rows, ["label", "features"]).coalesce(1)
        frame.write.format("libsvm").save(f"{directory}/out")
        return [file.read_text(encoding="utf-8") for file in Path(directory).glob("out/*.libsvm")]


LIBSVM["libsvm_written"] = written
