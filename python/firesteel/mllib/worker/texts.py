"""Texts of labeled points; in workers."""

from __future__ import annotations

from typing import Any

from pyspark.mllib.linalg import Vectors


def labeled_point(line: str) -> Any:
    """Return the point that a line says: ``(label,vector)``, or in the oldest form ``label,value value …``.

    Raises
    ------
    ValueError
        It is neither.
    """
    from pyspark.mllib.regression import LabeledPoint

    text = line.strip()
    if text.startswith("("):
        label, _, vector = text[1:-1].partition(",")
        return LabeledPoint(float(label), Vectors.parse(vector.strip()))
    label, _, values = text.partition(",")
    return LabeledPoint(float(label), Vectors.dense([float(value) for value in values.split()]))
