"""Good tables for every class of `pyspark.ml`, and what can be wrong with a column of one.

A table is a list of columns with four rows. `BAD` has, by the kind of a column, what may be done to it: a function of
the session and the good table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyspark.ml.linalg import Vectors, VectorUDT
from pyspark.sql import functions as F
from pyspark.sql.types import StructField, StructType, _parse_datatype_string

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

NAN, INFINITE = float("nan"), float("inf")
VECTOR = "vector"
ROW = 2
"""The row that is made bad."""

# Name → columns: name, type, values.
TABLES: dict[str, list[tuple[str, str, list[Any]]]] = {
    "learning": [
        ("label", "double", [0.0, 1.0, 1.0, 0.0]),
        ("features", VECTOR, [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [0.0, 4.0]]),
        ("w", "double", [1.0, 2.0, 0.5, 1.0]),
        ("censor", "double", [1.0, 0.0, 1.0, 1.0]),
        ("positive", "double", [1.0, 2.0, 3.0, 1.5]),
    ],
    "scalars": [
        ("a", "double", [0.0, 1.0, 2.0, 1.0]),
        ("b", "double", [3.0, 1.0, 2.5, 0.5]),
        ("s", "string", ["x", "y", "x", "z"]),
        ("n", "int", [1, 0, 2, 1]),
        ("label", "double", [0.0, 1.0, 1.0, 0.0]),
        ("v", VECTOR, [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [0.0, 4.0]]),
    ],
    "texts": [
        ("text", "string", ["a b c", "B c", "a", "d a b"]),
        ("words", "array<string>", [["a", "b", "c"], ["b", "c"], ["a"], ["d", "a", "b"]]),
    ],
    "ratings": [
        ("user", "int", [1, 1, 2, 3]),
        ("item", "int", [1, 2, 1, 2]),
        ("rating", "float", [1.0, 2.0, 3.0, 1.0]),
    ],
    "baskets": [
        ("items", "array<string>", [["a", "b", "c"], ["b", "c"], ["a"], ["d", "a", "b"]]),
        ("sequence", "array<array<int>>", [[[1], [2, 3]], [[1, 2]], [[3], [1]], [[1], [2]]]),
    ],
    "edges": [
        ("src", "bigint", [0, 1, 2, 3]),
        ("dst", "bigint", [1, 2, 0, 4]),
        ("weight", "double", [1.0, 1.0, 1.0, 1.0]),
    ],
    "predictions": [
        ("prediction", "double", [0.0, 1.0, 0.0, 1.0]),
        ("label", "double", [0.0, 1.0, 1.0, 0.0]),
        ("rawPrediction", VECTOR, [[1.0, -1.0], [-2.0, 2.0], [0.5, -0.5], [-1.0, 1.0]]),
        ("probability", VECTOR, [[0.7, 0.3], [0.1, 0.9], [0.6, 0.4], [0.3, 0.7]]),
        ("features", VECTOR, [[1.0, 2.0], [2.0, 1.0], [1.5, 2.5], [2.5, 0.5]]),
        ("w", "double", [1.0, 2.0, 0.5, 1.0]),
        ("found", "array<double>", [[1.0, 2.0], [2.0], [3.0, 1.0], [1.0]]),
        ("wanted", "array<double>", [[1.0], [2.0, 1.0], [3.0], [2.0]]),
    ],
}


def made(spark: SparkSession, name: str, column: str = "", value: Any = None, rows: int = 4) -> DataFrame:
    """The table, with `value` in the bad row of `column` if there is one, and only so many rows."""
    fields, columns = [], []
    for field, kind, values in TABLES[name]:
        own = [*values]
        if field == column:
            own[ROW] = value
        is_vector = kind == VECTOR
        fields.append(StructField(field, VectorUDT() if is_vector else _parse_datatype_string(kind)))
        columns.append([Vectors.dense(x) if is_vector and x is not None else x for x in own])
    return spark.createDataFrame(list(zip(*columns, strict=True))[:rows], StructType(fields)).coalesce(1)


def with_value(value: Any) -> Callable[[SparkSession, str, str], DataFrame]:
    return lambda spark, name, column: made(spark, name, column, value)


def as_expression(make: Callable[[], Any]) -> Callable[[SparkSession, str, str], DataFrame]:
    """The column is another expression, mostly one of another type."""
    return lambda spark, name, column: made(spark, name).withColumn(column, make())


def missing(spark: SparkSession, name: str, column: str) -> DataFrame:
    return made(spark, name).drop(column)


TEXT = as_expression(lambda: F.lit("text"))
NUMBER = as_expression(lambda: F.lit(1.0))
NUMBERS = as_expression(lambda: F.array(F.lit(1.0), F.lit(2.0)))
WHOLE_NUMBERS = as_expression(lambda: F.array(F.lit(1), F.lit(2)))

# Kind of column → what is wrong → the table.
BAD: dict[str, dict[str, Callable[[SparkSession, str, str], DataFrame]]] = {
    VECTOR: {
        "missing": missing,
        "text": TEXT,
        "number": NUMBER,
        "doubles": NUMBERS,
        "integers": WHOLE_NUMBERS,
        "null": with_value(None),
        "nan": with_value([NAN, 1.0]),
        "infinite": with_value([INFINITE, 1.0]),
        "negative": with_value([-1.0, 1.0]),
        "zeros": with_value([0.0, 0.0]),
        "other_size": with_value([1.0]),
    },
    "double": {
        "missing": missing,
        "text": TEXT,
        "truth": as_expression(lambda: F.lit(True)),
        "doubles": NUMBERS,
        "null": with_value(None),
        "nan": with_value(NAN),
        "infinite": with_value(INFINITE),
        "negative": with_value(-1.0),
        "fraction": with_value(0.5),
        "other": with_value(7.0),
    },
    "int": {
        "missing": missing,
        "text": TEXT,
        "doubles": NUMBERS,
        "null": with_value(None),
        "negative": with_value(-1),
        "other": with_value(7),
        "fraction": as_expression(lambda: F.lit(1.5)),
        "huge": as_expression(lambda: F.lit(1 << 40)),
        "decimal": as_expression(lambda: F.lit(1).cast("decimal(5,2)")),
    },
    "string": {
        "missing": missing,
        "number": NUMBER,
        "doubles": NUMBERS,
        "null": with_value(None),
        "empty_text": with_value(""),
        "other": with_value("unseen"),
    },
    "array<string>": {
        "missing": missing,
        "text": TEXT,
        "integers": WHOLE_NUMBERS,
        "null": with_value(None),
        "null_item": with_value(["a", None]),
        "none": with_value([]),
        "twice": with_value(["a", "a"]),
    },
    "array<double>": {
        "missing": missing,
        "text": TEXT,
        "integers": WHOLE_NUMBERS,
        "null": with_value(None),
        "null_item": with_value([1.0, None]),
        "none": with_value([]),
        "nan": with_value([NAN]),
    },
    "array<array<int>>": {
        "missing": missing,
        "integers": WHOLE_NUMBERS,
        "null": with_value(None),
        "null_item": with_value([None, [1]]),
        "none": with_value([]),
    },
}
BAD["float"] = BAD["double"]
BAD["bigint"] = BAD["int"]
WHOLE: dict[str, Callable[[SparkSession, str], DataFrame]] = {
    "good": lambda spark, name: made(spark, name),
    "empty": lambda spark, name: made(spark, name, rows=0),
    "one_row": lambda spark, name: made(spark, name, rows=1),
}


def bad_tables(name: str, columns: list[str]) -> dict[str, Callable[[SparkSession], DataFrame]]:
    """What may be wrong with these columns: `column_fault` → the table."""
    kinds = {field: kind for field, kind, _ in TABLES[name]}
    found: dict[str, Callable[[SparkSession], DataFrame]] = {}
    for column in columns:
        for fault, make in BAD[kinds[column]].items():
            found[f"{column}_{fault}"] = lambda spark, make=make, column=column: make(spark, name, column)
    return found
