"""Items of the older API as rows of frames of ``pyspark.ml``, and rows back; in workers."""

from __future__ import annotations

from typing import Any

from pyspark.mllib.linalg import Vectors, _convert_to_vector


def vector_row(vector: Any) -> tuple[Any]:
    """Return the row of a vector, or of what can be one."""
    return (_convert_to_vector(vector).asML(),)


def labeled_row(point: Any) -> tuple[float, Any]:
    """Return the row of a ``LabeledPoint``."""
    return (float(point.label), point.features.asML())


def numbered_row(pair: Any) -> tuple[int, Any]:
    """Return the row of a number and a vector."""
    return (int(pair[0]), _convert_to_vector(pair[1]).asML())


def first(row: Any) -> Any:
    """Return the first column."""
    return row[0]


def older_vector(row: Any) -> Any:
    """Return the vector of the first column, in the older API's class."""
    return Vectors.fromML(row[0])
