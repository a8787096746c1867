"""Filters right above Parquet files: strings that are read as views, conjunctions computed bit by bit.

The expected rows are computed in Python from Spark's rules for nulls.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession

N_ROWS = 5000
WORDS = ["AIR", "AIR REG", "", "Ä", "a string of more than twelve bytes", "日本語の長い文字列", "%", None]

Row = tuple[int, "str | None", "str | None", int]


def rows() -> list[Row]:
    return [(i, WORDS[i % 8], WORDS[i // 8 % 8], i % 50) for i in range(N_ROWS)]


@pytest.fixture(scope="module")
def table(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> str:
    directory = tmp_path_factory.mktemp("filters")
    for part in range(2):
        own = rows()[part * N_ROWS // 2 : (part + 1) * N_ROWS // 2]
        columns = {"i": [r[0] for r in own], "S": [r[1] for r in own], "t": [r[2] for r in own]}
        columns["n"] = [r[3] for r in own]
        written = pa.table(
            columns, schema=pa.schema([("i", "int64"), ("S", "string"), ("t", "string"), ("n", "int32")])
        )
        # With and without dictionaries; names match in any case.
        if part == 1:
            written = written.rename_columns(["i", "s", "t", "n"])
        pq.write_table(written, directory / f"{part}.parquet", use_dictionary=part == 0, row_group_size=700)
    return str(directory)


def less(a: Any, b: Any) -> bool:
    return bool(a.encode() < b.encode())


CASES: list[tuple[str, Callable[[Row], bool | None]]] = [
    ("s = 'AIR'", lambda r: r[1] and r[1] == "AIR"),
    ("'AIR REG' = s AND n < 25", lambda r: r[1] == "AIR REG" and r[3] < 25),
    ("s <> ''", lambda r: r[1] is not None and r[1] != ""),
    ("s < 'a'", lambda r: r[1] is not None and less(r[1], "a")),
    ("s >= 'a string of more than twelve bytes'", lambda r: r[1] is not None and not less(r[1], WORDS[4])),
    ("s IN ('AIR', 'Ä', '日本語の長い文字列')", lambda r: r[1] in ("AIR", "Ä", WORDS[5])),
    ("s NOT IN ('AIR', 'AIR REG', '%', 'Ä')", lambda r: r[1] is not None and r[1] not in ("AIR", "AIR REG", "%", "Ä")),
    ("s NOT IN ('AIR', NULL)", lambda r: False),
    ("s LIKE 'AIR%' AND n = 7", lambda r: bool(r[1]) and r[1].startswith("AIR") and r[3] == 7),
    ("s NOT LIKE '%more%twelve%'", lambda r: r[1] is not None and r[1] != WORDS[4]),
    ("s LIKE '_'", lambda r: r[1] in ("Ä", "%")),
    ("s IS NULL AND t IS NOT NULL AND n > 10", lambda r: r[1] is None and r[2] is not None and r[3] > 10),
    ("NOT (s = 'AIR' OR n = 3)", lambda r: r[1] is not None and r[1] != "AIR" and r[3] != 3),
    ("s = 'AIR' OR (t = 'Ä' AND n <= 1)", lambda r: r[1] == "AIR" or (r[2] == "Ä" and r[3] <= 1)),
    ("s = t", lambda r: r[1] is not None and r[1] == r[2]),
    ("s = t AND s = 'AIR'", lambda r: r[1] == "AIR" and r[2] == "AIR"),
    ("length(s) = 3 AND s = 'AIR'", lambda r: r[1] == "AIR"),
    (
        "i >= 100 AND i < 103 AND n <> 1 AND t LIKE '%e%'",
        lambda r: 100 <= r[0] < 103 and r[3] != 1 and "e" in (r[2] or ""),
    ),
    (
        "n IN (1, 2, 3) AND t IN ('AIR', '%') AND s LIKE '%I%'",
        lambda r: r[3] in (1, 2, 3) and r[2] in ("AIR", "%") and "I" in (r[1] or ""),
    ),
    ("i < 0 AND s LIKE '%A%'", lambda r: False),
]


@pytest.mark.parametrize(("condition", "passes"), CASES, ids=[case[0] for case in CASES])
def test_rows_that_pass(spark: SparkSession, table: str, condition: str, passes: Callable[[Row], bool | None]) -> None:
    expected = [row for row in rows() if passes(row)]
    filtered = spark.read.parquet(table).where(condition)
    # Nobody above the filter sees the strings.
    assert sorted(row.i for row in filtered.select("i").collect()) == [row[0] for row in expected]
    # One is seen and one is not.
    seen = sorted((row.i, row.t) for row in filtered.select("i", "t").collect())
    assert seen == [(row[0], row[2]) for row in expected]


def test_under_aggregates_and_joins(spark: SparkSession, table: str) -> None:
    frame = spark.read.parquet(table)
    frame.createOrReplaceTempView("filtered_strings")
    counted = spark.sql(
        "SELECT a.t, count(*) AS c FROM filtered_strings a JOIN filtered_strings b ON a.i = b.i + 1 "
        "WHERE a.s = 'AIR REG' AND b.s IN ('AIR', '%') GROUP BY a.t ORDER BY c, a.t"
    ).collect()
    by_number = {row[0]: row for row in rows()}
    expected: dict[str | None, int] = {}
    for row in rows():
        before = by_number.get(row[0] - 1)
        if row[1] == "AIR REG" and before is not None and before[1] in ("AIR", "%"):
            expected[row[2]] = expected.get(row[2], 0) + 1
    assert {row.t: row.c for row in counted} == expected


def test_column_that_a_file_lacks(spark: SparkSession, tmp_path: Path) -> None:
    pq.write_table(pa.table({"i": [1, 2], "s": ["x", None]}), tmp_path / "a.parquet")
    pq.write_table(pa.table({"i": [3]}), tmp_path / "b.parquet")
    frame = spark.read.schema("i bigint, s string").parquet(str(tmp_path))
    assert [row.i for row in frame.where("s = 'x' AND i < 9").select("i").collect()] == [1]
    assert sorted(row.i for row in frame.where("s IS NULL AND i < 9").select("i").collect()) == [2, 3]
