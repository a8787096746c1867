"""Files written and read back: save modes, partition directories, names, codecs, failed jobs, tables.

What a format reads from given text is tested case by case against Spark's answers in `crates/io/tests` and
`python/tests/dataframe/file_cases.py`. Every assertion here holds on real Spark 4.2.0 too.
"""

from __future__ import annotations

import datetime as dt
import decimal
import os
import re
from pathlib import Path

import pytest
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType, StructType

SCHEMA = (
    "i int, b tinyint, s smallint, l bigint, f float, d double, de decimal(20,4), t string, bo boolean, "
    "bin binary, day date, ts timestamp, ntz timestamp_ntz, a array<int>, m map<string,int>, st struct<x:int,y:string>"
)


def rows():
    full = (
        1, 2, 3, 2**40, 0.5, 1.25, decimal.Decimal("12.3456"), 'say "a, b"\\', True, bytearray(b"ab"),
        dt.date(2024, 2, 29), dt.datetime(2024, 1, 2, 3, 4, 5, 6000), dt.datetime(1999, 12, 31, 23, 59, 59),
        [1, None], {"k": 1}, (7, "z"),
    )  # fmt: skip
    return [full, tuple([2] + [None] * (len(full) - 1))]


@pytest.fixture
def frame(spark):
    return spark.createDataFrame(rows(), SCHEMA)


def part_files(path) -> list[str]:
    return sorted(
        str((Path(folder) / name).relative_to(path))
        for folder, _, names in os.walk(path)
        for name in names
        if not name.startswith((".", "_"))
    )


@pytest.mark.parametrize("codec", ["snappy", "zstd", "gzip", "none", "lz4"])
def test_parquet_round_trip(spark, frame, tmp_path, codec):
    path = str(tmp_path / "out")
    frame.write.option("compression", codec).parquet(path)
    back = spark.read.parquet(path)
    assert back.schema.simpleString() == frame.schema.simpleString()
    assert back.orderBy("i").collect() == frame.orderBy("i").collect()
    assert (tmp_path / "out" / "_SUCCESS").exists()


@pytest.mark.parametrize("codec", ["none", "gzip", "bzip2"])
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_text_round_trip(spark, frame, tmp_path, kind, codec):
    path = str(tmp_path / "out")
    nested = ["a", "m", "st", "bin"] if kind == "csv" else []
    frame = frame.drop(*nested)
    frame.write.format(kind).option("compression", codec).save(path)
    back = spark.read.format(kind).schema(frame.schema).load(path)
    assert back.orderBy("i").collect() == frame.orderBy("i").collect()
    ending = {"none": "", "gzip": ".gz", "bzip2": ".bz2"}[codec]
    assert all(name.endswith(f".{kind}{ending}") for name in part_files(path))


def test_file_names(spark, tmp_path):
    spark.range(4).repartition(2).write.parquet(str(tmp_path / "out"))
    names = part_files(tmp_path / "out")
    assert len(names) == 2
    assert all(re.fullmatch(r"part-0000\d-[0-9a-f-]{36}-c000\.snappy\.parquet", name) for name in names)


def test_empty_result_keeps_its_schema(spark, tmp_path):
    spark.range(4).where("id > 9").write.parquet(str(tmp_path / "out"))
    back = spark.read.parquet(str(tmp_path / "out"))
    assert back.count() == 0
    assert back.schema.simpleString() == "struct<id:bigint>"


def test_save_modes(spark, tmp_path):
    path = str(tmp_path / "out")
    spark.range(2).write.parquet(path)
    with pytest.raises(Exception, match="PATH_ALREADY_EXISTS"):
        spark.range(2).write.parquet(path)
    spark.range(2).write.mode("append").parquet(path)
    assert spark.read.parquet(path).count() == 4
    spark.range(7).write.mode("ignore").parquet(path)
    assert spark.read.parquet(path).count() == 4
    spark.range(3).write.mode("overwrite").parquet(path)
    assert spark.read.parquet(path).count() == 3


def test_failed_job_leaves_nothing(spark, tmp_path):
    path = tmp_path / "out"
    broken = spark.range(10).select(F.expr("if(id = 9, raise_error('broken'), id) as x"))
    with pytest.raises(Exception, match="broken"):
        broken.write.parquet(str(path))
    assert part_files(tmp_path) == []


def test_partition_directories(spark, tmp_path):
    path = str(tmp_path / "out")
    frame = spark.createDataFrame([(1, 1, "a b/c=d"), (2, 2, None), (3, 2, "")], "x int, p int, q string")
    frame.coalesce(1).write.partitionBy("p", "q").csv(path)
    folders = sorted({str(Path(name).parent) for name in part_files(path)})
    assert folders == ["p=1/q=a b%2Fc%3Dd", "p=2/q=__HIVE_DEFAULT_PARTITION__"]
    back = spark.read.csv(path).orderBy("_c0")
    assert back.dtypes == [("_c0", "string"), ("p", "int"), ("q", "string")]
    assert [tuple(row) for row in back.collect()] == [("1", 1, "a b/c=d"), ("2", 2, None), ("3", 2, None)]
    assert spark.read.csv(path).where("p = 1 and q like 'a%'").count() == 1


def test_partition_types_and_base_path(spark, tmp_path):
    path = tmp_path / "out"
    for name in ("d=2024-01-01", "d=2024-02-01", "d=__HIVE_DEFAULT_PARTITION__"):
        spark.range(1).write.parquet(str(path / name))
    assert spark.read.parquet(str(path)).dtypes == [("id", "bigint"), ("d", "date")]
    one = str(path / "d=2024-01-01")
    assert spark.read.parquet(one).columns == ["id"]
    assert spark.read.option("basePath", str(path)).parquet(one).columns == ["id", "d"]
    assert spark.read.option("recursiveFileLookup", True).parquet(str(path)).columns == ["id"]


