"""What the client asks about a plan without running it. The answers are those of Spark 4.2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pyspark import StorageLevel
from pyspark.errors import AnalysisException, IllegalArgumentException, ParseException
from pyspark.sql import functions as F
from pyspark.sql.types import (
    ArrayType,
    ByteType,
    DecimalType,
    IntegerType,
    LongType,
    MapType,
    NullType,
    StringType,
    StructField,
    StructType,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession


def rows(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([(1, "a")], "a int, b string")


SAME: dict[str, Callable[[SparkSession], tuple[DataFrame, DataFrame]]] = {
    "equal": lambda s: (s.range(10).filter("id > 1"), s.range(10).filter("id > 1")),
    "names": lambda s: (s.range(9).select(F.col("id").alias("x")), s.range(9).select(F.col("id").alias("y"))),
    "case of names": lambda s: (s.range(9).select("id"), s.range(9).select("ID")),
    "names of frames": lambda s: (s.range(9).alias("x"), s.range(9).alias("y")),
    "operands of AND": lambda s: (s.range(9).filter("id > 1 and id < 5"), s.range(9).filter("id < 5 and id > 1")),
    "operands of OR": lambda s: (s.range(9).filter("id = 1 or id = 2"), s.range(9).filter("id = 2 or id = 1")),
    "operands of =": lambda s: (s.range(9).filter("id = 1"), s.range(9).filter("1 = id")),
    "terms": lambda s: (s.range(9).selectExpr("id + 1"), s.range(9).selectExpr("1 + id")),
    "factors": lambda s: (s.range(9).selectExpr("id * 2 * 3"), s.range(9).selectExpr("id * 3 * 2")),
    "turned comparison": lambda s: (s.range(9).filter("id > 1"), s.range(9).filter("1 < id")),
    "negated comparison": lambda s: (s.range(9).filter("not id > 3"), s.range(9).filter("id <= 3")),
    "order of a list": lambda s: (s.range(9).filter("id in (1, 2, 3)"), s.range(9).filter("id in (3, 2, 1)")),
    "all columns": lambda s: (rows(s), rows(s).select("*")),
    "added column": lambda s: (s.range(9).withColumn("x", F.lit(1)), s.range(9).select("*", F.lit(1))),
    "dropped column": lambda s: (rows(s).drop("b"), rows(s).select("a")),
    "groups": lambda s: (s.range(9).groupBy("id").count(), s.range(9).groupBy("id").agg(F.count("*").alias("n"))),
    "seeds": lambda s: (s.range(9).select(F.rand(1)), s.range(9).select(F.rand(1))),
    "rows": lambda s: (rows(s), rows(s)),
}
DIFFERENT: dict[str, Callable[[SparkSession], tuple[DataFrame, DataFrame]]] = {
    "constants": lambda s: (s.range(9).filter("id > 1"), s.range(9).filter("id > 2")),
    "order of columns": lambda s: (rows(s).select("a", "b"), rows(s).select("b", "a")),
    "steps": lambda s: (s.range(9).filter("id > 1").filter("id < 5"), s.range(9).filter("id > 1 and id < 5")),
    "seeds": lambda s: (s.range(9).select(F.rand(1)), s.range(9).select(F.rand(2))),
    "rows": lambda s: (rows(s), s.createDataFrame([(2, "a")], "a int, b string")),
    "sides of a join": lambda s: (s.range(9).join(s.range(8), "id"), s.range(8).join(s.range(9), "id")),
    "sides of a union": lambda s: (s.range(9).union(s.range(8)), s.range(8).union(s.range(9))),
    "direction": lambda s: (s.range(9).sort("id"), s.range(9).sort(F.desc("id"))),
    "limits": lambda s: (s.range(9).limit(3), s.range(9).limit(4)),
    "partitions": lambda s: (s.range(0, 9, 1, 2), s.range(0, 9, 1, 3)),
    "terms of a difference": lambda s: (s.range(9).selectExpr("id - 1"), s.range(9).selectExpr("1 - id")),
}


@pytest.mark.parametrize("name", SAME)
def test_plans_that_mean_the_same(spark: SparkSession, name: str) -> None:
    left, right = SAME[name](spark)
    assert left.sameSemantics(right)
    assert left.semanticHash() == right.semanticHash()
    assert -(2**31) <= left.semanticHash() < 2**31


@pytest.mark.parametrize("name", DIFFERENT)
def test_plans_that_mean_something_else(spark: SparkSession, name: str) -> None:
    left, right = DIFFERENT[name](spark)
    assert not left.sameSemantics(right)
    assert left.semanticHash() != right.semanticHash()


def test_tables_that_mean_the_same(spark: SparkSession, tmp_path: Path) -> None:
    spark.range(10).write.parquet(str(tmp_path / "a"))
    first, again = spark.read.parquet(str(tmp_path / "a")), spark.read.parquet(str(tmp_path / "a"))
    first.createOrReplaceTempView("analyze_view")
    assert first.sameSemantics(again)
    assert first.sameSemantics(spark.table("analyze_view"))
    text = spark.sql("SELECT id FROM analyze_view WHERE id > 3")
    assert text.sameSemantics(first.where("id > 3").select("id"))


@pytest.mark.parametrize(
    ("level", "shown"),
    [
        (StorageLevel.MEMORY_ONLY, "StorageLevel(False, True, False, False, 1)"),
        (StorageLevel.DISK_ONLY, "StorageLevel(True, False, False, False, 1)"),
        (StorageLevel.MEMORY_ONLY_2, "StorageLevel(False, True, False, False, 2)"),
        (StorageLevel.OFF_HEAP, "StorageLevel(True, True, True, False, 1)"),
        (StorageLevel.MEMORY_AND_DISK_DESER, "StorageLevel(True, True, False, True, 1)"),
        (StorageLevel(True, True, False, False, 3), "StorageLevel(True, True, False, False, 3)"),
    ],
)
def test_storage_levels(spark: SparkSession, level: StorageLevel, shown: str) -> None:
    frame = spark.range(5).select((F.col("id") + 1).alias("y"))
    assert repr(frame.storageLevel) == "StorageLevel(False, False, False, False, 1)"
    frame.persist(level)
    assert repr(frame.storageLevel) == shown
    # The first level stays.
    frame.cache()
    assert repr(frame.storageLevel) == shown
    # Known by what it means, not by what it is called.
    other = spark.range(5).select((1 + F.col("id")).alias("z"))
    assert repr(other.storageLevel) == shown
    assert other.collect() == [(n,) for n in range(1, 6)]
    assert other.columns == ["z"]
    other.unpersist()
    assert repr(frame.storageLevel) == "StorageLevel(False, False, False, False, 1)"


def test_views_of_what_is_cached(spark: SparkSession) -> None:
    frame = spark.range(12).filter("id > 1")
    frame.createOrReplaceTempView("analyze_cached")
    spark.catalog.cacheTable("analyze_cached")
    assert frame.storageLevel.useMemory
    assert spark.catalog.isCached("analyze_cached")
    spark.catalog.uncacheTable("analyze_cached")
    assert not frame.storageLevel.useMemory
    renamed = frame.withColumnRenamed("id", "other")
    renamed.createOrReplaceTempView("analyze_renamed")
    frame.cache()
    assert spark.catalog.isCached("analyze_cached")
    assert spark.catalog.isCached("analyze_renamed")
    assert spark.table("analyze_renamed").columns == ["other"]
    assert spark.table("analyze_renamed").agg(F.sum("other")).first()[0] == 65
    frame.unpersist()
    assert not spark.catalog.isCached("analyze_cached")


def test_input_files(spark: SparkSession, tmp_path: Path) -> None:
    for name in "ab":
        spark.range(10).write.parquet(str(tmp_path / name))
    first, second = (spark.read.parquet(str(tmp_path / name)) for name in "ab")
    files = list(first.inputFiles())
    assert files
    assert all(file.startswith(f"file://{tmp_path}/a/part-") for file in files)
    assert sorted(first.union(second).inputFiles()) == sorted([*files, *second.inputFiles()])
    assert list(first.union(first).inputFiles()) == files
    assert list(first.groupBy().count().inputFiles()) == files
    assert not first.filter("1 = 0").inputFiles()
    spark.range(10).selectExpr("id", "id % 2 AS k").write.partitionBy("k").parquet(str(tmp_path / "c"))
    partitioned = spark.read.parquet(str(tmp_path / "c"))
    assert list(partitioned.filter("k = 1").inputFiles()) == list(partitioned.inputFiles())
    assert not spark.range(3).inputFiles()
    assert not rows(spark).inputFiles()


def test_local_and_streaming(spark: SparkSession) -> None:
    assert rows(spark).isLocal()
    assert spark.sql("SHOW DATABASES").isLocal()
    assert spark.sql("VALUES (1)").isLocal()
    assert not rows(spark).select("a").isLocal()
    assert not spark.range(3).isLocal()
    assert not spark.sql("SELECT 1").isLocal()
    assert not spark.range(3).isStreaming


def test_schema_as_ddl(spark: SparkSession) -> None:
    struct = StructType([StructField("b", MapType(StringType(), DecimalType(10, 2)), nullable=False)])
    schema = StructType(
        [
            StructField("a b", IntegerType(), nullable=False, metadata={"comment": "it's"}),
            StructField("c`d", ArrayType(struct)),
            StructField("select", ArrayType(ByteType(), containsNull=False)),
            StructField("e", NullType()),
        ]
    )
    assert spark is not None
    assert schema.toDDL() == (
        "`a b` INT NOT NULL COMMENT 'it\\'s',`c``d` ARRAY<STRUCT<b: MAP<STRING, DECIMAL(10,2)> NOT NULL>>,"
        "select ARRAY<TINYINT>,e VOID"
    )
    assert StructType().toDDL() == ""


@pytest.mark.parametrize("text", ["null", '"nonsense"', "[]", '{"type":"struct","fields":[{"name":"a"}]}', "{"])
def test_json_that_is_no_schema(spark: SparkSession, text: str) -> None:
    with pytest.raises(IllegalArgumentException, match="INVALID_JSON_DATA_TYPE"):
        spark.client._analyze("json_to_ddl", json_string=text)


@pytest.mark.parametrize(
    ("text", "json"),
    [
        ("int", '"integer"'),
        ("", '{"fields":[],"type":"struct"}'),
        ("a: int", '{"fields":[{"metadata":{},"name":"a","nullable":true,"type":"integer"}],"type":"struct"}'),
        (
            "a int not null comment 'x y'",
            '{"fields":[{"metadata":{"comment":"x y"},"name":"a","nullable":false,"type":"integer"}],"type":"struct"}',
        ),
        ("numeric(3)", '"decimal(3,0)"'),
        ("interval day to second", '"interval day to second"'),
        ("struct<>", '{"fields":[],"type":"struct"}'),
        ("time(3)", '"time(3)"'),
    ],
)
def test_types_as_texts(spark: SparkSession, text: str, json: str) -> None:
    assert spark.client._analyze("ddl_parse", ddl_string=text).parsed.json() == json


@pytest.mark.parametrize("text", ["array<", "map<int>", "a int default 5", "nonsense"])
def test_texts_that_are_no_types(spark: SparkSession, text: str) -> None:
    with pytest.raises(ParseException, match="PARSE_SYNTAX_ERROR"):
        spark.client._analyze("ddl_parse", ddl_string=text)


def test_tree_strings_of_levels(spark: SparkSession) -> None:
    frame = spark.createDataFrame([], "a array<struct<b: int>>, c string")

    def tree(level: int | None) -> str:
        plan = frame._plan.to_proto(spark.client)  # type: ignore[attr-defined]
        text: str = spark.client._analyze("tree_string", plan=plan, level=level).tree_string
        return text

    head, tail = "root\n |-- a: array (nullable = true)\n", " |-- c: string (nullable = true)\n"
    element = " |    |-- element: struct (containsNull = true)\n"
    assert tree(1) == head + tail
    assert tree(2) == head + element + tail
    assert tree(None) == head + element + " |    |    |-- b: integer (nullable = true)\n" + tail
    assert tree(0) == tree(-1) == tree(100) == tree(None)


def test_version_and_errors(spark: SparkSession) -> None:
    assert spark.version == "4.2.0"
    for ask in [lambda f: f.schema, lambda f: f.explain(), lambda f: f.isLocal(), lambda f: f.inputFiles()]:
        with pytest.raises(AnalysisException, match=r"UNRESOLVED_COLUMN\.WITH_SUGGESTION"):
            ask(spark.range(3).select("zz"))


def test_compressed_plans(spark: SparkSession, capsys: pytest.CaptureFixture[str]) -> None:
    client: Any = spark.client
    known = client._plan_compression_threshold, client._plan_compression_algorithm
    frame = spark.range(9).filter("id + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 + 0 > 3")
    try:
        # Bytes: every plan is longer.
        client._plan_compression_threshold, client._plan_compression_algorithm = 0, "ZSTD"
        assert frame.schema == StructType([StructField("id", LongType(), False)])
        assert (frame.isLocal(), frame.isStreaming, frame.inputFiles()) == (False, False, [])
        assert frame.sameSemantics(frame)
        assert frame.semanticHash() == frame.semanticHash()
        frame.explain()
        assert "Filter" in capsys.readouterr().out
        assert frame.cache().is_cached
        frame.unpersist()
        assert frame.count() == 5
    finally:
        client._plan_compression_threshold, client._plan_compression_algorithm = known
