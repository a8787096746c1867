"""Inner joins run in the order of estimated rows, with the answers of the written one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


@pytest.fixture(scope="module", autouse=True)
def star(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A table of facts, two of what it refers to, one that only the second of these refers to."""
    directory: Path = tmp_path_factory.mktemp("star")
    tables = {
        "facts": spark.range(100_000).selectExpr(
            "id", "id % 20000 AS thing", "CASE WHEN id % 11 > 0 THEN id % 50 END AS place", "id % 97 AS amount"
        ),
        "things": spark.range(20_000).selectExpr("id AS thing", "id % 100 AS sort"),
        "places": spark.range(50).selectExpr("id AS place", "id % 5 AS country"),
        "countries": spark.range(5).selectExpr("id AS country", "concat('country ', id) AS name"),
        "nothing": spark.range(0).selectExpr("id AS place"),
    }
    for name, rows in tables.items():
        rows.write.mode("overwrite").parquet(str(directory / name))
        spark.read.parquet(str(directory / name)).createOrReplaceTempView(name)


def answer(spark: SparkSession, query: str) -> list[tuple[object, ...]]:
    return sorted((tuple(row) for row in spark.sql(query).collect()), key=str)


BAD = (
    "SELECT {columns} FROM facts f JOIN things t ON f.thing = t.thing JOIN places p ON f.place = p.place "
    "JOIN countries c ON p.country = c.country WHERE c.name = 'country 3'"
)
GOOD = (
    "SELECT {columns} FROM countries c JOIN places p ON p.country = c.country JOIN facts f ON f.place = p.place "
    "JOIN things t ON f.thing = t.thing WHERE c.name = 'country 3'"
)


def test_the_small_side_comes_first(spark: SparkSession) -> None:
    text = spark.sql(BAD.format(columns="sum(f.amount)"))._explain_string()
    joins = [line for line in text.splitlines() if "HashJoinExec" in line]
    assert len(joins) == 3
    # The topmost join is the one with the things, which no filter makes fewer.
    assert re.search(r"on=\[\((thing#\d+), (thing#\d+)\)\]", joins[0]), text
    assert re.search(r"on=\[\(country#\d+, country#\d+\)\]", joins[-1]), text


@pytest.mark.parametrize(
    "columns", ["sum(f.amount), count(*)", "f.id, t.sort, p.place, c.name, f.id AS again", "c.*, f.thing"]
)
def test_both_orders_agree(spark: SparkSession, columns: str) -> None:
    bad, good = (spark.sql(query.format(columns=columns)) for query in (BAD, GOOD))
    assert bad.columns == good.columns
    assert sorted(map(str, bad.collect())) == sorted(map(str, good.collect()))


def test_numbers_are_right(spark: SparkSession) -> None:
    rows = [i for i in range(100_000) if i % 11 > 0 and i % 50 % 5 == 3]
    assert answer(spark, BAD.format(columns="sum(f.amount), count(*)")) == [(sum(i % 97 for i in rows), len(rows))]


def test_conditions_over_several_tables(spark: SparkSession) -> None:
    where = " AND (t.sort < p.place OR c.country + t.sort > f.amount)"
    got, other = (answer(spark, q.format(columns="count(*), sum(t.sort)") + where) for q in (BAD, GOOD))
    rows = [i for i in range(100_000) if i % 11 > 0 and i % 50 % 5 == 3]
    kept = [i % 20000 % 100 for i in rows if i % 20000 % 100 < i % 50 or 3 + i % 20000 % 100 > i % 97]
    assert got == other == [(len(kept), sum(kept))]


def test_empty_outer_cross_and_equal_tables(spark: SparkSession) -> None:
    empty = "FROM facts f JOIN things t USING (thing) JOIN places p USING (place) JOIN nothing n USING (place)"
    assert answer(spark, f"SELECT count(*) {empty}") == [(0,)]
    outer = "FROM facts f JOIN things t USING (thing) LEFT JOIN places p USING (place) JOIN countries c ON c.country = t.sort % 5"
    assert answer(spark, f"SELECT count(*), count(p.place) {outer}") == [
        (100_000, sum(i % 11 > 0 for i in range(100_000)))
    ]
    same = "FROM places a JOIN places b ON a.country = b.country JOIN places c ON b.place = c.place JOIN countries d ON d.country = a.country"
    assert answer(spark, f"SELECT count(*), sum(c.place) {same}") == [(500, 10 * sum(range(50)))]
    cross = "FROM places a CROSS JOIN countries b JOIN places c ON a.place = c.place JOIN countries d ON d.country = c.country"
    assert answer(spark, f"SELECT count(*), sum(b.country) {cross}") == [(250, 50 * 10)]
