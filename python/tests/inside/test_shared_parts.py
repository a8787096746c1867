"""Equal parts of one query are computed once, and every reader gets all rows."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Tasks made of bytes share nothing.
SHARES = os.environ.get("FIRESTEEL_TEST_RUNNER") != "travel"


@pytest.fixture(autouse=True)
def tables(spark: SparkSession) -> None:
    spark.range(1000).selectExpr("id", "id % 7 AS kind", "id * 3 AS amount").createOrReplaceTempView("sold")
    spark.range(7).selectExpr("id AS kind", "concat('kind ', id) AS name").createOrReplaceTempView("kinds")


def shared(spark: SparkSession, query: str) -> tuple[int, int]:
    """How many parts are shared, and how often they are read again."""
    text = spark.sql(query)._explain_string()
    return text.count("SharedRowsExec"), text.count("ReusedRowsExec")


TOTALS = "WITH totals AS (SELECT kind, sum(amount) AS total, count(*) AS n FROM sold GROUP BY kind) "


def test_scalar_subquery_over_the_same(spark: SparkSession) -> None:
    query = TOTALS + "SELECT kind, total FROM totals WHERE total = (SELECT max(total) FROM totals)"
    assert shared(spark, query) == ((1, 1) if SHARES else (0, 0))
    sums = {kind: sum(3 * i for i in range(1000) if i % 7 == kind) for kind in range(7)}
    best = max(sums.values())
    assert sorted(map(tuple, spark.sql(query).collect())) == sorted(kv for kv in sums.items() if kv[1] == best)


def test_self_join_of_a_common_table(spark: SparkSession) -> None:
    query = TOTALS + (
        "SELECT a.kind, b.kind AS other, a.total - b.total AS more, a.n FROM totals a JOIN totals b ON a.kind = b.kind + 1"
    )
    assert shared(spark, query) == ((1, 1) if SHARES else (0, 0))
    sums = {kind: sum(3 * i for i in range(1000) if i % 7 == kind) for kind in range(7)}
    sizes = Counter(i % 7 for i in range(1000))
    expected = [(kind, kind - 1, sums[kind] - sums[kind - 1], sizes[kind]) for kind in range(1, 7)]
    assert sorted(map(tuple, spark.sql(query).collect())) == expected


def test_other_columns_of_the_same_rows(spark: SparkSession) -> None:
    query = (
        TOTALS
        + "SELECT sum(n) AS x FROM totals UNION ALL SELECT sum(total) AS x FROM totals UNION ALL SELECT count(*) FROM totals"
    )
    assert sorted(row.x for row in spark.sql(query).collect()) == [7, 1000, 3 * sum(range(1000))]


def test_parts_within_parts(spark: SparkSession) -> None:
    query = TOTALS + (
        ", named AS (SELECT name, total FROM totals JOIN kinds USING (kind)) "
        "SELECT (SELECT count(*) FROM totals) AS n, a.name FROM named a JOIN named b ON a.name = b.name"
    )
    rows = spark.sql(query).collect()
    assert sorted(map(tuple, rows)) == [(7, f"kind {kind}") for kind in range(7)]


def test_a_reader_that_stops_early(spark: SparkSession) -> None:
    query = TOTALS + "(SELECT kind FROM totals LIMIT 1) UNION ALL SELECT kind FROM totals"
    assert len(spark.sql(query).collect()) == 8


def test_a_reader_that_never_begins(spark: SparkSession) -> None:
    query = TOTALS + (
        "SELECT a.kind FROM (SELECT kind FROM kinds WHERE kind < 0) a JOIN totals b ON a.kind = b.kind "
        "UNION ALL SELECT kind FROM totals"
    )
    assert len(spark.sql(query).collect()) == 7


def test_other_filters_are_other_parts(spark: SparkSession) -> None:
    query = (
        "WITH some AS (SELECT kind, sum(amount) AS total FROM sold GROUP BY kind) "
        "SELECT a.total, b.total FROM some a, some b WHERE a.kind = 1 AND b.kind = 2"
    )
    assert shared(spark, query) == (0, 0)


@pytest.mark.parametrize("column", ["rand()", "monotonically_increasing_id()", "uuid()"])
def test_what_may_differ_each_time_is_not_shared(spark: SparkSession, column: str) -> None:
    query = (
        f"WITH drawn AS (SELECT kind, max({column}) AS x FROM sold GROUP BY kind) "
        "SELECT a.kind FROM drawn a JOIN drawn b ON a.kind = b.kind AND a.x > b.x"
    )
    assert shared(spark, query) == (0, 0)


def test_errors_reach_every_reader(spark: SparkSession) -> None:
    query = (
        "WITH bad AS (SELECT kind, sum(1 div (id - 5)) AS x FROM sold GROUP BY kind) "
        "SELECT a.x FROM bad a JOIN bad b ON a.kind = b.kind"
    )
    with pytest.raises(Exception, match="DIVIDE_BY_ZERO"):
        spark.sql(query).collect()
