"""The file cases: reading and writing CSV, JSON, text and Parquet through `spark.read` and `df.write`.

Same form as `cases.py`. Every case makes its files in a directory of its own and names none of them in its answer.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from cases import Case, nested, people, shown, tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

FILE_CASES: list[Case] = []
# Removed when the process ends, not with the case: its DataFrame is collected after the case returns.
SCRATCH = tempfile.TemporaryDirectory(prefix="firesteel-cases-")


def case(name: str, make: Callable[[SparkSession, Path], Any], ordered: bool = False) -> None:
    def in_scratch(spark: SparkSession) -> Any:
        return make(spark, Path(tempfile.mkdtemp(dir=SCRATCH.name)))

    FILE_CASES.append(Case(name, in_scratch, ordered))


def put(directory: Path, name: str, text: str | bytes) -> str:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def listing(path: Path) -> list[str]:
    """The visible entries below a directory, part files without their unique names."""
    found = set()
    for folder, _, files in os.walk(path):
        for file in files:
            if not file.startswith(("_", ".")) or file == "_SUCCESS":
                name = "part" + "".join(Path(file).suffixes[-2:]) if file.startswith("part-") else file
                found.add(str((Path(folder) / name).relative_to(path)))
    return sorted(found)


# --------------------------------------------------------------------------------------------------------------
# CSV
# --------------------------------------------------------------------------------------------------------------

PLAIN = 'id,name,score,day\n1,Ann,1.5,2024-01-02\n2,"Bob, B.",,2024-02-29\n3,,3,\n'


def csv(text: str | bytes, **options: Any) -> Callable[[SparkSession, Path], DataFrame]:
    return lambda s, d: s.read.options(**options).csv(put(d, "a.csv", text))


case("csv_no_options", csv(PLAIN))
case("csv_header", csv(PLAIN, header=True))
case("csv_infer", csv(PLAIN, header=True, inferSchema=True))
case("csv_infer_types", csv("i,l,d,b,t,m,z\n1,9999999999,1.5,true,2024-01-02 03:04:05,1,\n-2,1,1e3,FALSE,2024-01-02T03:04:05Z,x,\n", header=True, inferSchema=True))  # fmt: skip
case(
    "csv_schema",
    lambda s, d: s.read.schema("a INT, b STRING, c DOUBLE, d DATE").csv(put(d, "a.csv", PLAIN), header=True),
)
case("csv_schema_corrupt", lambda s, d: s.read.schema("a INT, b DOUBLE").csv(put(d, "a.csv", "1,2\nx,3\n4\n5,6,7\n")))
case("csv_schema_corrupt_column", lambda s, d: s.read.schema("a INT, b DOUBLE, _corrupt_record STRING").csv(put(d, "a.csv", "1,2\nx,3\n4\n5,6,7\n")))  # fmt: skip
case("csv_drop_malformed", lambda s, d: s.read.schema("a INT, b DOUBLE").csv(put(d, "a.csv", "1,2\nx,3\n5,6,7\n"), mode="DROPMALFORMED"))  # fmt: skip
case("csv_failfast", lambda s, d: s.read.schema("a INT").csv(put(d, "a.csv", "1\nx\n"), mode="FAILFAST"))
case("csv_separator_quote", csv("a;'b;c';d\n'it''s';\\'x;z\n", sep=";", quote="'", escape="'"))
case("csv_escape_default", csv('"a ""q"" b","c\\"d",e\n'))
case("csv_null_value", csv("a,b\nNA,1\n-,2\n", header=True, nullValue="NA"))
case("csv_empty_value", csv('a,b\n"",1\n,2\n', header=True))
case("csv_white_space", csv(" a , b \n", ignoreLeadingWhiteSpace=True, ignoreTrailingWhiteSpace=True))
case("csv_comment_blank_lines", csv("# no\na,b\n\n1,2\n#3,4\n", comment="#", header=True))
case("csv_multiline", csv('id,text\n1,"two\nlines"\n2,one\n', header=True, multiLine=True))
case("csv_tabs", csv("a\tb\n1\t2\n", sep="\t", header=True))
case("csv_multi_character_separator", csv("a||b\n1||2\n", sep="||", header=True))
case("csv_dates_format", lambda s, d: s.read.schema("a DATE, t TIMESTAMP").csv(put(d, "a.csv", "02/01/2024,02.01.2024 10:11\n"), dateFormat="dd/MM/yyyy", timestampFormat="dd.MM.yyyy HH:mm"))  # fmt: skip
case("csv_crlf_no_final_newline", csv("a,b\r\n1,2\r\n3,4", header=True))
case("csv_bom_latin1", lambda s, d: [s.read.csv(put(d, "a.csv", b"\xef\xbb\xbfa\n\xc3\xa9\n"), header=True).collect(), s.read.csv(put(d, "b.csv", b"x\n\xe9\n"), header=True, encoding="ISO-8859-1").collect()])  # fmt: skip
case(
    "csv_gzip",
    lambda s, d: s.read.csv(put(d, "a.csv.gz", gzip.compress(PLAIN.encode())), header=True, inferSchema=True),
)
case("csv_duplicate_headers", csv("a,a,b\n1,2,3\n", header=True))
case("csv_nan_inf", lambda s, d: s.read.schema("x DOUBLE").csv(put(d, "a.csv", "NaN\nInf\n-Inf\n1.5\n")))
case("csv_empty_file", lambda s, d: s.read.csv(put(d, "a.csv", ""), schema="a INT").count())
case("csv_write", lambda s, d: _written(people(s).orderBy("id").coalesce(1).write.csv, d))
case("csv_write_options", lambda s, d: _written(people(s).orderBy("id").coalesce(1).write.options(header=True, sep="|", nullValue="-", quoteAll=True).csv, d))  # fmt: skip
case("csv_write_special", lambda s, d: _written(s.createDataFrame([('q"uote', "com,ma", "", " sp ", "new\nline")], "a STRING, b STRING, c STRING, d STRING, e STRING").coalesce(1).write.csv, d))  # fmt: skip
case("csv_write_types", lambda s, d: _written(s.sql("SELECT 1.50 AS a, 1e10 AS b, DATE '2024-01-02' AS c, TIMESTAMP '2024-01-02 03:04:05.5' AS d, true AS e, X'6162' AS f").coalesce(1).write.csv, d))  # fmt: skip
case("csv_write_nested", lambda s, d: nested(s).write.csv(str(d / "out")))
case(
    "csv_string_rows",
    lambda s, d: s.read.option("header", True).csv(s.createDataFrame([("a,b",), ("1,2",)], "value STRING")),
)


def _written(save: Callable[[str], None], directory: Path) -> list[str]:
    save(str(directory / "out"))
    parts = sorted(p for p in (directory / "out").iterdir() if p.name.startswith("part-"))
    return [p.read_bytes().decode("utf-8", "replace") for p in parts if p.stat().st_size]


# --------------------------------------------------------------------------------------------------------------
# JSON and text
# --------------------------------------------------------------------------------------------------------------

LINES = '{"id": 1, "s": {"a": "x", "b": [1, 2]}, "f": 1.5}\n{"id": 2, "f": 3, "t": true}\n\n{"id": null, "z": "new"}\n'

case("json_infer", lambda s, d: s.read.json(put(d, "a.json", LINES)))
case("json_infer_schema", lambda s, d: tree(s.read.json(put(d, "a.json", '{"a": 1, "b": null, "c": [], "d": {"e": 9999999999999}, "f": "2024-01-02"}\n{"a": 1.5, "c": [1, "x"]}\n'))))  # fmt: skip
case("json_schema", lambda s, d: s.read.schema("id INT, s STRUCT<a: STRING>, nope DATE").json(put(d, "a.json", LINES)))
case("json_corrupt", lambda s, d: s.read.json(put(d, "a.json", '{"a": 1}\nnot json\n{"a": 2}\n')))
case("json_corrupt_types", lambda s, d: s.read.schema("a INT, b STRING").json(put(d, "a.json", '{"a": "x", "b": "y"}\n{"a": 2, "b": {"c": 1}}\n')))  # fmt: skip
case("json_multiline", lambda s, d: s.read.json(put(d, "a.json", '[{"a": 1,\n "b": "x"},\n {"a": 2}]'), multiLine=True))
case("json_options", lambda s, d: s.read.json(put(d, "a.json", "{'a': 1, b: 2} // c\n"), allowUnquotedFieldNames=True, allowComments=True))  # fmt: skip
case("json_primitives_as_string", lambda s, d: s.read.json(put(d, "a.json", '{"a": 1, "b": true}\n'), primitivesAsString=True))  # fmt: skip
case("json_dates", lambda s, d: s.read.schema("d DATE, t TIMESTAMP").json(put(d, "a.json", '{"d": "2024-01-02", "t": "2024-01-02T03:04:05.123Z"}\n')))  # fmt: skip
case(
    "json_string_rows",
    lambda s, d: s.read.json(s.createDataFrame([('{"a": 1}',), ('{"a": 2, "b": "x"}',)], "value STRING")),
)
case("json_write", lambda s, d: _written(nested(s).orderBy("id").coalesce(1).write.json, d))
case("json_write_round_trip", lambda s, d: _round_trip(s, nested(s), d, "json"))
case("text_read", lambda s, d: s.read.text(put(d, "a.txt", "one\n\ntwo é\r\nthree")), ordered=True)
case("text_whole", lambda s, d: s.read.text(put(d, "a.txt", "one\ntwo\n"), wholetext=True))
case("text_line_separator", lambda s, d: s.read.text(put(d, "a.txt", "a;b;c"), lineSep=";"), ordered=True)
case("text_write", lambda s, d: _written(s.createDataFrame([("a",), ("b",)], "v STRING").coalesce(1).write.text, d))
case("text_write_wrong", lambda s, d: people(s).write.text(str(d / "out")))


def _round_trip(s: SparkSession, frame: DataFrame, directory: Path, form: str, **options: Any) -> DataFrame:
    frame.write.format(form).options(**options).save(str(directory / "out"))
    return s.read.format(form).options(**options).load(str(directory / "out"))


# --------------------------------------------------------------------------------------------------------------
# Parquet, partitions, modes, paths
# --------------------------------------------------------------------------------------------------------------

case("parquet_round_trip", lambda s, d: _round_trip(s, nested(s), d, "parquet"))
case("parquet_round_trip_schema", lambda s, d: tree(_round_trip(s, s.range(1).withColumn("n", F.lit(1)), d, "parquet")))
case("parquet_types", lambda s, d: _round_trip(s, s.sql("SELECT CAST(1 AS TINYINT) a, CAST(2 AS SMALLINT) b, 1.5F c, CAST(1.25 AS DECIMAL(20, 3)) d, DATE '1900-01-01' e, TIMESTAMP '2024-01-02 03:04:05.678901' f, TIMESTAMP_NTZ '2024-01-02 00:00:00' g, X'00ff' h, array(struct(1 AS x)) i, CAST(NULL AS MAP<STRING, INT>) j"), d, "parquet"))  # fmt: skip
case("parquet_empty", lambda s, d: tree(_round_trip(s, people(s).limit(0), d, "parquet")))
case("parquet_files", lambda s, d: (people(s).coalesce(1).write.parquet(str(d / "out")), listing(d / "out"))[1])
case("parquet_gzip", lambda s, d: (people(s).coalesce(1).write.parquet(str(d / "out"), compression="gzip"), listing(d / "out"))[1])  # fmt: skip
case("parquet_schema_narrowed", lambda s, d: (people(s).write.parquet(str(d / "out")), s.read.schema("name STRING, nope INT, id INT").parquet(str(d / "out")))[1])  # fmt: skip
case("parquet_merge_schema", lambda s, d: (s.range(1).select(F.lit(1).alias("a")).write.parquet(str(d / "out/k=1")), s.range(1).select(F.lit("x").alias("b")).write.parquet(str(d / "out/k=2")), s.read.option("mergeSchema", True).parquet(str(d / "out")))[2])  # fmt: skip
case("partitioned_write", lambda s, d: (people(s).coalesce(1).write.partitionBy("team").parquet(str(d / "out")), listing(d / "out"))[1])  # fmt: skip
case("partitioned_read", lambda s, d: (people(s).write.partitionBy("team", "age").parquet(str(d / "out")), s.read.parquet(str(d / "out")))[1])  # fmt: skip
case("partitioned_filter", lambda s, d: (people(s).write.partitionBy("team").json(str(d / "out")), s.read.json(str(d / "out")).filter("team = 'x' AND id > 1"))[1])  # fmt: skip
case("partition_value_types", lambda s, d: (put(d, "t/i=1/d=2024-01-02/s=a%20b/x.csv", "v\n"), put(d, "t/i=20/d=2024-02-01/s=__HIVE_DEFAULT_PARTITION__/x.csv", "w\n"), s.read.csv(str(d / "t")))[2])  # fmt: skip
case("partition_strings", lambda s, d: (put(d, "t/k=01/x.csv", "v\n"), put(d, "t/k=2/x.csv", "w\n"), s.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false"), s.read.csv(str(d / "t")).orderBy("k").collect(), s.conf.unset("spark.sql.sources.partitionColumnTypeInference.enabled"))[3])  # fmt: skip
case("partition_one_directory", lambda s, d: (put(d, "t/k=1/x.csv", "v\n"), s.read.csv(str(d / "t/k=1")).columns, s.read.option("basePath", str(d / "t")).csv(str(d / "t/k=1")).columns)[1:])  # fmt: skip
case("partition_all_columns", lambda s, d: people(s).select("id").write.partitionBy("id").parquet(str(d / "out")))
case("mode_error", lambda s, d: [s.range(1).write.parquet(str(d / "out")), s.range(1).write.parquet(str(d / "out"))])
case("mode_append", lambda s, d: (s.range(1).write.parquet(str(d / "out")), s.range(2).write.mode("append").parquet(str(d / "out")), s.read.parquet(str(d / "out")))[2])  # fmt: skip
case("mode_overwrite", lambda s, d: (s.range(5).write.parquet(str(d / "out")), s.range(2).write.mode("overwrite").parquet(str(d / "out")), s.read.parquet(str(d / "out")))[2])  # fmt: skip
case("mode_ignore", lambda s, d: (s.range(1).write.parquet(str(d / "out")), s.range(5).write.mode("ignore").parquet(str(d / "out")), s.read.parquet(str(d / "out")).count())[2])  # fmt: skip
case("mode_wrong", lambda s, d: s.range(1).write.mode("nope").parquet(str(d / "out")))
case("read_missing_path", lambda s, d: s.read.parquet(str(d / "nope")).count())
case("read_empty_directory", lambda s, d: s.read.parquet(str(d)).count())
case("read_glob", lambda s, d: (put(d, "a1.txt", "1\n"), put(d, "a2.txt", "2\n"), put(d, "b1.txt", "3\n"), s.read.text(str(d / "a*.txt")))[3])  # fmt: skip
case("read_glob_set", lambda s, d: (put(d, "x/1.txt", "1\n"), put(d, "y/2.txt", "2\n"), put(d, "z/3.txt", "3\n"), s.read.text(str(d / "{x,z}/[0-9].txt")))[3])  # fmt: skip
case("read_many_paths", lambda s, d: s.read.text([put(d, "a.txt", "1\n"), put(d, "b.txt", "2\n")]))
case("read_hidden_files", lambda s, d: (put(d, "_x.txt", "no\n"), put(d, ".y.txt", "no\n"), put(d, "z.txt", "yes\n"), s.read.text(str(d)))[3])  # fmt: skip
case("read_recursive", lambda s, d: (put(d, "a/b/c.txt", "deep\n"), put(d, "d.txt", "top\n"), s.read.option("recursiveFileLookup", True).text(str(d)))[2])  # fmt: skip
case("read_path_filter", lambda s, d: (put(d, "a.txt", "1\n"), put(d, "a.csv", "2\n"), s.read.option("pathGlobFilter", "*.csv").text(str(d)))[2])  # fmt: skip
case("read_spaces_in_path", lambda s, d: s.read.text(put(d, "a b/c é.txt", "x\n")))
case("read_file_uri", lambda s, d: s.read.text("file://" + put(d, "a.txt", "x\n")))
case("read_format_wrong", lambda s, d: s.read.format("nope").load(str(d)))
case("read_sql_on_file", lambda s, d: (s.range(3).write.parquet(str(d / "out")), s.sql(f"SELECT sum(id) AS s FROM parquet.`{d}/out`"))[1])  # fmt: skip
case("file_metadata_columns", lambda s, d: s.read.text(put(d, "a.txt", "x\n")).select("_metadata.file_name", "_metadata.file_size"))  # fmt: skip
case("input_file_name", lambda s, d: s.read.text(put(d, "a.txt", "x\n")).select(F.input_file_name().endswith("/a.txt").alias("ok")))  # fmt: skip
case("show_parquet", lambda s, d: shown(_round_trip(s, people(s), d, "parquet").orderBy("id")))
case("files_of_a_write", lambda s, d: (s.range(0, 10, 1, 3).write.csv(str(d / "out")), len([p for p in (d / "out").iterdir() if p.suffix == ".csv"]))[1])  # fmt: skip
case("temp_view_over_files", lambda s, d: (s.read.csv(put(d, "a.csv", PLAIN), header=True).createOrReplaceTempView("case_files"), s.sql("SELECT count(*) AS n, max(day) AS d FROM case_files"))[1])  # fmt: skip