def test_dynamic_partition_overwrite(spark, tmp_path):
    path = str(tmp_path / "out")
    spark.createDataFrame([(1, 1), (2, 2)], "x int, p int").write.partitionBy("p").parquet(path)
    new = spark.createDataFrame([(3, 2)], "x int, p int")
    new.write.partitionBy("p").mode("overwrite").option("partitionOverwriteMode", "dynamic").parquet(path)
    assert sorted(tuple(row) for row in spark.read.parquet(path).collect()) == [(1, 1), (3, 2)]


def test_max_records_per_file(spark, tmp_path):
    path = str(tmp_path / "out")
    spark.range(10).coalesce(1).write.option("maxRecordsPerFile", 4).parquet(path)
    assert len(part_files(path)) == 3
    assert spark.read.parquet(path).count() == 10


def test_globs_and_filters(spark, tmp_path):
    for name in ("a1.csv", "a2.csv", "b1.csv", "_hidden.csv", ".dot.csv", "c.txt"):
        (tmp_path / name).write_text(f"{name}\n")

    def read(path, **options):
        return sorted(row[0] for row in spark.read.options(**options).text(path).collect())

    assert read(str(tmp_path)) == ["a1.csv", "a2.csv", "b1.csv", "c.txt"]
    assert read(f"{tmp_path}/a*.csv") == ["a1.csv", "a2.csv"]
    assert read(f"{tmp_path}/{{a1,b1}}.csv") == ["a1.csv", "b1.csv"]
    assert read(f"file:{tmp_path}/[bc]*") == ["b1.csv", "c.txt"]
    assert read(str(tmp_path), pathGlobFilter="*.txt") == ["c.txt"]


def test_schema_evolution(spark, tmp_path):
    path = tmp_path / "out"
    spark.sql("select 1 as a, 'x' as b").write.parquet(str(path / "k=1"))
    spark.sql("select 2 as a, 1.5d as c").write.parquet(str(path / "k=2"))
    merged = spark.read.option("mergeSchema", True).parquet(str(path)).orderBy("a")
    assert [tuple(row) for row in merged.select("a", "b", "c", "k").collect()] == [(1, "x", None, 1), (2, None, 1.5, 2)]
    wider = spark.read.schema("A bigint, missing string").parquet(str(path)).orderBy("A")
    assert [tuple(row) for row in wider.collect()] == [(1, None, 1), (2, None, 2)]


def test_column_metadata_survives_parquet(spark, tmp_path):
    path = str(tmp_path / "out")
    schema = StructType().add("x", IntegerType(), True, {"comment": "a number"})
    spark.createDataFrame([(1,)], schema).write.parquet(path)
    assert spark.read.parquet(path).schema["x"].metadata == {"comment": "a number"}


def test_large_csv_is_read_in_partitions(spark, tmp_path):
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("id,text\n")
        file.writelines(f'{i},"row {i}, {"x" * 40}"\n' for i in range(200_000))
    frame = spark.read.csv(str(path), header=True, inferSchema=True)
    assert frame.dtypes == [("id", "int"), ("text", "string")]
    answer = frame.agg(F.count("*"), F.sum("id"), F.countDistinct(F.length("text"))).first()
    assert tuple(answer) == (200_000, 199_999 * 100_000, 6)


@pytest.mark.parametrize(
    ("path", "kind", "condition"),
    [
        ("/no/such/path", "parquet", "PATH_NOT_FOUND"),
        ("/no/such/*.csv", "csv", "PATH_NOT_FOUND"),
        ("/tmp", "no_such_format", "DATA_SOURCE_NOT_FOUND"),
    ],
)
def test_read_errors(spark, path, kind, condition):
    with pytest.raises(Exception, match=condition):
        spark.read.format(kind).load(path).collect()


def test_empty_directory(spark, tmp_path):
    with pytest.raises(Exception, match="UNABLE_TO_INFER_SCHEMA"):
        spark.read.parquet(str(tmp_path)).collect()
    assert spark.read.schema("a int").parquet(str(tmp_path)).collect() == []


def test_fail_fast_names_the_file(spark, tmp_path):
    (tmp_path / "bad.csv").write_text("1\nx\n")
    with pytest.raises(Exception, match="FAILED_READ_FILE"):
        spark.read.schema("a int").option("mode", "FAILFAST").csv(str(tmp_path)).collect()


def test_nested_types_are_no_csv(spark, frame, tmp_path):
    with pytest.raises(Exception, match="UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE"):
        frame.write.csv(str(tmp_path / "out"))


def test_lines_of_a_data_frame(spark):
    lines = spark.createDataFrame([("a,b",), ("1,x",), ("2,y",)], "line string")
    csv = spark.read.option("header", True).option("inferSchema", True).csv(lines)
    assert csv.dtypes == [("a", "int"), ("b", "string")]
    assert sorted(tuple(row) for row in csv.collect()) == [(1, "x"), (2, "y")]
    json = spark.read.json(spark.createDataFrame([('{"a": 1}',), ('{"b": [1.5]}',)], "line string"))
    assert json.dtypes == [("a", "bigint"), ("b", "array<double>")]
    assert sorted((tuple(row) for row in json.collect()), key=str) == [(1, None), (None, [1.5])]
