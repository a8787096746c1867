"""Errors reach PySpark with class, condition, SQLSTATE, parameters and the place in the query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyspark.errors import AnalysisException, ArithmeticException, ParseException, PySparkException

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Condition, SQLSTATE and parameters as Spark 4.2.0 gives them.
CASES = [
    (
        "SELECT nme FROM VALUES (1, 'a') t(id, name)",
        AnalysisException,
        "UNRESOLVED_COLUMN.WITH_SUGGESTION",
        "42703",
        {"objectName": "`nme`", "proposal": "`name`, `id`"},
    ),
    ("SELECT no_such_function(1)", AnalysisException, "UNRESOLVED_ROUTINE", "42883", None),
    ("SELECT * FROM no_such_table", AnalysisException, "TABLE_OR_VIEW_NOT_FOUND", "42P01", None),
    ("SELECT (1", ParseException, "PARSE_SYNTAX_ERROR", "42601", None),
    ("SELECT 1 / 0", ArithmeticException, "DIVIDE_BY_ZERO", "22012", None),
    ("SELECT 2147483647 + 1", ArithmeticException, "ARITHMETIC_OVERFLOW", "22003", None),
]


@pytest.mark.parametrize(("query", "kind", "condition", "state", "parameters"), CASES)
def test_condition(
    spark: SparkSession,
    query: str,
    kind: type[PySparkException],
    condition: str,
    state: str,
    parameters: dict[str, str] | None,
) -> None:
    with pytest.raises(kind) as raised:
        spark.sql(query).collect()
    error = raised.value
    assert error.getCondition() == condition
    assert error.getSqlState() == state
    if parameters is not None:
        assert error.getMessageParameters() == parameters


def test_place_in_the_query(spark: SparkSession) -> None:
    with pytest.raises(AnalysisException) as raised:
        spark.sql("SELECT 7, nme + 1 FROM VALUES (1) t(name)").collect()
    (context,) = raised.value.getQueryContext()
    assert context.fragment() == "nme"
    assert (context.startIndex(), context.stopIndex()) == (10, 12)


def test_a_long_message_arrives_whole(spark: SparkSession) -> None:
    """Longer than a gRPC trailer: the rest comes by FetchErrorDetails."""
    name = "x" * 20_000
    with pytest.raises(AnalysisException) as raised:
        spark.sql(f"SELECT {name}").collect()
    assert name in str(raised.value)
