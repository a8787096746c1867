"""Functions that make much from little: many rows of large values pass, one value too large is a clear error."""

from __future__ import annotations

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

MANY_ROWS = {
    # One batch of these would hold gigabytes.
    "select sum(size(array_repeat(id, 1000000))) from range(100)": 100_000_000,
    "select sum(n) from (select size(sequence(1, 1000000)) n from range(400))": 400_000_000,
    "select sum(length(repeat('ab', 1000000))) from range(400)": 800_000_000,
    "select sum(length(s)) from (select lpad('x', 1000000, 'y') s from range(400))": 400_000_000,
    "select count(*) from (select explode(sequence(1, 1000000)) x from range(20))": 20_000_000,
}

ONE_VALUE = {
    "select size(flatten(array_repeat(sequence(1, 1000000), 1000)))": "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER",
    "select size(sequence(1, 1000000000))": "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER",
    "select length(space(2000000000))": "COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION",
    "select length(format_string('%1000000000d', 1))": "COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION",
}


@pytest.mark.parametrize("query", MANY_ROWS)
def test_many_rows_of_large_values_pass(spark: SparkSession, query: str) -> None:
    assert spark.sql(query).collect()[0][0] == MANY_ROWS[query]


@pytest.mark.parametrize("query", ONE_VALUE)
def test_a_value_too_large_is_refused(spark: SparkSession, query: str) -> None:
    with pytest.raises(PySparkException) as refused:
        spark.sql(query).collect()
    assert refused.value.getCondition() == ONE_VALUE[query]


def test_order_and_other_columns_stay_beside_large_values(spark: SparkSession) -> None:
    rows = spark.sql("select id, repeat(char(65 + id % 26), 1000000) s from range(0, 200, 1, 1)")
    found = rows.selectExpr("id", "length(s) n", "substr(s, 1, 1) c").collect()
    assert [tuple(row) for row in found] == [(i, 1_000_000, chr(65 + i % 26)) for i in range(200)]


def test_a_relation_of_too_many_columns_is_refused(spark: SparkSession) -> None:
    columns = ", ".join(f"{n} as c{n}" for n in range(50_001))
    with pytest.raises(PySparkException, match="50001 columns") as refused:
        spark.sql(f"select {columns}").collect()
    assert refused.value.getCondition() == "UNSUPPORTED_FEATURE"
