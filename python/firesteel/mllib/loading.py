"""What ``pyspark.mllib.util`` calls: texts of vectors and labeled points, columns of both APIs, made-up data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.ml import linalg as newer
from pyspark.mllib import linalg as older
from pyspark.mllib.linalg import Vectors
from pyspark.mllib.regression import LabeledPoint
from pyspark.sql import functions

from firesteel.mllib.worker.texts import labeled_point
from firesteel.mllib.worker.xorshift import longs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyspark.sql.connect.dataframe import DataFrame

    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD


def load_labeled_points(sc: SparkContext, path: str, partitions: int | None = None) -> RDD[Any]:
    """Return the labeled points that a text file has, one per line."""
    return sc.textFile(path, partitions).map(labeled_point)


def load_vectors(sc: SparkContext, path: str) -> RDD[Any]:
    """Return the vectors that a text file has, one per line."""
    return sc.textFile(path).map(Vectors.parse)


def _converter(source: type, target: type, family: Any = None) -> Callable[..., Any]:
    """Return the function that turns columns of `source` into `target`; `family` makes older values of newer ones."""

    # Shipped by value: workers of another server have no firesteel.
    def convert(value):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if value is None:
            return None
        return value.asML() if family is None else family.fromML(value)

    def convert_columns(frame: DataFrame, columns: Sequence[str]) -> Any:
        """Return the frame with columns of one API's type as the other's; all such columns if none are named."""
        types = {field.name: field.dataType for field in frame.schema.fields}
        for name in columns:
            if name in types and not isinstance(types[name], (source, target)):
                raise ValueError(f"requirement failed: Column {name} must be old or new type but got {types[name]}.")
        chosen = [name for name in (columns or types) if isinstance(types[name], source)]
        function = functions.udf(convert, target())
        return frame.withColumns({name: function(frame[name]) for name in chosen})

    return convert_columns


def linear_points(
    intercept: float, weights: Any, means: Any, variances: Any, count: int, seed: int, eps: float
) -> list[Any]:
    """Return points of a line with noise: features even around `means`, labels from `weights` and `intercept`."""
    generator = np.random.default_rng(seed & 0xFFFFFFFFFFFFFFFF)
    slopes = np.array(weights, dtype=float)
    features = (generator.random((count, len(slopes))) - 0.5) * np.sqrt(12.0 * np.array(variances)) + np.array(means)
    labels = features @ slopes + intercept + eps * generator.standard_normal(count)
    return [LabeledPoint(float(label), row) for label, row in zip(labels, features, strict=True)]


def linear_rdd(sc: SparkContext, count: int, size: int, eps: float, partitions: int, intercept: float) -> RDD[Any]:
    """Return an RDD of such points, with the same weights in all partitions."""
    slopes = (np.random.default_rng(42).random(size) - 0.5).tolist()
    each = [(part + 1) * count // partitions - part * count // partitions for part in range(partitions)]
    seeds = longs(42, partitions)

    def points(part: tuple[int, int]) -> list[Any]:
        return linear_points(intercept, slopes, [0.0] * size, [1.0 / 3.0] * size, part[0], part[1], eps)

    return sc.parallelize(list(zip(each, seeds, strict=True)), partitions).flatMap(points)


FUNCTIONS = {
    "loadLabeledPoints": load_labeled_points,
    "loadVectors": load_vectors,
    "convertVectorColumnsToML": _converter(older.VectorUDT, newer.VectorUDT),
    "convertVectorColumnsFromML": _converter(newer.VectorUDT, older.VectorUDT, older.Vectors),
    "convertMatrixColumnsToML": _converter(older.MatrixUDT, newer.MatrixUDT),
    "convertMatrixColumnsFromML": _converter(newer.MatrixUDT, older.MatrixUDT, older.Matrices),
    "generateLinearInputWrapper": linear_points,
    "generateLinearRDDWrapper": linear_rdd,
}
