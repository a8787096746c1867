"""Queries larger than memory: the rows of an engine with enough of it, and the disk was used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from measured import metric

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

# 600,000 rows of some 60 bytes: more than twice of what `small` may hold.
ROWS = 600_000


def tables(spark: SparkSession) -> None:
    facts = spark.range(0, ROWS, 1, 3).selectExpr(
        "id AS a", "(id * 7919) % 1000003 AS k", "id % 50 AS g", "concat('padding of a row ', id) AS pad"
    )
    facts.createOrReplaceTempView("facts")
    # Every third key twice, every hundredth none.
    other = "SELECT k AS b, CASE WHEN a % 100 <> 0 THEN a END AS v, pad AS note FROM facts WHERE a % 2 = 0"
    spark.sql(f"{other} UNION ALL {other} AND a % 3 = 0").createOrReplaceTempView("others")


@pytest.fixture(scope="module")
def limited(small: tuple[SparkSession, Path]) -> SparkSession:
    tables(small[0])
    return small[0]


@pytest.fixture(scope="module")
def plenty(large: SparkSession) -> SparkSession:
    tables(large)
    return large


SPILLING = {
    "aggregate": "SELECT count(*), sum(n), max(p), sum(s) FROM "
    "(SELECT k, count(*) AS n, max(pad) AS p, sum(a) AS s FROM facts GROUP BY k)",
    "distinct": "SELECT count(*), max(pad), sum(k) FROM (SELECT DISTINCT k, pad FROM facts)",
    "window": "SELECT sum(s), max(p), count(*) FROM (SELECT sum(a) OVER (PARTITION BY k % 5000) AS s, "
    "max(pad) OVER (PARTITION BY k % 5000) AS p FROM facts)",
    "ranking": "SELECT sum(r * a % 1000003), max(p) FROM (SELECT a, row_number() OVER (PARTITION BY k % 5000 ORDER BY a) "
    "AS r, lag(pad) OVER (PARTITION BY k % 5000 ORDER BY a) AS p FROM facts)",
    "inner join": "SELECT count(*), sum(a), max(note), min(pad) FROM facts JOIN others ON k = b",
    "three tables": "SELECT count(*), sum(f.a), max(note), min(g.pad) FROM facts f JOIN others ON k = b "
    "JOIN facts g ON f.a = g.a",
}


@pytest.mark.parametrize("name", SPILLING)
def test_right_rows_by_way_of_the_disk(name: str, limited: SparkSession, plenty: SparkSession) -> None:
    frame = limited.sql(SPILLING[name])
    rows = frame.collect()
    assert rows == plenty.sql(SPILLING[name]).collect()
    assert metric(frame, "spillSize") > 0


def test_rows_that_two_readers_share(limited: SparkSession, plenty: SparkSession) -> None:
    """The subquery reads all of them before the other reader begins, so that none may be dropped."""
    text = (
        "WITH longest AS (SELECT k, max(pad) AS p, sum(a) AS s FROM facts GROUP BY k) "
        "SELECT count(*), max(p), sum(s), sum(k) FROM longest WHERE s < 2 * (SELECT avg(s) FROM longest)"
    )
    frame = limited.sql(text)
    assert frame.collect() == plenty.sql(text).collect()
    assert metric(frame, "spillSize", "SharedRows") > 0


def test_sort(limited: SparkSession) -> None:
    frame = limited.sql("SELECT k, a, pad FROM facts ORDER BY k, a")
    keys = frame.toArrow().column("k").to_pylist()
    assert keys == sorted(a * 7919 % 1000003 for a in range(ROWS))
    assert metric(frame, "spillSize") > 0


JOINS = ["INNER", "LEFT", "RIGHT", "FULL", "LEFT SEMI", "LEFT ANTI"]


@pytest.mark.parametrize("extra", ["", " AND v % 5 < a % 7"])
@pytest.mark.parametrize("kind", JOINS)
def test_a_build_side_that_does_not_fit_is_merged(
    kind: str, extra: str, limited: SparkSession, plenty: SparkSession
) -> None:
    columns = "count(*), sum(a), max(pad)" + ("" if "LEFT " in kind else ", sum(v), max(note), count(b)")
    text = f"SELECT {columns} FROM facts {kind} JOIN others ON k = b{extra}"
    frame = limited.sql(text)
    assert frame.collect() == plenty.sql(text).collect()
    assert metric(frame, "spillSize", "HashJoin") > 0


def test_a_build_side_that_all_tasks_share(limited: SparkSession, plenty: SparkSession) -> None:
    """Both ways: each task reads what was sorted once; and one task does all, for rows without a partner."""
    for kind in ("INNER", "LEFT", "RIGHT", "FULL"):
        text = (
            "SELECT /*+ BROADCAST(facts) */ count(*), sum(a), max(pad), sum(v), count(note) "
            f"FROM facts {kind} JOIN others ON k = b AND v IS NOT NULL"
        )
        frame = limited.sql(text)
        assert frame.collect() == plenty.sql(text).collect(), kind


def test_null_keys_and_null_safe_keys(limited: SparkSession, plenty: SparkSession) -> None:
    for condition in ("a = v", "a <=> v"):
        for kind in ("INNER", "FULL", "LEFT ANTI"):
            columns = "count(*), sum(a), max(pad)" + ("" if kind == "LEFT ANTI" else ", sum(b), max(note)")
            text = f"SELECT {columns} FROM facts {kind} JOIN others ON {condition}"
            assert limited.sql(text).collect() == plenty.sql(text).collect(), text


def test_range_repartition(limited: SparkSession, plenty: SparkSession) -> None:
    def parts(spark: SparkSession) -> list[Any]:
        frame = spark.table("facts").repartitionByRange(4, "k")
        return (
            frame.selectExpr("spark_partition_id() AS p", "k", "pad")
            .groupBy("p")
            .agg({"k": "max", "pad": "max", "*": "count"})
            .orderBy("p")
            .collect()
        )

    rows = parts(limited)
    assert len(rows) == 4
    assert rows == parts(plenty)


def test_queries_at_the_same_time(start: Callable[..., tuple[SparkSession, Path]], plenty: SparkSession) -> None:
    """Four queries, each larger than its share of the memory."""
    session, _ = start("32m")
    tables(session)
    names = ["distinct", "aggregate", "inner join", "window"]
    with ThreadPoolExecutor(len(names)) as threads:
        ours = list(threads.map(lambda name: session.sql(SPILLING[name]).collect(), names))
    assert ours == [plenty.sql(SPILLING[name]).collect() for name in names]


def test_nothing_stays_on_disk(small: tuple[SparkSession, Path], limited: SparkSession) -> None:
    limited.sql(SPILLING["aggregate"]).collect()
    with pytest.raises(Exception, match="DIVIDE_BY_ZERO"):
        limited.sql("SELECT sum(1 / (a - 599999)), max(pad) FROM (SELECT a, pad FROM facts ORDER BY pad)").collect()
    assert sum(path.stat().st_size for path in small[1].rglob("*") if path.is_file()) == 0
