"""The rest of the protocol: one small program for each relation and expression that `cases.py` leaves out.

Same form as `cases.py`.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F
from pyspark.sql import types as T

from cases import Case, nested, people, sales, teams
from file_cases import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

PROTOCOL_CASES: list[Case] = []


def case(name: str, make: Callable[[SparkSession], Any], ordered: bool = False) -> None:
    PROTOCOL_CASES.append(Case(name, make, ordered))


def at(*minutes: float) -> list[dt.datetime]:
    start = dt.datetime(2024, 1, 1, 12, tzinfo=dt.timezone.utc)
    return [start + dt.timedelta(minutes=minute) for minute in minutes]


def events(s: SparkSession) -> DataFrame:
    rows = list(zip("aabab", at(1, 9.99, 4, 25, 31), [1, 2, 3, 4, 5], strict=True))
    return s.createDataFrame([*rows, (None, None, 6)], "k STRING, t TIMESTAMP, v INT")


# --------------------------------------------------------------------------------------------------------------
# Windows of time
# --------------------------------------------------------------------------------------------------------------

case("window_tumbling", lambda s: events(s).groupBy(F.window("t", "10 minutes")).agg(F.sum("v")))
case("window_sliding", lambda s: events(s).groupBy(F.window("t", "10 minutes", "5 minutes")).agg(F.sum("v")))
case("window_sliding_key", lambda s: events(s).groupBy("k", F.window("t", "10 minutes", "4 minutes", "1 minute").alias("w")).agg(F.count("*").alias("n")).select("k", "w.start", "w.end", "n"))  # fmt: skip
case("window_in_select", lambda s: events(s).select("v", F.window("t", "10 minutes", "5 minutes")))
case("window_name_used", lambda s: events(s).groupBy(F.window("t", "1 hour")).count().select("window.start", "count"))
case("window_of_window", lambda s: events(s).groupBy(F.window("t", "5 minutes")).agg(F.sum("v").alias("v")).groupBy(F.window(F.window_time("window"), "10 minutes")).agg(F.sum("v")))  # fmt: skip
case("window_time", lambda s: events(s).groupBy(F.window("t", "10 minutes")).count().select(F.window_time("window")))
case("window_too_wide", lambda s: events(s).groupBy(F.window("t", "5 minutes", "10 minutes")).count())
case("window_two", lambda s: events(s).groupBy(F.window("t", "5 minutes"), F.window("t", "10 minutes")).count())
case("session_window", lambda s: events(s).groupBy(F.session_window("t", "5 minutes")).agg(F.sum("v")))
case("session_window_key", lambda s: events(s).groupBy("k", F.session_window("t", "20 minutes").alias("w")).agg(F.sum("v"), F.count("*")))  # fmt: skip
case("session_window_dynamic", lambda s: events(s).groupBy("k", F.session_window("t", F.when(F.col("k") == "a", "6 minutes").otherwise("30 minutes"))).agg(F.collect_list("v")))  # fmt: skip
case("session_window_touching", lambda s: s.createDataFrame([(t,) for t in at(0, 5, 9, 15)], "t TIMESTAMP").groupBy(F.session_window("t", "5 minutes")).count())  # fmt: skip
case("session_window_no_gap", lambda s: events(s).groupBy(F.session_window("t", F.when(F.col("v") == 1, "-1 minutes").otherwise("5 minutes"))).count())  # fmt: skip
case("session_window_pivot", lambda s: events(s).groupBy(F.window("t", "1 hour")).pivot("k", ["a", "b"]).sum("v"))
case("session_window_fields", lambda s: events(s).groupBy(F.session_window("t", "5 minutes")).count().select("session_window.start", "session_window.end", "count"))  # fmt: skip
case("session_window_distinct", lambda s: events(s).groupBy(F.session_window("t", "5 minutes")).agg(F.count_distinct("k")))  # fmt: skip

# --------------------------------------------------------------------------------------------------------------
# Joins of nearness
# --------------------------------------------------------------------------------------------------------------


def trades(s: SparkSession) -> DataFrame:
    return s.createDataFrame([(1, "a", 10), (5, "b", 20), (10, "a", 30)], "t INT, k STRING, v INT")


def quotes(s: SparkSession) -> DataFrame:
    return s.createDataFrame([(1, "a", 1), (2, "b", 2), (3, "a", 3), (6, "b", 6), (7, "a", 7)], "t INT, k STRING, q INT")  # fmt: skip


def asof(s: SparkSession, **how: Any) -> DataFrame:
    left, right = trades(s), quotes(s)
    return left._joinAsOf(right, left["t"], right["t"], **how)  # type: ignore[operator]


case("asof_backward", lambda s: asof(s))
case("asof_on", lambda s: asof(s, on="k"))
case("asof_left", lambda s: asof(s, on="k", how="left", tolerance=F.lit(2)))
case("asof_not_exact", lambda s: asof(s, allowExactMatches=False))
case("asof_forward", lambda s: asof(s, direction="forward", how="left"))
case("asof_nearest", lambda s: asof(s, direction="nearest"))
case("asof_nearest_tolerance", lambda s: asof(s, direction="nearest", tolerance=F.lit(1), how="left"))
case("asof_names", lambda s: trades(s)._joinAsOf(quotes(s), "t", "t", on=["k"]).select("k", "v", "q"))  # type: ignore[operator]
case("asof_wrong_direction", lambda s: asof(s, direction="sideways"))
case("asof_negative_tolerance", lambda s: asof(s, tolerance=F.lit(-1)))


def nearest(s: SparkSession, n: int, mode: str, direction: str, **how: Any) -> DataFrame:
    left, right = trades(s), quotes(s)
    rank = F.abs(left["t"] * 10 - right["q"] * 11)
    return left.nearestByJoin(right, rank, n, mode, direction, **how)


case("nearest_distance", lambda s: nearest(s, 1, "exact", "distance"))
case("nearest_similarity_two", lambda s: nearest(s, 2, "approx", "similarity"))
case("nearest_left_outer", lambda s: trades(s).nearestByJoin(quotes(s).where("q > 100"), F.col("v") - F.col("q"), 1, "exact", "distance", joinType="leftouter"))  # fmt: skip
case("nearest_rank_string", lambda s: trades(s).nearestByJoin(teams(s), F.col("label"), 1, "exact", "distance").select("v", "label"))  # fmt: skip
case("nearest_rank_unorderable", lambda s: trades(s).nearestByJoin(nested(s), F.col("m"), 1, "exact", "distance"))

# --------------------------------------------------------------------------------------------------------------
# Shapes
# --------------------------------------------------------------------------------------------------------------

case("transpose_first", lambda s: teams(s).transpose())
case("transpose_index", lambda s: s.createDataFrame([(1, 2.5, "b"), (3, None, "a"), (5, 6.0, None)], "x INT, y DOUBLE, n STRING").transpose("n"))  # fmt: skip
case("transpose_column", lambda s: (lambda d: d.transpose(d["n"]))(s.createDataFrame([(1, 2, "b"), (3, 4, "a")], "x INT, y INT, n STRING")))  # fmt: skip
case("transpose_dates", lambda s: s.createDataFrame([(dt.date(2024, 1, 2), 1), (dt.date(2023, 1, 2), 2)], "d DATE, x INT").transpose())  # fmt: skip
case("transpose_no_rows", lambda s: teams(s).where("false").transpose())
case("transpose_one_column", lambda s: teams(s).select("team").transpose())
case("transpose_mixed", lambda s: nested(s).select("id", "xs", "m").transpose())
case("transpose_expression", lambda s: teams(s).transpose(F.upper("team")))
case("transpose_then_select", lambda s: teams(s).transpose().select("key", "x", F.upper("y")))
case("star_of_frame", lambda s: (lambda p, t: p.join(t, p["team"] == t["team"]).select(t["*"], p["id"]))(people(s), teams(s)))  # fmt: skip
case("star_of_frame_filtered", lambda s: (lambda p: p.where("id > 2").select(p["*"], F.lit(1).alias("one")))(people(s)))
case("star_of_frame_count", lambda s: (lambda p: p.select(F.count(p["*"])))(people(s)))
case("star_of_other_frame", lambda s: people(s).select(teams(s)["*"]))
case("col_regex", lambda s: people(s).select(people(s).colRegex("`(na|ag).*`")))
case("col_regex_own", lambda s: (lambda p: p.select(p.colRegex("`.*e`")))(people(s)))
case("col_regex_none", lambda s: people(s).select(people(s).colRegex("`zz.*`"), "id"))
case("col_regex_plain", lambda s: (lambda p: p.select(p.colRegex("name")))(people(s)))
case(
    "alias_metadata_json",
    lambda s: people(s).select(F.col("id").alias("i", metadata={"a": 1, "b": ["x"]})).schema.json(),
)
case("alias_metadata_kept", lambda s: people(s).select(F.col("id").alias("i", metadata={"a": 1})).where("i > 1").select("i", F.col("i").alias("j"), (F.col("i") + 1).alias("k")).schema.json())  # fmt: skip
case("with_metadata_read", lambda s: people(s).withMetadata("age", {"unit": "years"}).schema["age"].metadata)
case("with_metadata_missing", lambda s: people(s).withMetadata("nothing", {"unit": "years"}))
case("with_field_more", lambda s: nested(s).select("id", F.col("s").withField("z", F.col("id") * 2).alias("s")))
case("with_field_nested_more", lambda s: nested(s).select(F.col("s").withField("b.c", F.lit("new")).withField("b.e", F.lit(1)).alias("s")))  # fmt: skip
case("with_field_null", lambda s: nested(s).select(F.col("s").withField("a", F.lit(None)).alias("s")))
case("drop_fields_more", lambda s: nested(s).select(F.col("s").dropFields("a").alias("s")))
case("drop_fields_nested", lambda s: nested(s).select(F.col("s").dropFields("b.c", "a").alias("s")))
case("drop_fields_all", lambda s: nested(s).select(F.col("s").dropFields("a", "b")))
case("with_field_not_struct", lambda s: nested(s).select(F.col("xs").withField("a", F.lit(1))))
case("to_schema_more", lambda s: people(s).to(T.StructType().add("age", "long").add("id", "string")))
case("to_schema_nested", lambda s: nested(s).to(T.StructType.fromDDL("s STRUCT<b: STRUCT<d: DOUBLE>, a: BIGINT>, xs ARRAY<BIGINT>")))  # fmt: skip
case("to_schema_missing", lambda s: people(s).to(T.StructType().add("nothing", "integer").add("id", "integer")))
case("to_schema_missing_required", lambda s: people(s).to(T.StructType().add("nothing", "integer", False)))
case("to_schema_not_null", lambda s: people(s).to(T.StructType().add("id", "integer", False)))
case("to_schema_wrong", lambda s: people(s).to(T.StructType().add("name", "integer")))
case("union_by_name_nested", lambda s: s.sql("SELECT named_struct('a', 1) s, 1 x").unionByName(s.sql("SELECT named_struct('b', 'q') s, 2 y"), True))  # fmt: skip
case("union_by_name_nested_order", lambda s: s.sql("SELECT named_struct('a', 1, 'b', 2) s").unionByName(s.sql("SELECT named_struct('b', 3, 'a', 4) s"), True))  # fmt: skip
case("union_by_name_nested_array", lambda s: s.sql("SELECT array(named_struct('a', 1)) s").unionByName(s.sql("SELECT array(named_struct('b', 3)) s"), True))  # fmt: skip
case("union_by_name_nested_refused", lambda s: s.sql("SELECT named_struct('a', 1) s").unionByName(s.sql("SELECT named_struct('b', 3) s")))  # fmt: skip
case("grouping_sets_more", lambda s: sales(s).groupingSets([["team"], ["year"], []], "team", "year").agg(F.sum("amount"), F.grouping_id()))  # fmt: skip
case("grouping_sets_ordinal", lambda s: sales(s).groupingSets([[1], []], 1).count())
case("zip_with_index", lambda s: s.range(0, 6, 1, 3).zipWithIndex().select("id", "index"), ordered=True)
case("zip_with_index_name", lambda s: people(s).orderBy("id").zipWithIndex("n").where("n = 2"))
# Rows of one column on Spark Connect, an RDD's texts here, as on classic Spark.
case("to_json_lines", lambda s: [row if isinstance(row, str) else row[0] for row in people(s).orderBy("id").toJSON().collect()])  # fmt: skip
case("semantic_hash", lambda s: [s.range(3).semanticHash() == s.range(3).semanticHash(), isinstance(s.range(3).semanticHash(), int)])  # fmt: skip
case("is_local", lambda s: [people(s).isLocal(), people(s).where("id > 1").isLocal(), s.range(3).isLocal()])
case("offset_limit_more", lambda s: s.range(10).orderBy("id").offset(3).limit(2), ordered=True)
case("tail_rows", lambda s: [row.id for row in s.range(10).tail(3)])
case("drop_by_column", lambda s: (lambda p: p.drop(p["age"], "nothing"))(people(s)))
case("drop_expression", lambda s: people(s).drop(F.col("age") + 1))
case("with_columns_renamed_swap", lambda s: people(s).withColumnsRenamed({"id": "name", "name": "id"}))
case("to_df_wrong", lambda s: people(s).toDF("a", "b"))
case("deduplicate_missing", lambda s: people(s).dropDuplicates(["nothing"]))
case("sort_ordinal", lambda s: people(s).select("name", "id").orderBy(2, ascending=False), ordered=True)
case("group_by_ordinal", lambda s: sales(s).select("team", "amount").groupBy(1).sum("amount"))
case("sort_within_partitions_more", lambda s: s.range(0, 6, 1, 2).sortWithinPartitions(F.desc("id")), ordered=True)

# --------------------------------------------------------------------------------------------------------------
# Partitions and hints
# --------------------------------------------------------------------------------------------------------------


def partition_count(frame: DataFrame) -> int:
    return frame.select(F.spark_partition_id().alias("p")).distinct().count()


case("repartition_by_id", lambda s: s.range(12).repartitionById(4, (F.col("id") % 6).cast("int")).select("id", F.spark_partition_id().alias("p")))  # fmt: skip
case("repartition_by_id_negative", lambda s: s.range(3).repartitionById(4, (F.col("id") - 2).cast("int")).select("id", F.spark_partition_id().alias("p")))  # fmt: skip
case("repartition_by_id_long", lambda s: s.range(3).repartitionById(4, F.col("id")))
case("repartition_by_id_null", lambda s: s.createDataFrame([(1,), (None,)], "x INT").repartitionById(4, F.col("x")).select("x", F.spark_partition_id().alias("p")))  # fmt: skip
case("repartition_by_id_text", lambda s: s.range(3).repartitionById(4, F.col("id").cast("string")))
case("hint_coalesce", lambda s: partition_count(s.range(0, 100, 1, 8).hint("coalesce", 3)))
case("hint_repartition", lambda s: partition_count(s.range(0, 100, 1, 2).hint("repartition", 5)))
case("hint_repartition_columns", lambda s: s.range(20).hint("repartition", 5, "id").select("id", F.spark_partition_id().alias("p")))  # fmt: skip
case(
    "hint_repartition_by_range", lambda s: partition_count(s.range(0, 100, 1, 2).hint("repartition_by_range", 5, "id"))
)
case("hint_rebalance", lambda s: s.range(0, 100, 1, 2).hint("rebalance").agg(F.sum("id")))
case("hint_rebalance_columns", lambda s: s.range(0, 100, 1, 2).hint("rebalance", 3, "id").agg(F.sum("id")))
case("hint_joins", lambda s: [people(s).join(teams(s).hint(hint), "team").count() for hint in ("broadcast", "merge", "shuffle_hash", "shuffle_replicate_nl")])  # fmt: skip
case("hint_unknown", lambda s: people(s).hint("make_it_fast", 1).count())
case("hint_coalesce_wrong", lambda s: s.range(10).hint("coalesce").count())
case("hint_coalesce_text", lambda s: s.range(10).hint("coalesce", "id").count())
case("hint_repartition_unknown", lambda s: s.range(10).hint("repartition", 3, "nothing").count())
case("hint_in_sql", lambda s: partition_count(s.sql("SELECT /*+ REPARTITION(3) */ * FROM range(0, 100, 1, 2)")))

# --------------------------------------------------------------------------------------------------------------
# Statistics
# --------------------------------------------------------------------------------------------------------------


def numbers(s: SparkSession) -> DataFrame:
    rows = [(i, (i * 7919) % 101, float("nan") if i == 5 else i / 4, "abc"[i % 3]) for i in range(50)]
    return s.createDataFrame([*rows, (None, None, None, None)], "i INT, j INT, d DOUBLE, s STRING").coalesce(1)


case("approx_quantile_exact", lambda s: numbers(s).approxQuantile("i", [0.0, 0.25, 0.5, 0.9, 1.0], 0.0))
case("approx_quantile_columns_more", lambda s: numbers(s).approxQuantile(["i", "j", "d"], [0.1, 0.5], 0.0))
case("approx_quantile_error", lambda s: numbers(s).approxQuantile(["i"], [0.5], 0.1))
case("approx_quantile_empty", lambda s: numbers(s).where("false").approxQuantile(["i", "j"], [0.5], 0.0))
case("approx_quantile_text", lambda s: numbers(s).approxQuantile("s", [0.5], 0.0))
case("approx_quantile_missing", lambda s: numbers(s).approxQuantile("nothing", [0.5], 0.0))
case("freq_items_more", lambda s: [sorted(map(str, row)) for row in numbers(s).freqItems(["s"], 0.2).collect()[0]])
case("freq_items_names", lambda s: numbers(s).freqItems(["i", "s"]).columns)
case("freq_items_many", lambda s: sorted(numbers(s).select((F.col("i") % 4).alias("m")).freqItems(["m"], 0.3).collect()[0][0], key=str))  # fmt: skip
case("corr", lambda s: round(numbers(s).where("i != 5").corr("i", "d"), 12))
case("corr_low", lambda s: round(numbers(s).corr("i", "j"), 12))
case("corr_spearman", lambda s: numbers(s).corr("i", "j", "spearman"))
case("corr_text", lambda s: numbers(s).corr("i", "s"))
case("cov", lambda s: round(numbers(s).cov("i", "j"), 9))
case("cov_missing", lambda s: numbers(s).cov("i", "nothing"))
case("crosstab_nulls", lambda s: people(s).crosstab("name", "team"))
case("summary_some_more", lambda s: numbers(s).summary("count", "min", "25%", "75%", "max", "count_distinct"))
case("summary_wrong", lambda s: numbers(s).summary("middle"))
case("describe_some", lambda s: numbers(s).describe("i", "s"))
case("sample_by_missing", lambda s: numbers(s).sampleBy("nothing", {1: 0.5}))

# --------------------------------------------------------------------------------------------------------------
# Parsing strings
# --------------------------------------------------------------------------------------------------------------


def lines(s: SparkSession, *texts: str) -> DataFrame:
    return s.createDataFrame([(text,) for text in texts], "line STRING").coalesce(1)


case("parse_csv", lambda s: s.read.csv(lines(s, "1,a", "2,b"), schema="x INT, y STRING"))
case("parse_csv_inferred", lambda s: s.read.option("inferSchema", True).csv(lines(s, "1,a,2.5", "2,b,")))
case("parse_csv_header", lambda s: s.read.option("header", True).csv(lines(s, "x,y", "1,a", "2,b")))
case("parse_json", lambda s: s.read.json(lines(s, '{"a": 1, "b": {"c": "x"}}', '{"a": 2.5}', "")))
case("parse_json_schema", lambda s: s.read.json(lines(s, '{"a": 1}', '{"a": "x"}', "nonsense"), schema="a INT, b STRING"))  # fmt: skip
case("parse_json_corrupt", lambda s: s.read.json(lines(s, '{"a": 1}', "nonsense")))
case("parse_json_fail_fast", lambda s: s.read.option("mode", "FAILFAST").json(lines(s, "nonsense"), schema="a INT"))
case("parse_json_drop", lambda s: s.read.option("mode", "DROPMALFORMED").json(lines(s, '{"a": 1}', "nonsense"), schema="a INT"))  # fmt: skip
case("parse_two_columns", lambda s: s.read.json(people(s)))
case("parse_xml", lambda s: s.read.option("rowTag", "r").xml(lines(s, "<r><a>1</a><b>x</b></r>"), schema="a INT, b STRING"))  # fmt: skip

# --------------------------------------------------------------------------------------------------------------
# Table-valued functions
# --------------------------------------------------------------------------------------------------------------

case("tvf_range", lambda s: s.tvf.range(3))
case("tvf_range_step", lambda s: s.tvf.range(1, 10, 4, 2))
case("tvf_explode", lambda s: s.tvf.explode(F.array(F.lit(1), F.lit(2))))
case("tvf_explode_map", lambda s: s.tvf.explode(F.create_map(F.lit("a"), F.lit(1))))
case("tvf_explode_outer", lambda s: s.tvf.explode_outer(F.array().cast("array<int>")))
case("tvf_posexplode", lambda s: s.tvf.posexplode(F.array(F.lit("a"), F.lit("b"))))
case("tvf_posexplode_outer", lambda s: s.tvf.posexplode_outer(F.lit(None).cast("array<string>")))
case("tvf_inline", lambda s: s.tvf.inline(F.array(F.struct(F.lit(1).alias("a"), F.lit("x").alias("b")))))
case("tvf_inline_outer", lambda s: s.tvf.inline_outer(F.lit(None).cast("array<struct<a: int>>")))
case("tvf_json_tuple", lambda s: s.tvf.json_tuple(F.lit('{"a": 1, "b": "x"}'), F.lit("a"), F.lit("b")))
case("tvf_json_tuple_none", lambda s: s.tvf.json_tuple(F.lit('{"a": 1}')))
case("tvf_stack", lambda s: s.tvf.stack(F.lit(2), F.lit(1), F.lit("a"), F.lit(2)))
case("tvf_collations", lambda s: s.tvf.collations().where("name IN ('UTF8_BINARY', 'UTF8_LCASE', 'UNICODE', 'UNICODE_CI')").drop("ICU_VERSION", "VERSION"))  # fmt: skip
case("tvf_sql_keywords", lambda s: s.tvf.sql_keywords().where("keyword IN ('SELECT', 'ADD', 'ANTI')"))
case("tvf_sql_keywords_count", lambda s: s.tvf.sql_keywords().count())
case("tvf_lateral", lambda s: (lambda n: n.lateralJoin(s.tvf.explode(F.col("xs").outer())))(nested(s)).select("id", "col"))  # fmt: skip
case("tvf_explode_wrong", lambda s: s.tvf.explode(F.lit(1)))

# --------------------------------------------------------------------------------------------------------------
# Subqueries, SQL with arguments
# --------------------------------------------------------------------------------------------------------------

case("sql_named_args", lambda s: s.sql("SELECT :a + 1 AS x, :b AS y", args={"a": 41, "b": "q"}))
case("sql_positional_args", lambda s: s.sql("SELECT ? + 1 AS x, ? AS y", args=[41, "q"]))
case("sql_arg_column", lambda s: s.sql("SELECT :a AS x", args={"a": F.array(F.lit(1), F.lit(2))}))
case("sql_arg_missing", lambda s: s.sql("SELECT :a AS x", args={"b": 1}))
case("sql_arg_date", lambda s: s.sql("SELECT :a AS x", args={"a": dt.date(2024, 1, 2)}))
case("sql_frames", lambda s: s.sql("SELECT count(*) AS n FROM {p} JOIN {t} USING (team)", p=people(s), t=teams(s)))
case("sql_identifier_arg", lambda s: s.sql("SELECT IDENTIFIER(:c) AS x FROM VALUES (1, 2) t(a, b)", args={"c": "b"}))
case("in_subquery_two", lambda s: sales(s).where(F.struct("team", "year").isin(sales(s).where("amount > 20").select("team", "year"))))  # fmt: skip
case("not_exists", lambda s: teams(s).alias("t").where(~people(s).alias("p").where(F.col("p.team") == F.col("t.team").outer()).exists()))  # fmt: skip
case("scalar_subquery_many_rows", lambda s: s.range(1).select(people(s).select("id").scalar()).collect())
case("scalar_subquery_columns", lambda s: s.range(1).select(people(s).select("id", "age").scalar()))

# --------------------------------------------------------------------------------------------------------------
# Hidden columns of files, changes
# --------------------------------------------------------------------------------------------------------------


def two_files(s: SparkSession) -> DataFrame:
    """Four rows in two files, their names fixed by partition directories."""
    directory = tempfile.mkdtemp(dir=SCRATCH.name) + "/data"
    s.range(4).selectExpr("id", "id % 2 AS p").repartition(1).write.partitionBy("p").csv(directory)
    return s.read.schema("id LONG, p INT").csv(directory)


def folder(path: Any) -> Any:
    return F.regexp_extract(path, "(p=[0-9])/part-[^/]*$", 1)


case("metadata_path", lambda s: two_files(s).select("id", folder(F.col("_metadata.file_path")).alias("f")))
case("metadata_scheme", lambda s: two_files(s).select(F.substring("_metadata.file_path", 1, 6)).distinct())
case("metadata_sizes", lambda s: two_files(s).select("_metadata.file_size", "_metadata.file_block_start", "_metadata.file_block_length"))  # fmt: skip
case("metadata_schema", lambda s: two_files(s).select("_metadata").schema.simpleString())
case("metadata_hidden", lambda s: two_files(s).columns)
case("metadata_star", lambda s: two_files(s).select("*", "_metadata").columns)
case("metadata_filter", lambda s: two_files(s).where(folder(F.col("_metadata.file_path")) == "p=1"))
case("metadata_after_select", lambda s: two_files(s).select("id").where("id > 1").select("id", folder(F.col("_metadata.file_path")).alias("f")))  # fmt: skip
case("metadata_with_column", lambda s: two_files(s).withColumn("f", folder(F.col("_metadata.file_path"))))
case("metadata_group", lambda s: two_files(s).groupBy(folder(F.col("_metadata.file_path")).alias("f")).agg(F.sum("id")))
case("metadata_alias", lambda s: two_files(s).alias("a").select(F.col("a._metadata.file_block_start")))
case("metadata_method", lambda s: (lambda d: d.select(d.metadataColumn("_metadata").getField("file_block_start")))(two_files(s)))  # fmt: skip
case("metadata_after_group", lambda s: two_files(s).groupBy("id").count().select("_metadata"))
case("metadata_after_join", lambda s: two_files(s).join(s.range(2), "id").select("_metadata.file_size"))
case("metadata_modified", lambda s: two_files(s).select((F.col("_metadata.file_modification_time") > "2020-01-01").alias("n")).distinct())  # fmt: skip
case("input_file_name_folder", lambda s: two_files(s).select("id", folder(F.input_file_name()).alias("f")))
case("input_file_name_scheme", lambda s: two_files(s).select(F.substring(F.input_file_name(), 1, 8).alias("f")).distinct())  # fmt: skip
case("input_file_block", lambda s: two_files(s).select("id", F.input_file_block_start(), F.input_file_block_length()))
case("input_file_none", lambda s: s.range(1).select(F.input_file_name(), F.input_file_block_start(), F.input_file_block_length()))  # fmt: skip
case("changes_refused", lambda s: s.read.changes("range").collect())
case("metadata_column_none", lambda s: people(s).select(people(s).metadataColumn("_metadata")))
