"""Models of the older API on disk, in Spark's format: ``metadata`` is a line of JSON, ``data`` Parquet."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pyspark.mllib.linalg import MatrixUDT, VectorUDT
from pyspark.sql.types import (
    ArrayType,
    BooleanType,
    DataType,
    DoubleType,
    FloatType,
    IntegerType,
    LongType,
    StringType,
    StructField,
    StructType,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from firesteel.core.context import SparkContext

VECTOR = VectorUDT()
MATRIX = MatrixUDT()
DOUBLES = ArrayType(DoubleType(), False)
FLOATS = ArrayType(FloatType(), False)
DOUBLES_OF_DOUBLES = ArrayType(DOUBLES, False)
_TYPES: dict[str, DataType] = {
    "int": IntegerType(),
    "long": LongType(),
    "double": DoubleType(),
    "float": FloatType(),
    "string": StringType(),
    "boolean": BooleanType(),
}


def fields(**columns: str | DataType) -> StructType:
    """Return the schema of columns, by name."""
    return StructType(
        [StructField(name, _TYPES[kind] if isinstance(kind, str) else kind, True) for name, kind in columns.items()]
    )


def write_metadata(sc: SparkContext, path: str, kind: str, version: str, values: dict[str, Any]) -> None:
    """Write the line that says what a directory holds.

    Parameters
    ----------
    sc : SparkContext
        Whose server writes.
    path : str
        Directory of the model.
    kind, version : str
        Java's name of the class, and the version of its format.
    values : dict
        What else the line says.
    """
    line = json.dumps({"class": kind, "version": version, **values}, separators=(",", ":"))
    sc.parallelize([line], 1).saveAsTextFile(f"{path}/metadata")


def write_data(sc: SparkContext, path: str, rows: Sequence[Any], schema: StructType, partitions: int = 1) -> None:
    """Write rows as the Parquet of a model; `path` is its directory."""
    frame = sc._session.createDataFrame(list(rows), schema)
    frame.repartition(partitions).write.parquet(path)


def write(
    sc: SparkContext,
    path: str,
    kind: str,
    version: str,
    values: dict[str, Any],
    rows: Sequence[Any],
    schema: StructType,
) -> None:
    """Write metadata, and rows as ``data``."""
    write_metadata(sc, path, kind, version, values)
    write_data(sc, f"{path}/data", rows, schema)


def metadata(sc: SparkContext, path: str, kind: str, versions: tuple[str, ...] = ("1.0",)) -> dict[str, Any]:
    """Read the metadata of a model.

    Raises
    ------
    ValueError
        The directory holds another class or version.
    """
    values: dict[str, Any] = json.loads(sc.textFile(f"{path}/metadata").first())
    if values["class"] != kind or values["version"] not in versions:
        raise ValueError(
            f"{path} holds {values['class']}, version {values['version']}; "
            f"expected {kind}, version {' or '.join(versions)}."
        )
    return values


def data(sc: SparkContext, path: str, name: str = "data") -> Any:
    """Return the Parquet of a model."""
    return sc._session.read.parquet(f"{path}/{name}")
