"""Joins by keys of any type, NOT IN, and windows over one group, all larger than memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyspark.errors import PySparkException

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
    keys = [
        "CAST(k AS DOUBLE) - 5 AS d",
        "named_struct('x', k, 'y', NULLIF(g, 7)) AS st",
        "array(k, NULLIF(g, 7)) AS ar",
    ]
    facts.selectExpr("*", *keys).createOrReplaceTempView("big")
    half = "SELECT k AS b, CASE WHEN a % 100 <> 0 THEN a END AS v, pad AS note, d, st, ar FROM big WHERE a % 2 = 0"
    spark.sql(half).createOrReplaceTempView("half")


@pytest.fixture(scope="module")
def limited(small: tuple[SparkSession, Path]) -> SparkSession:
    tables(small[0])
    return small[0]


@pytest.fixture(scope="module")
def limited_for_wide_keys(start: Callable[..., tuple[SparkSession, Path]]) -> SparkSession:
    """Four sorts by arrays at once, each merging a dozen runs of wide rows, take more than 20 MiB at times."""
    session = start("32m")[0]
    tables(session)
    return session


@pytest.fixture(scope="module")
def plenty(large: SparkSession) -> SparkSession:
    tables(large)
    return large


@pytest.mark.parametrize("key", ["d", "st", "ar"])
@pytest.mark.parametrize("kind", ["LEFT SEMI", "LEFT ANTI", "INNER"])
def test_keys_that_only_bytes_compare(
    kind: str, key: str, limited_for_wide_keys: SparkSession, plenty: SparkSession
) -> None:
    text = f"SELECT count(*), sum(a), max(big.pad) FROM big {kind} JOIN half ON big.{key} = half.{key}"
    frame = limited_for_wide_keys.sql(text)
    assert frame.collect() == plenty.sql(text).collect()
    assert metric(frame, "spillSize", "HashJoin") > 0


NOT_IN = {
    "no null on the right": ("k", "SELECT b FROM half"),
    "a null on the right": ("k", "SELECT v FROM half"),
    "no row on the right": ("NULLIF(k, a)", "SELECT v FROM half WHERE v < 0"),
    "nulls on the left": ("CASE WHEN g > 1 THEN k END", "SELECT b FROM half WHERE b IS NOT NULL OR v > 3"),
    "doubles": ("NULLIF(d, 5.0D)", "SELECT d FROM half WHERE v IS NOT NULL"),
}


@pytest.mark.parametrize("name", NOT_IN)
def test_not_in(name: str, limited: SparkSession, plenty: SparkSession) -> None:
    left, right = NOT_IN[name]
    text = f"SELECT count(*), sum(a), max(pad) FROM big WHERE {left} NOT IN ({right})"
    assert limited.sql(text).collect() == plenty.sql(text).collect()


ONE_GROUP = {
    "running": "row_number() OVER (ORDER BY k), rank() OVER (ORDER BY g), dense_rank() OVER (ORDER BY g, a % 3), "
    "lag(a, 2, -1L) OVER (ORDER BY k), lead(a, 3) OVER (ORDER BY k), sum(a) OVER (ORDER BY k), "
    "max(a) OVER (ORDER BY k ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING)",
    "totals": "sum(a) OVER (), max(pad) OVER (), count(*) FILTER (WHERE g = 3) OVER ()",
    "totals of two groups": "sum(a) OVER (PARTITION BY g < 25), count(*) OVER (PARTITION BY g < 25)",
    "running in two groups": "row_number() OVER (PARTITION BY g < 25 ORDER BY k), "
    "lag(a) OVER (PARTITION BY g < 25 ORDER BY k)",
}


@pytest.mark.parametrize("name", ONE_GROUP)
def test_windows_over_groups_that_do_not_fit(name: str, limited: SparkSession, plenty: SparkSession) -> None:
    text = f"SELECT hash(a, pad, {ONE_GROUP[name]}) AS h FROM big"
    total = f"SELECT count(*), sum(CAST(h AS LONG)), bit_xor(h) FROM ({text})"
    frame = limited.sql(total)
    assert frame.collect() == plenty.sql(total).collect()
    assert metric(frame, "spillSize") > 0


def test_a_window_that_needs_its_whole_group_fails(limited: SparkSession) -> None:
    text = "SELECT max(w), max(pad) FROM (SELECT pad, ntile(4) OVER (ORDER BY k) AS w FROM big)"
    with pytest.raises(PySparkException, match="WindowAggExec") as caught:
        limited.sql(text).collect()
    assert caught.value.getCondition() == "UNABLE_TO_ACQUIRE_MEMORY"
