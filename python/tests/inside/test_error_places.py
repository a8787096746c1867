"""Errors of running queries say where in the query they arose. Places as Spark 4.2.0 tells them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from pyspark.errors import AnalysisException, ParseException, PySparkException, QueryContextType
from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.errors import QueryContext
    from pyspark.sql import DataFrame, SparkSession


def failure(df: DataFrame) -> PySparkException:
    with pytest.raises(PySparkException) as raised:
        df.collect()
    return raised.value


def only_context(error: PySparkException) -> QueryContext:
    contexts = error.getQueryContext()
    assert contexts is not None
    assert len(contexts) == 1
    return contexts[0]


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        ("SELECT 1/0", "1/0"),
        ("SELECT a/b FROM VALUES (1, 0) t(a, b)", "a/b"),
        ("SELECT CAST('x' AS INT)", "CAST('x' AS INT)"),
        ("SELECT int('x') + 1", "int('x')"),
        ("SELECT 'x' + 1", "'x' + 1"),
        ("SELECT array(1, 2)[5]", "array(1, 2)[5]"),
        ("SELECT element_at(array(1, 2), 5)", "element_at(array(1, 2), 5)"),
        ("SELECT 2147483647 + 1", "2147483647 + 1"),
        ("SELECT id % 0 FROM range(3)", "id % 0"),
        ("SELECT date'2020-01-01' + CAST('q' AS INT)", "CAST('q' AS INT)"),
        ("SELECT avg(a/0) FROM VALUES (1) t(a)", "a/0"),
        ("SELECT CAST(x AS DECIMAL(3, 2)) FROM VALUES (100.1) t(x)", "CAST(x AS DECIMAL(3, 2))"),
        ("SELECT * FROM VALUES (1) t(a) WHERE 1/(a-1) > 0", "1/(a-1)"),
        ("SELECT * FROM (SELECT 1/a x\n FROM VALUES (0) t(a))\nWHERE x > 1", "1/a"),
        ("SELECT CASE WHEN a = 0 THEN 1/a END FROM VALUES (0) t(a)", "1/a"),
        ("SELECT to_timestamp('x')", "to_timestamp('x')"),
        ("SELECT interval 1 day / 0", "interval 1 day / 0"),
        ("SELECT (SELECT 1/0)", "1/0"),
        ("SELECT transform(array(0), v -> 1/v)", "1/v"),
        ("SELECT element_at(array(1, 2), 0)", "element_at(array(1, 2), 0)"),
        ("SELECT -'a'", "-'a'"),
        ("SELECT a + b FROM VALUES (1.5D, 'z') t(a, b)", "a + b"),
    ],
)
def test_piece_of_sql(spark: SparkSession, query: str, fragment: str) -> None:
    error = failure(spark.sql(query))
    context = only_context(error)
    assert context.contextType() == QueryContextType.SQL
    assert context.fragment() == fragment
    assert (context.startIndex(), context.stopIndex()) == (
        query.index(fragment),
        query.index(fragment) + len(fragment) - 1,
    )
    line, position = (
        query[: query.index(fragment)].count("\n") + 1,
        len(query[: query.index(fragment)].split("\n")[-1]) + 1,
    )
    assert context.summary().startswith(f"== SQL (line {line}, position {position}) ==\n")
    assert context.summary() in str(error)


@pytest.mark.parametrize("query", ["SELECT CAST(300 AS TINYINT)", "SELECT abs(-2147483648)", "SELECT raise_error('x')"])
def test_errors_without_a_place(spark: SparkSession, query: str) -> None:
    assert not failure(spark.sql(query)).getQueryContext()


@pytest.mark.parametrize(
    ("query", "fragment"),
    [
        ("SELECT * FROM no_such_table t JOIN range(3) r", "no_such_table"),
        ("SELECT 1 FROM range(3) JOIN no_such_db.no_such_table", "no_such_db.no_such_table"),
        ("SELECT * FROM no_such_function(1)", "no_such_function(1)"),
    ],
)
def test_table_that_does_not_exist(spark: SparkSession, query: str, fragment: str) -> None:
    with pytest.raises(AnalysisException) as raised:
        spark.sql(query)
    context = only_context(raised.value)
    assert context.fragment() == fragment
    assert (context.startIndex(), context.stopIndex()) == (
        query.index(fragment),
        query.index(fragment) + len(fragment) - 1,
    )


def test_syntax_errors_tell_their_position_in_the_message(spark: SparkSession) -> None:
    with pytest.raises(ParseException, match=r"\(line 1, pos 7\)") as raised:
        spark.sql("SELECT ) FROM x")
    assert not raised.value.getQueryContext()


def test_expressions_in_strings(spark: SparkSession) -> None:
    df = spark.createDataFrame([(1, 0)], "a int, b int")
    context = only_context(failure(df.filter("a/b > 1")))
    assert context.fragment() == "a/b"
    assert context.summary() == "== SQL (line 1, position 1) ==\na/b > 1\n^^^\n"


def test_line_of_python(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    # The client decides once whether it sends lines, and without a session it decides that it does not.
    monkeypatch.setattr("pyspark.errors.utils._enable_debugging_cache", True)
    df = spark.createDataFrame([(1, 0, "x")], "a int, b int, c string")
    for column, method in [(df.a / df.b, "__truediv__"), (df.c.cast("int"), "cast"), (F.array("a")[3], "__getitem__")]:
        error = failure(df.select(column))
        context = only_context(error)
        assert context.contextType() == QueryContextType.DataFrame
        assert context.fragment() == method
        assert re.search(r"test_error_places\.py:\d+$", context.callSite())
        assert context.summary() == f'== DataFrame ==\n"{method}" was called from\n{context.callSite()}\n'
        assert context.summary() in str(error)


def test_query_of_a_view(spark: SparkSession) -> None:
    spark.sql("CREATE OR REPLACE TEMPORARY VIEW failing AS SELECT 1/a x FROM VALUES (0) t(a)")
    context = only_context(failure(spark.sql("SELECT x FROM failing")))
    assert (context.objectType(), context.objectName()) == ("VIEW", "failing")
    assert (context.startIndex(), context.stopIndex()) == (7, 9)
    assert context.summary().startswith("== SQL of VIEW failing (line 1, position 8) ==\nSELECT 1/a x FROM")
    spark.sql("DROP VIEW failing")
