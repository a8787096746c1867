"""RDDs of the older API as frames that estimators of ``pyspark.ml`` learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.linalg import VectorUDT
from pyspark.sql.types import DoubleType, LongType, StructField, StructType

from firesteel.mllib.worker import rows
from firesteel.rdd.frames import frame_of_rdd

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql.connect.dataframe import DataFrame

    from firesteel.rdd.core import RDD

_FEATURES = StructField("features", VectorUDT(), False)
_LABELED = StructType([StructField("label", DoubleType(), False), _FEATURES])
_NUMBERED = StructType([StructField("id", LongType(), False), _FEATURES])


def of_rows(rdd: RDD[Any], schema: StructType, row: Callable[[Any], tuple[Any, ...]] | None = None) -> DataFrame:
    """Return a frame of the items of an RDD.

    Parameters
    ----------
    rdd : RDD
        The items.
    schema : StructType
        Types of the columns.
    row : callable, optional
        What makes a row of an item. Default: items are rows.
    """
    return frame_of_rdd(rdd.ctx._session, rdd.map(row) if row else rdd, schema, verify=False)


def of_vectors(rdd: RDD[Any]) -> DataFrame:
    """Return a frame ``features`` of an RDD of vectors."""
    return of_rows(rdd, StructType([_FEATURES]), rows.vector_row)


def of_labeled_points(rdd: RDD[Any]) -> DataFrame:
    """Return a frame ``label, features`` of an RDD of ``LabeledPoint``."""
    return of_rows(rdd, _LABELED, rows.labeled_row)


def of_numbered_vectors(rdd: RDD[Any]) -> DataFrame:
    """Return a frame ``id, features`` of an RDD of pairs."""
    return of_rows(rdd, _NUMBERED, rows.numbered_row)
