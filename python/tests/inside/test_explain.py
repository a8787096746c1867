"""``df.explain`` in all modes: Spark's titles and drawing, the user's names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession


@pytest.fixture
def query(spark: SparkSession) -> DataFrame:
    spark.range(100).selectExpr("id", "id % 3 AS kind").createOrReplaceTempView("explained")
    return spark.sql("SELECT kind, count(*) AS n FROM explained WHERE id > 5 GROUP BY kind ORDER BY n")


def titles(text: str) -> list[str]:
    return re.findall(r"^== .* ==$", text, re.MULTILINE)


def test_simple(query: DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    query.explain()
    text = capsys.readouterr().out
    assert titles(text) == ["== Physical Plan =="]
    assert "+- " in text
    assert re.search(r"\bkind#\d+", text)
    assert re.search(r"FilterExec: id(#\d+)? > 5", text)
    assert re.search(r"\bcount\(1\)#\d+", text)
    # No column goes without a name, no position of DataFusion's is left.
    assert not re.search(r"(?<![\w)])#\d+", text), text
    assert not re.search(r"\w@\d+", text), text


def test_extended(query: DataFrame) -> None:
    text = query._explain_string(extended=True)
    assert titles(text) == [
        "== Parsed Logical Plan ==",
        "== Analyzed Logical Plan ==",
        "== Optimized Logical Plan ==",
        "== Physical Plan ==",
    ]
    parsed, analyzed = text.split("== Analyzed Logical Plan ==")[0], text.split("== Analyzed Logical Plan ==\n")[1]
    assert "'NamedTable [explained]" in parsed
    assert "('id > 5)" in parsed
    assert analyzed.startswith("kind: bigint, n: bigint\n")


def test_formatted(query: DataFrame) -> None:
    drawing, *paragraphs = re.split(r"\n+(?=\(\d+\) )", query._explain_string(mode="formatted"))
    assert titles(drawing) == ["== Physical Plan =="]
    numbers = [int(number) for number in re.findall(r"\((\d+)\)$", drawing, re.MULTILINE)]
    assert sorted(numbers) == list(range(1, len(paragraphs) + 1))
    assert numbers[0] == len(paragraphs), "the root comes last"
    for number, paragraph in enumerate(paragraphs, 1):
        assert re.match(rf"\({number}\) \w+\nOutput \[\d+\]: \[", paragraph), paragraph
    filters = [paragraph for paragraph in paragraphs if "FilterExec" in paragraph.splitlines()[0]]
    assert re.search(r"Arguments: id(#\d+)? > 5", filters[0])


def test_cost(spark: SparkSession, query: DataFrame, tmp_path: Path) -> None:
    text = query._explain_string(mode="cost")
    assert titles(text) == ["== Optimized Logical Plan ==", "== Physical Plan =="]
    spark.range(100).write.parquet(str(tmp_path / "t"))
    text = spark.read.parquet(str(tmp_path / "t"))._explain_string(mode="cost")
    assert "Statistics(sizeInBytes=800.0 B, rowCount=100)" in text


def test_codegen(query: DataFrame) -> None:
    assert query._explain_string(mode="codegen") == "Found 0 WholeStageCodegen subtrees.\n"


@pytest.mark.parametrize("mode", ["", "EXTENDED", "CODEGEN", "COST", "FORMATTED"])
def test_sql_says_the_same(spark: SparkSession, query: DataFrame, mode: str) -> None:
    text = "SELECT kind, count(*) AS n FROM explained WHERE id > 5 GROUP BY kind ORDER BY n"
    row = spark.sql(f"EXPLAIN {mode} {text}").first()
    assert list(row.asDict()) == ["plan"]
    numbers = re.compile(r"#\d+")
    of_frame = query._explain_string(mode=mode.lower() or "simple")
    assert numbers.sub("#", row.plan) == numbers.sub("#", of_frame)


def test_explained_errors(spark: SparkSession) -> None:
    text = spark.sql("EXPLAIN SELECT nosuch").first()[0]
    assert text.startswith("Error occurred during query planning: \n[UNRESOLVED_COLUMN")
    assert "Execute ShowTables" in spark.sql("EXPLAIN SHOW TABLES").first()[0]


def test_joins_are_drawn_with_both_sides(spark: SparkSession) -> None:
    left, right = spark.range(10).toDF("a"), spark.range(10).toDF("b")
    text = left.join(right, left.a == right.b)._explain_string()
    assert ":- " in text
    assert re.search(r"a#\d+, b#\d+", text)
