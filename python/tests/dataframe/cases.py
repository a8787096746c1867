"""The DataFrame cases: small programs against the DataFrame API, grouped by what they ask of it.

A case takes a session and returns a DataFrame, or any Python value, or raises. Rows are compared in any order unless
the case says `ordered`. Inputs are made here, so the cases also cover `createDataFrame`. They run unchanged on real
Spark: nothing in this file knows Firesteel.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
from pyspark.sql import Row, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class Case:
    name: str
    make: Callable[[SparkSession], Any]
    ordered: bool = False


CASES: list[Case] = []


def case(name: str, make: Callable[[SparkSession], Any], ordered: bool = False) -> None:
    CASES.append(Case(name, make, ordered))


# --------------------------------------------------------------------------------------------------------------
# Inputs
# --------------------------------------------------------------------------------------------------------------


def people(s: SparkSession) -> DataFrame:
    rows = [(1, "Ann", 30, "x"), (2, "Bob", None, "y"), (3, "Cid", 25, "x"), (4, None, 41, "z"), (5, "Ann", 22, None)]
    return s.createDataFrame(rows, "id INT, name STRING, age INT, team STRING")


def sales(s: SparkSession) -> DataFrame:
    rows = [
        ("x", 2023, "a", 10.0), ("x", 2023, "b", 20.5), ("x", 2024, "a", 30.25), ("y", 2023, "a", 5.0),
        ("y", 2024, "b", None), ("y", 2024, "b", 7.75), (None, 2024, "c", 1.0),
    ]  # fmt: skip
    return s.createDataFrame(rows, "team STRING, year INT, item STRING, amount DOUBLE")


def teams(s: SparkSession) -> DataFrame:
    return s.createDataFrame([("x", "Xenon"), ("y", "Yttrium"), ("q", "Quartz")], "team STRING, label STRING")


def nested(s: SparkSession) -> DataFrame:
    schema = "id INT, s STRUCT<a: INT, b: STRUCT<c: STRING, d: DOUBLE>>, xs ARRAY<INT>, m MAP<STRING, INT>"
    rows = [
        (1, (10, ("p", 1.5)), [1, 2, 3], {"k": 1, "l": 2}),
        (2, (None, ("q", None)), [], {}),
        (3, None, None, None),
        (4, (40, None), [None, 7], {"k": None}),
    ]
    return s.createDataFrame(rows, schema)


# --------------------------------------------------------------------------------------------------------------
# Making DataFrames
# --------------------------------------------------------------------------------------------------------------

case("create_tuples_names", lambda s: s.createDataFrame([(1, "a"), (2, None)], ["x", "y"]))
case("create_tuples_no_names", lambda s: s.createDataFrame([(1, "a", 2.5, True)]))
case("create_dicts", lambda s: s.createDataFrame([{"b": 1, "a": "x"}, {"a": "y", "c": 2.5}]))
case("create_rows", lambda s: s.createDataFrame([Row(z=1, a="x"), Row(z=2, a=None)]))
case("create_scalar_type", lambda s: s.createDataFrame([1, 2, None], T.IntegerType()))
case("create_empty", lambda s: s.createDataFrame([], "a INT, b STRING, c ARRAY<DOUBLE>"))
case("create_no_rows_no_schema", lambda s: s.createDataFrame([]))
case("create_all_null_column", lambda s: s.createDataFrame([(1, None), (2, None)], ["x", "y"]))
case("create_nested_inferred", lambda s: s.createDataFrame([Row(a=Row(b=1, c=[1.5, None]), m={"k": "v"})]))
case(
    "create_every_type",
    lambda s: s.createDataFrame(
        [
            (
                True, 1, 2, 3, 4, 1.5, 2.5, Decimal("12.340"), "é日", b"\x00\xff", dt.date(2024, 2, 29),
                dt.datetime(2024, 2, 29, 12, 34, 56, 789012), dt.datetime(2024, 1, 1, 0, 0), dt.timedelta(days=1, seconds=2),
            ),
            (None,) * 14,
        ],
        "bo BOOLEAN, ti TINYINT, sm SMALLINT, i INT, l BIGINT, f FLOAT, d DOUBLE, de DECIMAL(10, 3), s STRING, b BINARY, "
        "da DATE, ts TIMESTAMP, tn TIMESTAMP_NTZ, iv INTERVAL DAY TO SECOND",
    ),
)  # fmt: skip
case(
    "create_extremes",
    lambda s: s.createDataFrame(
        [(-(2**63), 2**63 - 1, -128, float("nan"), float("-inf"), -0.0, Decimal("9" * 38), dt.date(1, 1, 1), "")],
        "a BIGINT, b BIGINT, c TINYINT, d DOUBLE, e DOUBLE, f DOUBLE, g DECIMAL(38, 0), h DATE, i STRING",
    ),
)
case("create_value_out_of_range", lambda s: s.createDataFrame([(300,)], "x TINYINT"))
case("create_wrong_type", lambda s: s.createDataFrame([("a",)], "x INT"))
case("create_null_in_non_nullable", lambda s: s.createDataFrame([(None,)], T.StructType([T.StructField("x", T.IntegerType(), False)])))  # fmt: skip
case("create_pandas", lambda s: s.createDataFrame(pd.DataFrame({"i": [1, 2], "f": [1.5, None], "s": ["a", None], "b": [True, False]})))  # fmt: skip
case("create_pandas_timestamps", lambda s: s.createDataFrame(pd.DataFrame({"t": pd.to_datetime(["2024-01-01 12:00", None])})))  # fmt: skip
case(
    "create_pandas_schema", lambda s: s.createDataFrame(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), "x STRING, y DOUBLE")
)
case("create_pandas_lists", lambda s: s.createDataFrame(pd.DataFrame({"xs": [[1, 2], [3]], "n": [1, 2]})))
case("create_pandas_empty", lambda s: s.createDataFrame(pd.DataFrame({"a": pd.Series([], dtype="int64")})))
case("create_many_rows", lambda s: s.createDataFrame([(i, str(i) * 3) for i in range(5000)], "i INT, s STRING").agg(F.sum("i"), F.sum(F.length("s"))))  # fmt: skip
case("range_one", lambda s: s.range(3))
case("range_steps", lambda s: s.range(10, 0, -3), ordered=True)
case("range_partitions", lambda s: s.range(0, 10, 1, 4).select("id", F.spark_partition_id().alias("p")))
case("sql_args_named", lambda s: s.sql("SELECT :a + 1 AS x, :b AS y", args={"a": 41, "b": "q"}))
case("sql_args_positional", lambda s: s.sql("SELECT ? AS x, ? AS y", args=[1, None]))
case("sql_with_dataframe", lambda s: s.sql("SELECT count(*) AS n FROM {p} WHERE age > {a}", p=people(s), a=24))
case("to_df", lambda s: people(s).toDF("a", "b", "c", "d"))
case("to_df_wrong_count", lambda s: people(s).toDF("a", "b"))
case("to_schema", lambda s: people(s).to(T.StructType([T.StructField("age", T.LongType()), T.StructField("id", T.StringType())])))  # fmt: skip
case("collect_types", lambda s: [type(v).__name__ for v in nested(s).first()])

# --------------------------------------------------------------------------------------------------------------
# Projections
# --------------------------------------------------------------------------------------------------------------

case("select_names", lambda s: people(s).select("id", "name"))
case("select_star_and_more", lambda s: people(s).select("*", (F.col("age") + 1).alias("next")))
case("select_df_column", lambda s: (lambda d: d.select(d.id, d["name"], d.age * 2))(people(s)))
case("select_case_insensitive", lambda s: people(s).select("ID", F.col("NAME")))
case("select_missing", lambda s: people(s).select("nope"))
case("select_expressions_names", lambda s: people(s).select(F.col("age") + 1, -F.col("age"), ~F.col("age").isNull(), F.col("name").like("A%"), F.col("age").cast("string"), F.lit(1), F.lit("a"), F.lit(None), F.lit(2.5)))  # fmt: skip
case("select_literals", lambda s: s.range(1).select(F.lit([1, 2]), F.lit(dt.date(2024, 1, 2)), F.lit(dt.datetime(2024, 1, 2, 3, 4)), F.lit(Decimal("1.50")), F.lit(True), F.lit(b"\x01"), F.lit(2**40)))  # fmt: skip
case("select_expr", lambda s: people(s).selectExpr("id * 10 AS tens", "upper(name)", "*"))
case("select_expr_function", lambda s: people(s).select(F.expr("CASE WHEN age > 28 THEN 'old' ELSE 'young' END AS g"), F.expr("length(name)")))  # fmt: skip
case("select_duplicate_names", lambda s: people(s).select("id", "id", F.lit(1).alias("id")))
case("select_ambiguous_later", lambda s: people(s).select("id", "id").select("id"))
case("select_col_regex", lambda s: people(s).select(people(s).colRegex("`^(id|a.*)$`")))
case("select_nothing", lambda s: people(s).select().count())
case("select_dotted_name", lambda s: s.createDataFrame([(1, 2)], ["a.b", "c d"]).select("`a.b`", "`c d`"))
case("select_dotted_name_unquoted", lambda s: s.createDataFrame([(1, 2)], ["a.b", "c d"]).select("a.b"))
case("select_when_chain", lambda s: people(s).select("id", F.when(F.col("age") < 25, "a").when(F.col("age") < 35, "b").otherwise("c")))  # fmt: skip
case("select_when_no_otherwise", lambda s: people(s).select(F.when(F.col("age") < 25, F.col("id")).alias("w")))
case("select_between_isin", lambda s: people(s).select("id", F.col("age").between(22, 30), F.col("team").isin("x", "y"), F.col("id").isin([1, 2])))  # fmt: skip
case("select_eq_null_safe", lambda s: people(s).select(F.col("team").eqNullSafe("x"), F.col("team") == "x", F.col("team") != "x"))  # fmt: skip
case("select_string_methods", lambda s: people(s).select(F.col("name").startswith("A"), F.col("name").contains("n"), F.col("name").substr(2, 2), F.col("name").rlike("^[AB]"), F.col("name")[0:2]))  # fmt: skip
case("select_arithmetic", lambda s: s.createDataFrame([(7, 2), (-7, 2)], "a INT, b INT").select(F.col("a") / F.col("b"), F.col("a") % F.col("b"), F.col("a") ** 2, 10 - F.col("a"), F.col("a").bitwiseAND(3)))  # fmt: skip
case("select_divide_by_zero", lambda s: s.range(2).select(F.lit(1) / F.col("id")))
case("select_cast_error", lambda s: people(s).select(F.col("name").cast("int")))
case("select_try_cast", lambda s: people(s).select(F.col("name").try_cast("int")))
case("with_column", lambda s: people(s).withColumn("double", F.col("age") * 2).withColumn("age", F.lit(0)))
case("with_column_case", lambda s: people(s).withColumn("AGE", F.lit(1)))
case("with_columns", lambda s: people(s).withColumns({"a": F.col("age") + 1, "id": F.lit("i")}))
case("with_column_chain_50", lambda s: _chain(s.range(1), 50))
case("with_column_renamed", lambda s: people(s).withColumnRenamed("age", "years").withColumnRenamed("nope", "x"))
case("with_columns_renamed", lambda s: people(s).withColumnsRenamed({"id": "key", "name": "who"}))
case("with_metadata", lambda s: json.dumps(people(s).withMetadata("age", {"unit": "y"}).schema["age"].metadata))
case("alias_metadata", lambda s: people(s).select(F.col("age").alias("a", metadata={"k": [1, 2]})))
case("drop", lambda s: people(s).drop("age", "nope"))
case("drop_column_object", lambda s: people(s).drop(F.col("age"), F.col("id")))
case("drop_after_join", lambda s: (lambda a, b: a.join(b, a.team == b.team).drop(b.team))(people(s), teams(s)))
case("alias_dotted", lambda s: people(s).alias("p").select("p.id", "p.*", F.col("p.name").alias("n")))
case("filter_string", lambda s: people(s).filter("age > 24 AND team = 'x'"))
case("filter_column", lambda s: people(s).where((F.col("age") > 24) | F.col("team").isNull()))
case("filter_not_boolean", lambda s: people(s).filter(F.col("age")))
case("filter_chain_dropped_column", lambda s: people(s).select("id").filter(F.col("age") > 24))
case("distinct", lambda s: people(s).select("team").distinct())
case("drop_duplicates_subset", lambda s: people(s).select("name", "team").dropDuplicates(["name"]).count())
case("drop_duplicates_all", lambda s: s.createDataFrame([(1, "a"), (1, "a"), (1, "b"), (None, None), (None, None)], "x INT, y STRING").dropDuplicates())  # fmt: skip
case("drop_duplicates_missing", lambda s: people(s).dropDuplicates(["nope"]))


def _chain(frame: DataFrame, n: int) -> DataFrame:
    for i in range(n):
        frame = frame.withColumn(f"c{i}", F.col("id") + i)
    return frame.select("c0", f"c{n - 1}")


# --------------------------------------------------------------------------------------------------------------
# Nested data
# --------------------------------------------------------------------------------------------------------------

case("struct_fields", lambda s: nested(s).select("id", "s.a", "s.b.c", F.col("s.b.d"), F.col("s")["a"], F.col("s").getField("b")))  # fmt: skip
case("struct_star", lambda s: nested(s).select("s.*"))
case(
    "array_items",
    lambda s: nested(s).select("id", F.get("xs", F.lit(0)), F.try_element_at("xs", F.lit(-1)), F.size("xs")),
)
case("array_item_out_of_range", lambda s: nested(s).select(F.col("xs")[5]))
case("map_items", lambda s: nested(s).select("id", F.col("m")["k"], F.col("m").getItem("z"), F.map_keys("m"), F.map_values("m")))  # fmt: skip
case(
    "with_field",
    lambda s: nested(s).select(F.col("s").withField("a", F.lit(0)).withField("new", F.lit("n")).alias("s")),
)
case("with_field_nested", lambda s: nested(s).select(F.col("s").withField("b.e", F.lit(9)).alias("s")))
case("drop_fields", lambda s: nested(s).select(F.col("s").dropFields("b.c", "a").alias("s")))
case("explode", lambda s: nested(s).select("id", F.explode("xs").alias("x")))
case("explode_outer", lambda s: nested(s).select("id", F.explode_outer("xs")))
case("posexplode", lambda s: nested(s).select("id", F.posexplode("xs")))
case("posexplode_alias", lambda s: nested(s).select("id", F.posexplode("xs").alias("i", "x")))
case("explode_map", lambda s: nested(s).select("id", F.explode("m")))
case("explode_with_column", lambda s: nested(s).withColumn("x", F.explode("xs")).drop("s", "m"))
case("explode_twice", lambda s: nested(s).select(F.explode("xs"), F.explode("xs")))
case("inline", lambda s: nested(s).select(F.inline(F.array(F.struct(F.col("id").alias("i"), F.lit("z").alias("z"))))))
case("struct_build", lambda s: people(s).select(F.struct("id", "name"), F.struct(F.col("age").alias("a")).alias("s"), F.array("id", "age"), F.create_map(F.lit("k"), "id")))  # fmt: skip
case("higher_order", lambda s: nested(s).select("id", F.transform("xs", lambda x: x + 1), F.transform("xs", lambda x, i: x * i).alias("ti"), F.filter("xs", lambda x: x > 1), F.exists("xs", lambda x: x > 2), F.forall("xs", lambda x: x > 0), F.aggregate("xs", F.lit(0), lambda a, x: a + x).alias("sum")).toDF("id", "t", "ti", "f", "e", "a", "sum"))  # fmt: skip
case("higher_order_maps", lambda s: nested(s).select(F.transform_values("m", lambda k, v: v * 10).alias("v"), F.map_filter("m", lambda k, v: v > 1).alias("f"), F.transform_keys("m", lambda k, v: F.upper(k)).alias("k")))  # fmt: skip
case("zip_with", lambda s: nested(s).select(F.zip_with("xs", "xs", lambda a, b: a + b).alias("z"), F.arrays_zip("xs", "xs").alias("q")))  # fmt: skip
case("array_functions", lambda s: nested(s).select("id", F.array_distinct("xs"), F.sort_array("xs", asc=False), F.array_contains("xs", 2), F.concat("xs", F.array(F.lit(9))), F.slice("xs", 1, 2), F.array_join(F.col("xs").cast("array<string>"), "-", "?")))  # fmt: skip
case("json_round_trip", lambda s: nested(s).select("id", F.to_json("s").alias("j")).withColumn("b", F.from_json("j", "a INT, b STRUCT<c: STRING, d: DOUBLE>")))  # fmt: skip
case("nested_cast", lambda s: nested(s).select(F.col("xs").cast("array<string>"), F.col("s").cast("struct<x: string, y: struct<p: string, q: int>>")))  # fmt: skip
case("nested_equality", lambda s: nested(s).select("id", F.col("s") == F.col("s"), F.col("xs") == F.array(F.lit(1), F.lit(2), F.lit(3))))  # fmt: skip

# --------------------------------------------------------------------------------------------------------------
# Joins
# --------------------------------------------------------------------------------------------------------------

for _how in ["inner", "left", "right", "outer", "leftsemi", "leftanti", "cross"]:
    case(f"join_using_{_how}", lambda s, how=_how: people(s).join(teams(s), "team", how))
    case(f"join_on_{_how}", lambda s, how=_how: (lambda a, b: a.join(b, a.team == b.team, how))(people(s), teams(s)))
case(
    "join_using_list", lambda s: sales(s).join(sales(s).select("team", "year", F.lit(1).alias("one")), ["team", "year"])
)
case("join_condition_list", lambda s: (lambda a, b: a.join(b, [a.team == b.team, a.id > 1]))(people(s), teams(s)))
case("join_no_condition", lambda s: people(s).select("id").join(teams(s).select("label")))
case("join_cross", lambda s: people(s).select("id").crossJoin(teams(s)))
case("join_null_safe", lambda s: (lambda a, b: a.join(b, a.team.eqNullSafe(b.team)).select(a.id, b.item))(people(s), sales(s)))  # fmt: skip
case(
    "join_range", lambda s: (lambda a, b: a.join(b, a.age < b.age).select(a.id, b.id))(people(s), people(s).alias("b"))
)
case("join_self_alias", lambda s: people(s).alias("l").join(people(s).alias("r"), F.col("l.name") == F.col("r.name")).select("l.id", "r.id"))  # fmt: skip
case("join_self_same_df", lambda s: (lambda d: d.join(d, d.id == d.id))(people(s)))
case("join_self_renamed", lambda s: (lambda d: d.join(d.withColumnRenamed("id", "rid"), F.col("id") == F.col("rid")).select("id", "rid"))(people(s)))  # fmt: skip
case("join_self_filtered", lambda s: (lambda d: (lambda f: d.join(f, d.id == f.id, "left").select(d.id, f.name))(d.filter("id > 3")))(people(s)))  # fmt: skip
case("join_self_plan_ids", lambda s: (lambda a, b: a.join(b, a.team == b.team).select(a.id, b.id, a["name"], b["name"]))(people(s), people(s)))  # fmt: skip
case("join_ambiguous", lambda s: people(s).join(teams(s), people(s).team == teams(s).team).select("team"))
case("join_duplicate_output", lambda s: (lambda a, b: a.join(b, a.team == b.team).columns)(people(s), teams(s)))
case("join_after_aggregate", lambda s: (lambda d: d.join(d.groupBy("team").agg(F.max("age").alias("oldest")), "team", "left"))(people(s)))  # fmt: skip
case("join_three", lambda s: people(s).join(teams(s), "team").join(sales(s), "team").select("id", "label", "amount"))
case(
    "join_type_widening", lambda s: s.createDataFrame([(1,)], "k INT").join(s.createDataFrame([(1,)], "k BIGINT"), "k")
)
case("join_semi_then_columns", lambda s: people(s).join(teams(s), "team", "semi").columns)
case("join_missing_column", lambda s: people(s).join(teams(s), "nope"))
case("join_broadcast_hint", lambda s: people(s).join(F.broadcast(teams(s)), "team").select("id", "label"))
case(
    "join_struct_key",
    lambda s: (lambda d: d.join(d.select("s", F.lit(1).alias("one")), "s"))(nested(s).select("id", "s")),
)
case("lateral_join", lambda s: nested(s).select("id", "xs").lateralJoin(s.tvf.explode(F.col("xs").outer()).alias("e")))
case(
    "lateral_join_left",
    lambda s: nested(s).select("id", "xs").lateralJoin(s.tvf.explode(F.col("xs").outer()), how="left"),
)

# --------------------------------------------------------------------------------------------------------------
# Aggregates
# --------------------------------------------------------------------------------------------------------------

case("agg_global", lambda s: sales(s).agg(F.count("*"), F.sum("amount"), F.avg("amount"), F.min("item"), F.max("year")))
case("agg_dict", lambda s: sales(s).groupBy("team").agg({"amount": "sum", "year": "max", "*": "count"}))
case("agg_empty_input", lambda s: sales(s).filter("false").agg(F.count("*"), F.sum("amount"), F.collect_list("item")))
case("agg_empty_groups", lambda s: sales(s).filter("false").groupBy("team").count())
case("group_count", lambda s: sales(s).groupBy("team").count())
case("group_short_methods", lambda s: sales(s).groupBy("item").sum("amount", "year"))
case("group_mean_all", lambda s: sales(s).groupBy("team").mean())
case("group_min_max", lambda s: (lambda g: g.min("amount").join(g.max("amount"), "team"))(sales(s).groupBy("team")))
case("group_expression", lambda s: sales(s).groupBy((F.col("year") % 2).alias("odd"), F.upper("item")).agg(F.sum("amount").alias("t")))  # fmt: skip
case("group_names", lambda s: sales(s).groupBy("team").agg(F.sum(F.col("amount") * 2), F.count_distinct("item"), F.sum_distinct("year"), F.countDistinct("item", "year"), F.first("year"), F.stddev("amount")).columns)  # fmt: skip
case("group_statistics", lambda s: sales(s).groupBy("team").agg(F.stddev("amount").alias("sd"), F.variance("amount").alias("v"), F.skewness("amount").alias("sk"), F.corr("year", "amount").alias("c"), F.median("amount").alias("m"), F.percentile("amount", 0.25).alias("p")))  # fmt: skip
case("group_collect", lambda s: sales(s).groupBy("team").agg(F.sort_array(F.collect_list("amount")).alias("l"), F.sort_array(F.collect_set("item")).alias("s"), F.max_by("item", "amount").alias("m"), F.count_if(F.col("amount") > 6).alias("c")))  # fmt: skip
case("group_filter_having", lambda s: sales(s).groupBy("team").agg(F.sum("amount").alias("t")).where("t > 10"))
case("group_by_position", lambda s: sales(s).groupBy(1).count())
case("group_missing_aggregate", lambda s: sales(s).groupBy("team").agg(F.col("year")))
case("group_nan_zero", lambda s: s.createDataFrame([(float("nan"),), (float("nan"),), (0.0,), (-0.0,), (None,)], "x DOUBLE").groupBy("x").count())  # fmt: skip
case("group_struct", lambda s: nested(s).groupBy("s").count())
case("group_decimal", lambda s: s.createDataFrame([(Decimal("1.10"), 1), (Decimal("1.10"), 2)], "d DECIMAL(5, 2), x INT").groupBy("d").agg(F.sum("d"), F.avg("d"), F.sum("x")))  # fmt: skip
case("rollup", lambda s: sales(s).rollup("team", "year").agg(F.sum("amount").alias("t"), F.grouping_id().alias("g")))
case("cube", lambda s: sales(s).cube("team", "item").agg(F.count("*").alias("n"), F.grouping("team").alias("g")))
case(
    "grouping_sets",
    lambda s: sales(s).groupingSets([["team"], ["year"], []], "team", "year").agg(F.count("*").alias("n")),
)
case("pivot_values", lambda s: sales(s).groupBy("team").pivot("year", [2023, 2024]).sum("amount"))
case("pivot_inferred", lambda s: sales(s).groupBy("team").pivot("item").agg(F.count("year")))
case("pivot_two_aggregates", lambda s: sales(s).groupBy("team").pivot("item", ["a", "b"]).agg(F.sum("amount").alias("s"), F.max("year")))  # fmt: skip
case("pivot_no_group", lambda s: sales(s).groupBy().pivot("item", ["a", "b"]).agg(F.sum("amount")))
case("crosstab", lambda s: sales(s).crosstab("team", "item"))
case("cov_corr", lambda s: [sales(s).na.drop().cov("year", "amount"), sales(s).na.drop().corr("year", "amount")])
case("approx_quantile", lambda s: s.range(101).approxQuantile("id", [0.0, 0.25, 0.5, 1.0], 0.0))
case("approx_quantile_columns", lambda s: people(s).approxQuantile(["id", "age"], [0.5], 0.0))
case("freq_items", lambda s: [sorted(v) for v in s.createDataFrame([(1,), (1,), (1,), (2,)], "x INT").freqItems(["x"], 0.6).first()])  # fmt: skip
case("describe", lambda s: people(s).describe(), ordered=True)
case("describe_columns", lambda s: people(s).describe("age", "name"), ordered=True)
case("summary", lambda s: people(s).summary(), ordered=True)
case("summary_some", lambda s: people(s).select("age").summary("count", "min", "33%", "count_distinct"), ordered=True)
case("count_method", lambda s: [people(s).count(), people(s).filter("age > 100").count(), people(s).isEmpty()])
case("transpose", lambda s: s.createDataFrame([("a", 1, 2), ("b", 3, 4)], "k STRING, x INT, y INT").transpose("k"))
case("observe", lambda s: _observed(s))


def _observed(s: SparkSession) -> dict[str, Any]:
    from pyspark.sql import Observation

    observation = Observation("stats")
    people(s).observe(observation, F.count(F.lit(1)).alias("n"), F.max("age").alias("oldest")).collect()
    return observation.get


# --------------------------------------------------------------------------------------------------------------
# Windows
# --------------------------------------------------------------------------------------------------------------


def by_age() -> Any:
    return Window.partitionBy("team").orderBy("age")


case("window_ranking", lambda s: people(s).select("id", F.row_number().over(by_age()).alias("n"), F.rank().over(Window.orderBy("team")).alias("r"), F.dense_rank().over(Window.orderBy("team")).alias("d"), F.percent_rank().over(Window.orderBy("id")).alias("p"), F.ntile(2).over(Window.orderBy("id")).alias("t")))  # fmt: skip
case("window_offsets", lambda s: people(s).select("id", F.lag("age").over(by_age()).alias("l"), F.lead("age", 1, -1).over(by_age()).alias("e"), F.first("age").over(by_age()).alias("f"), F.nth_value("age", 2).over(by_age()).alias("n")))  # fmt: skip
case("window_running", lambda s: sales(s).select("team", "amount", F.sum("amount").over(Window.partitionBy("team").orderBy("year", "item", "amount").rowsBetween(Window.unboundedPreceding, 0)).alias("t")))  # fmt: skip
case("window_moving", lambda s: s.range(6).select("id", F.avg("id").over(Window.orderBy("id").rowsBetween(-1, 1)).alias("a"), F.sum("id").over(Window.orderBy("id").rangeBetween(-2, 0)).alias("r")))  # fmt: skip
case("window_whole", lambda s: people(s).withColumn("share", F.col("age") / F.sum("age").over(Window.partitionBy())))
case("window_names", lambda s: people(s).select(F.sum("age").over(Window.partitionBy("team").orderBy(F.desc("id"))), F.row_number().over(Window.orderBy("id"))).columns)  # fmt: skip
case("window_filter_top", lambda s: people(s).withColumn("n", F.row_number().over(Window.partitionBy("team").orderBy(F.desc_nulls_last("age")))).filter("n = 1").drop("n"))  # fmt: skip
case("window_not_ordered", lambda s: people(s).select(F.row_number().over(Window.partitionBy("team"))))
case("window_after_group", lambda s: sales(s).groupBy("team").agg(F.sum("amount").alias("t")).withColumn("r", F.rank().over(Window.orderBy(F.desc("t")))))  # fmt: skip
case("window_collect", lambda s: people(s).select("id", F.collect_list("id").over(Window.partitionBy("team").orderBy("id")).alias("so_far")))  # fmt: skip

# --------------------------------------------------------------------------------------------------------------
# Sets, order, limits
# --------------------------------------------------------------------------------------------------------------


def ab(s: SparkSession, *rows: tuple[Any, ...]) -> DataFrame:
    return s.createDataFrame(list(rows), "a INT, b STRING")


case("union", lambda s: ab(s, (1, "x"), (1, "x")).union(ab(s, (1, "x"), (None, None))))
case("union_widening", lambda s: s.range(2).union(s.createDataFrame([(1.5,)], "x DOUBLE")))
case("union_column_count", lambda s: s.range(2).union(ab(s, (1, "x"))))
case("union_by_name", lambda s: ab(s, (1, "x")).unionByName(ab(s, (2, "y")).select("b", "a")))
case("union_by_name_missing", lambda s: ab(s, (1, "x")).unionByName(s.createDataFrame([(True, 9)], "c BOOLEAN, a INT"), allowMissingColumns=True))  # fmt: skip
case(
    "union_by_name_mismatch", lambda s: ab(s, (1, "x")).unionByName(s.createDataFrame([(True, 9)], "c BOOLEAN, a INT"))
)
case("intersect", lambda s: ab(s, (1, "x"), (1, "x"), (None, None)).intersect(ab(s, (1, "x"), (None, None))))
case("intersect_all", lambda s: ab(s, (1, "x"), (1, "x"), (2, "y")).intersectAll(ab(s, (1, "x"), (1, "x"), (1, "x"))))
case("subtract", lambda s: ab(s, (1, "x"), (1, "x"), (2, "y"), (None, None)).subtract(ab(s, (2, "y"))))
case("except_all", lambda s: ab(s, (1, "x"), (1, "x"), (2, "y")).exceptAll(ab(s, (1, "x"))))
case("order_nulls", lambda s: people(s).orderBy("age").select("age"), ordered=True)
case("order_desc", lambda s: people(s).orderBy(F.desc("age")).select("age"), ordered=True)
case("order_nulls_explicit", lambda s: people(s).orderBy(F.col("team").desc_nulls_first(), F.asc_nulls_last("age")).select("team", "age"), ordered=True)  # fmt: skip
case("order_ascending_list", lambda s: people(s).orderBy(["team", "id"], ascending=[False, True]).select("team", "id"), ordered=True)  # fmt: skip
case("order_not_selected", lambda s: people(s).select("name", "id").orderBy(F.length("name"), F.col("id").desc()), ordered=True)  # fmt: skip
case("order_by_position", lambda s: people(s).select("id", "name").orderBy(2, 1), ordered=True)
case("sort_struct_array", lambda s: nested(s).orderBy("s", "xs").select("id"), ordered=True)
case("order_map", lambda s: nested(s).orderBy("m"))
case("sort_within_partitions", lambda s: s.range(0, 6, 1, 1).sortWithinPartitions(F.desc("id")), ordered=True)
case("limit", lambda s: people(s).orderBy("id").limit(2), ordered=True)
case("limit_zero", lambda s: people(s).limit(0))
case("offset", lambda s: people(s).orderBy("id").offset(3), ordered=True)
case("offset_limit", lambda s: people(s).orderBy("id").offset(1).limit(2).select("id"), ordered=True)
case("limit_offset", lambda s: people(s).orderBy("id").limit(3).offset(1).select("id"), ordered=True)
case("head_take_tail_first", lambda s: (lambda d: [d.head(), d.head(1), d.take(2), d.tail(2), d.first(), d.filter("id > 99").first()])(people(s).orderBy("id")))  # fmt: skip
case("limit_negative", lambda s: people(s).limit(-1))
case("distinct_then_order", lambda s: people(s).select("name").distinct().orderBy("name"), ordered=True)

# --------------------------------------------------------------------------------------------------------------
# Missing values, reshaping, sampling, partitions
# --------------------------------------------------------------------------------------------------------------

case("fillna_value", lambda s: people(s).fillna(0))
case("fillna_string", lambda s: people(s).fillna("?", subset=["name"]))
case("fillna_dict", lambda s: people(s).fillna({"age": -1, "team": "none"}))
case("fillna_float_on_int", lambda s: people(s).na.fill(1.7))
case("fillna_bool", lambda s: s.createDataFrame([(None, 1)], "b BOOLEAN, i INT").na.fill(True))
case("fillna_nan", lambda s: s.createDataFrame([(float("nan"),), (None,), (1.0,)], "x DOUBLE").fillna(0.5))
case("dropna_any", lambda s: people(s).dropna())
case("dropna_all", lambda s: s.createDataFrame([(None, None), (1, None)], "a INT, b STRING").dropna("all"))
case("dropna_thresh", lambda s: people(s).dropna(thresh=4))
case("dropna_subset", lambda s: people(s).na.drop(subset=["team"]))
case("dropna_nan", lambda s: s.createDataFrame([(float("nan"),), (1.0,)], "x DOUBLE").dropna())
case("replace_value", lambda s: people(s).replace("Ann", "Anna"))
case("replace_dict", lambda s: people(s).replace({30: 31, 25: 26}, subset=["age"]))
case("replace_list", lambda s: people(s).na.replace(["x", "y"], ["1", "2"], "team"))
case("replace_to_null", lambda s: people(s).replace({"Ann": None}))
case("unpivot", lambda s: s.createDataFrame([(1, 2, 3.5), (4, None, 6.5)], "id INT, a INT, b DOUBLE").unpivot("id", ["a", "b"], "name", "value"))  # fmt: skip
case(
    "unpivot_all_values",
    lambda s: s.createDataFrame([(1, 2, 3)], "id INT, a INT, b INT").unpivot(["id"], None, "n", "v"),
)
case("melt", lambda s: s.createDataFrame([(1, 2, 3)], "id INT, a INT, b INT").melt("id", ["a"], "n", "v"))
case("unpivot_mismatch", lambda s: people(s).unpivot("id", ["name", "age"], "n", "v"))
case("sample_bounds", lambda s: [s.range(1000).sample(0.0).count(), s.range(1000).sample(1.0).count(), 300 < s.range(1000).sample(0.5, seed=1).count() < 700])  # fmt: skip
case("sample_same_seed", lambda s: s.range(100).sample(0.3, 7).collect() == s.range(100).sample(0.3, 7).collect())
case("sample_with_replacement", lambda s: 50 < s.range(1000).sample(True, 0.1, 3).count() < 160)
case("sample_by", lambda s: s.range(0, 100, 1, 1).sampleBy(F.col("id") % 3, {0: 1.0, 1: 0.0}, seed=0).agg(F.count("*"), F.min("id"), F.max("id")))  # fmt: skip
case("random_split", lambda s: sum(part.count() for part in s.range(100).randomSplit([0.7, 0.3], seed=1)))
case("rand_seed", lambda s: s.range(0, 4, 1, 1).select(F.rand(42), F.randn(42)), ordered=True)
case("partition_ids", lambda s: s.range(0, 8, 1, 4).select(F.spark_partition_id().alias("p")).groupBy("p").count())
case("monotonic_id", lambda s: s.range(0, 4, 1, 2).select("id", F.monotonically_increasing_id().alias("m")))
case("repartition_n", lambda s: s.range(100).repartition(7).select(F.spark_partition_id()).distinct().count())
case("repartition_hash", lambda s: s.range(20).repartition(5, "id").select("id", F.spark_partition_id().alias("p")))
case("repartition_hash_string", lambda s: people(s).repartition(4, "name", "team").select("id", F.spark_partition_id().alias("p")))  # fmt: skip
case("repartition_range", lambda s: s.range(20).repartitionByRange(4, "id").groupBy(F.spark_partition_id().alias("p")).agg(F.min("id"), F.max("id")).count())  # fmt: skip
case(
    "coalesce_partitions", lambda s: s.range(0, 10, 1, 8).coalesce(2).select(F.spark_partition_id()).distinct().count()
)
case("repartition_keeps_rows", lambda s: s.range(1000).repartition(3).repartition(5, "id").coalesce(1).agg(F.sum("id"), F.count("*")))  # fmt: skip
case("repartition_zero", lambda s: s.range(2).repartition(0))
case("hint", lambda s: people(s).hint("broadcast").count())
case("cache_then_count", lambda s: (lambda d: [d.cache().count(), d.filter("id > 2").count(), d.unpersist().count()])(people(s)))  # fmt: skip

# --------------------------------------------------------------------------------------------------------------
# Subqueries, views
# --------------------------------------------------------------------------------------------------------------

case(
    "scalar_subquery",
    lambda s: people(s).select("id", (F.col("age") - people(s).agg(F.avg("age")).scalar()).alias("d")),
)
case("scalar_subquery_correlated", lambda s: teams(s).alias("t").select("team", people(s).alias("p").where(F.col("p.team") == F.col("t.team").outer()).agg(F.max("age")).scalar().alias("oldest")))  # fmt: skip
case("exists_subquery", lambda s: teams(s).alias("t").where(people(s).alias("p").where(F.col("p.team") == F.col("t.team").outer()).exists()))  # fmt: skip
case("in_subquery", lambda s: people(s).where(F.col("team").isin(teams(s).select("team"))).select("id"))
case(
    "temp_view",
    lambda s: (people(s).createOrReplaceTempView("case_people"), s.sql("SELECT max(age) AS m FROM case_people"))[1],
)
case(
    "temp_view_table",
    lambda s: (people(s).createOrReplaceTempView("case_people"), s.table("case_people").filter("id = 1"))[1],
)
case("temp_view_replaced", lambda s: (s.range(1).createOrReplaceTempView("case_v"), s.range(5).createOrReplaceTempView("case_v"), s.table("case_v").count())[2])  # fmt: skip
case("temp_view_dropped", lambda s: (s.range(1).createOrReplaceTempView("case_w"), s.catalog.dropTempView("case_w"), s.table("case_w"))[2])  # fmt: skip
case("global_temp_view", lambda s: (s.range(3).createOrReplaceGlobalTempView("case_g"), s.sql("SELECT count(*) AS n FROM global_temp.case_g"))[1])  # fmt: skip
case("view_keeps_old_plan", lambda s: (s.range(2).createOrReplaceTempView("case_o"), s.table("case_o").withColumn("x", F.lit(1)).createOrReplaceTempView("case_o"), s.table("case_o"))[2])  # fmt: skip

# --------------------------------------------------------------------------------------------------------------
# What people print
# --------------------------------------------------------------------------------------------------------------


def shown(frame: DataFrame, n: int = 20, truncate: bool | int = True, vertical: bool = False) -> str:
    return frame._show_string(n, truncate, vertical)  # type: ignore[operator]


def tree(frame: DataFrame) -> str:
    return frame.schema.treeString()


case("show_plain", lambda s: shown(people(s).orderBy("id")))
case("show_rows", lambda s: shown(people(s).orderBy("id"), 2))
case("show_zero_rows", lambda s: shown(people(s), 0))
case("show_empty", lambda s: shown(people(s).limit(0)))
case("show_no_columns", lambda s: shown(people(s).select().limit(1)))
case("show_truncate", lambda s: shown(s.createDataFrame([("a" * 30, "short"), ("é" * 21, None)], "long_column STRING, b STRING")))  # fmt: skip
case("show_truncate_number", lambda s: shown(s.createDataFrame([("abcdefghij", 123456)], "a STRING, b INT"), 20, 5))
case("show_truncate_tiny", lambda s: shown(s.createDataFrame([("abcdefghij", 123456)], "a STRING, b INT"), 20, 2))
case("show_full", lambda s: shown(s.createDataFrame([("a" * 30, None)], "a STRING, b INT"), 20, False))
case("show_vertical", lambda s: shown(people(s).orderBy("id"), 2, True, True))
case(
    "show_vertical_full",
    lambda s: shown(s.createDataFrame([("a" * 30, None)], "a STRING, longer_name INT"), 5, False, True),
)
case("show_vertical_empty", lambda s: shown(people(s).limit(0), 5, True, True))
case("show_unicode_width", lambda s: shown(s.createDataFrame([("日本語", "é"), ("a", "한글")], ["名前", "b"])))
case("show_control_characters", lambda s: shown(s.createDataFrame([("a\nb\tc\r\\",)], "x STRING"), 20, False))
case("show_types", lambda s: shown(s.createDataFrame([(1.0, 1e10, 1.5e-5, Decimal("1.50"), True, dt.date(2024, 1, 2), dt.datetime(2024, 1, 2, 3, 4, 5, 60000), b"\x01\xff")], "d DOUBLE, e DOUBLE, g DOUBLE, h DECIMAL(5, 2), b BOOLEAN, a DATE, t TIMESTAMP, y BINARY")))  # fmt: skip
case("show_nested", lambda s: shown(nested(s).orderBy("id"), 20, False))
case("show_floats", lambda s: shown(s.createDataFrame([(0.1, float("nan")), (100.0, float("inf")), (12345678.9, -0.0), (1e-4, 1e7), (None, 123456789012345680.0)], "f FLOAT, d DOUBLE"), 20, False))  # fmt: skip
case("show_intervals", lambda s: shown(s.sql("SELECT INTERVAL '1 02:03:04' DAY TO SECOND AS a, INTERVAL '1-2' YEAR TO MONTH AS b, make_interval(1, 2, 3) AS c"), 20, False))  # fmt: skip
case("print_schema", lambda s: tree(nested(s)))
case("print_schema_nullability", lambda s: tree(people(s).select(F.lit(1), F.col("id").isNull(), F.coalesce("age", F.lit(0)), F.count("*").over(Window.partitionBy()), F.array(F.lit(1)), F.struct("id"), F.concat("name", F.lit("")), F.col("age") + 1, F.current_date(), F.upper(F.lit("a")))))  # fmt: skip
case("print_schema_range", lambda s: tree(s.range(1).withColumn("x", F.col("id") + 1).withColumn("y", F.when(F.col("id") > 0, 1))))  # fmt: skip
case("print_schema_aggregate", lambda s: tree(people(s).groupBy("team").agg(F.count("*"), F.sum("id"), F.collect_list("id"), F.max("age"))))  # fmt: skip
case("print_schema_outer_join", lambda s: tree(s.range(1).join(s.range(1).withColumn("x", F.lit(1)), "id", "left")))
case("print_schema_fillna", lambda s: tree(people(s).fillna({"age": 0})))
case("dtypes_columns", lambda s: [list(map(list, nested(s).dtypes)), people(s).columns])
case("schema_ddl", lambda s: nested(s).schema.simpleString())
case("to_pandas", lambda s: (lambda p: [list(p.columns), [str(t) for t in p.dtypes], json.loads(p.to_json(orient="values"))])(people(s).orderBy("id").toPandas()))  # fmt: skip
case(
    "to_json_rows",
    lambda s: (lambda d: d.select(F.to_json(F.struct("*")).alias("j")).orderBy("id"))(people(s)),
    ordered=True,
)
case("to_local_iterator", lambda s: [row.id for row in people(s).orderBy("id").toLocalIterator()])
case(
    "to_arrow", lambda s: (lambda t: [t.num_rows, t.schema.names, [str(f.type) for f in t.schema]])(people(s).toArrow())
)
case("input_files_empty", lambda s: people(s).inputFiles())
case("same_semantics", lambda s: [s.range(3).sameSemantics(s.range(3)), s.range(3).sameSemantics(s.range(4))])
case(
    "transform_method",
    lambda s: people(s).transform(lambda d: d.filter("id > 3")).transform(lambda d, c: d.select(c), "id"),
)
