"""Python functions of single values and of partitions: with Arrow, over pandas or Arrow, pickled, by name from SQL.

As `group_cases`: functions are local, and the cases run unchanged on real Spark.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, Row, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T
from pyspark.sql.functions import arrow_udf, pandas_udf, udf

CASES: dict[str, Callable[[SparkSession], Any]] = {}


def case(make: Callable[[SparkSession], Any]) -> Callable[[SparkSession], Any]:
    CASES[make.__name__] = make
    return make


def rows(spark: SparkSession) -> DataFrame:
    values = [
        (1, "a", 1.5, dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 12)),
        (2, None, None, None, None),
        (3, "c", 2.5, dt.date(2021, 1, 1), dt.datetime(2021, 7, 1, 12, 0, 0, 5)),
    ]
    return spark.createDataFrame(values, "x int, s string, d double, dt date, ts timestamp")


def plus_one(returns: Any = "int", **options: Any) -> Any:
    def plus(x):
        return None if x is None else x + 1

    return udf(plus, returns, **options)


def everything() -> list[Any]:
    """A column of each type that both ways exchange."""
    texts = [
        "cast(1.5 as decimal(5,2))",
        "cast('ab' as binary)",
        "cast(1 as tinyint)",
        "cast(2 as smallint)",
        "9000000000",
        "cast(0.5 as float)",
        "true",
        "cast(null as string)",
        "interval '1' day",
        "timestamp_ntz '2020-01-01 01:02:03.4'",
        "array(struct(x, dt))",
    ]
    own = [F.struct("x", "s"), F.array("x"), F.create_map("x", "d"), F.col("dt"), F.col("ts")]
    return [*own, *(F.expr(text) for text in texts)]


# Values one by one, exchanged as Arrow.


@case
def names_and_nulls(spark: SparkSession) -> Any:
    plus, same = plus_one(), udf(lambda a: a, "string")
    return rows(spark).select(plus("x"), plus(F.col("x") + 1).alias("y"), same("s"), plus(x="x"))


@case
def chain(spark: SparkSession) -> Any:
    plus = plus_one()
    return rows(spark).select(plus(plus("x")), plus(plus(plus(F.col("x")))) + plus("x"))


@case
def arguments_as_python_sees_them(spark: SparkSession) -> Any:
    return rows(spark).select(udf(lambda *a: repr(a), "string")(*everything()).alias("shown"))


@case
def results_are_converted(spark: SparkSession) -> Any:
    text, number, double = udf(str, "int"), udf(lambda x: x, "string"), udf(lambda x: x, "double")
    return rows(spark).select(text("x"), number("x"), double("x"))


@case
def results_of_all_types(spark: SparkSession) -> Any:
    made = [
        udf(lambda x: [x, None], "array<int>"),
        udf(lambda x: {"a": x}, "map<string,int>"),
        udf(lambda x: (x, "k"), "a int, b string"),
        udf(lambda x: Row(a=x, b=[(x, "k")]), "a int, b array<struct<c:int,d:string>>"),
        udf(lambda x: dt.date(2020, 1, x), "date"),
        udf(lambda x: dt.datetime(2020, 1, x, 1), "timestamp"),
        udf(lambda x: dt.timedelta(seconds=x), "interval day to second"),
        udf(lambda x: Decimal(x) / 4, "decimal(10,3)"),
        udf(lambda x: bytes([x]), "binary"),
        udf(lambda x: x == 1, "boolean"),
    ]
    return rows(spark).select(*(function("x").alias(f"c{i}") for i, function in enumerate(made)))


@case
def wrong_result(spark: SparkSession) -> Any:
    return rows(spark).select(udf(lambda x: "abc", "int")("x"))


@case
def number_too_large(spark: SparkSession) -> Any:
    return rows(spark).select(udf(lambda x: 2**40, "int")("x"))


@case
def exception(spark: SparkSession) -> Any:
    def bad(x):
        raise ValueError("no good")

    return rows(spark).select(udf(bad, "int")("x"))


@case
def no_arguments(spark: SparkSession) -> Any:
    return rows(spark).select(udf(lambda: 7, "int")())


@case
def names_of_casts(spark: SparkSession) -> Any:
    f = udf(lambda x: str(x), "string")
    n = F.col("x")
    casts = [
        n.cast("string").cast("long"),
        n.cast("long") + 1,
        F.when(n > 1, n.cast("short")),
        F.lit("1").try_cast("int"),
    ]
    return rows(spark).select(*(f(cast) for cast in casts))


@case
def names_of_expressions(spark: SparkSession) -> Any:
    f = udf(lambda x: str(x), "string")
    n, s = F.col("x"), F.col("s")
    args = [
        F.struct("x", "s")["x"],
        n.between(1, 2),
        s.like("a%"),
        n % 2,
        F.array("x", F.lit(1)),
        F.create_map(F.lit("k"), "x"),
        F.expr("x * 2 + 1"),
        F.coalesce("s", F.lit("none")),
        F.concat("s", F.lit("-")),
        F.date_add("dt", 1),
        F.col("ts").cast("date"),
        F.lit(None),
        F.lit(1.5),
    ]
    return rows(spark).select(*(f(arg) for arg in args))


@case
def values_of_expressions(spark: SparkSession) -> Any:
    f = udf(lambda x: str(x), "string")
    n, s = F.col("x"), F.struct("x", "s")
    args = [
        s,
        F.struct(n.alias("a"), (n + 1).alias("b")),
        F.struct(n + 1, F.lit("t")),
        -n,
        -(n + 1),
        s.cast("struct<x:bigint,s:string>"),
        s.cast("struct<p:string,q:string>"),
        F.to_date(F.lit("2020-01-02")),
        F.to_date(F.lit("2020"), "yyyy"),
        ~(n > 1),
        n.isNull(),
        n.isin(1, 2),
        F.current_date().isNotNull(),
        F.lit(dt.date(2020, 1, 2)),
    ]
    return rows(spark).select(*(f(arg).alias(f"y{place}") for place, arg in enumerate(args)))


@case
def keywords(spark: SparkSession) -> Any:
    return rows(spark).select(udf(lambda a, b: f"{a}-{b}", "string")(b="x", a="s"))


@case
def in_filter_and_order(spark: SparkSession) -> Any:
    plus = plus_one()
    return rows(spark).filter(plus("x") > 2).orderBy(plus("x").desc()).select("x")


@case
def in_groups(spark: SparkSession) -> Any:
    plus = plus_one()
    return rows(spark).groupBy(plus("x")).agg(F.sum(plus("x")), plus(F.max("x")))


@case
def in_window(spark: SparkSession) -> Any:
    plus = plus_one()
    return rows(spark).select(F.sum(plus("x")).over(Window.partitionBy(plus("x") % 2).orderBy("x")))


@case
def in_inner_join(spark: SparkSession) -> Any:
    left, right = rows(spark).alias("a"), rows(spark).alias("b")
    equal = udf(lambda x, y: x == y, "boolean")
    return left.join(right, equal(F.col("a.x"), F.col("b.x"))).select("a.x", "b.x")


@case
def over_one_side_of_outer_join(spark: SparkSession) -> Any:
    left, right = rows(spark).alias("a"), rows(spark).alias("b")
    return left.join(right, plus_one()(F.col("a.x")) == F.col("b.x"), "left").select("a.x", "b.x")


@case
def over_both_sides_of_outer_join(spark: SparkSession) -> Any:
    left, right = rows(spark).alias("a"), rows(spark).alias("b")
    equal = udf(lambda x, y: x == y, "boolean")
    return left.join(right, equal(F.col("a.x"), F.col("b.x")), "left")


@case
def in_lambda(spark: SparkSession) -> Any:
    plus = plus_one()
    return rows(spark).select(F.transform(F.array("x"), lambda item: plus(item)))


@case
def in_subquery(spark: SparkSession) -> Any:
    spark.udf.register("plus_in_subquery", lambda x: x + 1, "int")
    return spark.sql("select id from range(9) where id = (select plus_in_subquery(3)) or id in (select 1)")


@case
def in_union_and_limit(spark: SparkSession) -> Any:
    plus = plus_one()
    frame = rows(spark).select(plus("x").alias("y"))
    return frame.union(frame).orderBy("y").limit(3)


@case
def not_deterministic(spark: SparkSession) -> Any:
    same = udf(lambda x: x, "int").asNondeterministic()
    return rows(spark).select(same("x"), same("x"))


@case
def beside_constants(spark: SparkSession) -> Any:
    return rows(spark).select(plus_one()(F.lit(1)), F.when(F.col("x") > 1, plus_one()("x")).otherwise(0))


@case
def task_context(spark: SparkSession) -> Any:
    def place(_):
        from pyspark import TaskContext

        return TaskContext.get().partitionId()

    return spark.range(0, 4, 1, 2).select(udf(place, "int")("id"))


@case
def prints(spark: SparkSession) -> Any:
    def loud(x):
        print("this must not reach the engine", flush=True)
        return x

    return rows(spark).select(udf(loud, "int")("x"))


@case
def many_rows(spark: SparkSession) -> Any:
    plus = plus_one("long")
    return spark.range(0, 50_000, 1, 3).select(plus("id").alias("y")).agg(F.sum("y"), F.count("y"))


# Over pandas and Arrow.


@case
def over_pandas(spark: SparkSession) -> Any:
    @pandas_udf("double")
    def total(a: pd.Series, b: pd.Series) -> pd.Series:
        return a + b

    return rows(spark).select(total("x", "d"))


@case
def over_pandas_gives_structs(spark: SparkSession) -> Any:
    @pandas_udf("a int, b string")
    def pairs(a: pd.Series) -> pd.DataFrame:
        return pd.DataFrame({"a": a, "b": a.astype(str)})

    return rows(spark).select(pairs("x").alias("p")).select("p.b", "p")


@case
def over_pandas_wrong_length(spark: SparkSession) -> Any:
    @pandas_udf("long")
    def short(a: pd.Series) -> pd.Series:
        return pd.Series([1])

    return rows(spark).coalesce(1).select(short("x"))


@case
def over_arrow(spark: SparkSession) -> Any:
    @arrow_udf("long")
    def plus(a: pa.Array) -> pa.Array:
        return pc.add(a, 1)

    return rows(spark).select(plus("x"))


@case
def iterators(spark: SparkSession) -> Any:
    @pandas_udf("long")
    def series(parts: Iterator[pd.Series]) -> Iterator[pd.Series]:
        for part in parts:
            yield part + 1

    @arrow_udf("long")
    def arrays(parts: Iterator[pa.Array]) -> Iterator[pa.Array]:
        for part in parts:
            yield pc.add(part, 2)

    return rows(spark).select(series("x"), arrays("x"))


@case
def all_kinds_at_once(spark: SparkSession) -> Any:
    plus = plus_one()

    @pandas_udf("double")
    def total(a: pd.Series, b: pd.Series) -> pd.Series:
        return a + b

    @arrow_udf("long")
    def arrow(a: pa.Array) -> pa.Array:
        return pc.add(a, 1)

    pickled = plus_one(useArrow=False)
    return rows(spark).select(plus("x"), total("x", "d"), arrow("x"), total(plus("x"), "d"), plus(pickled("x")))


# Partitions.


@case
def map_in_arrow(spark: SparkSession) -> Any:
    frame = rows(spark)
    return frame.mapInArrow(lambda batches: batches, frame.schema)


@case
def map_in_arrow_schema(spark: SparkSession) -> Any:
    def schemas(batches):
        for batch in batches:
            yield pa.RecordBatch.from_arrays([pa.array([str(batch.schema)])], ["x"])

    columns = [column.alias(f"c{i}") for i, column in enumerate(everything())]
    return rows(spark).limit(1).select(*columns).mapInArrow(schemas, "x string")


@case
def map_in_arrow_wrong_type(spark: SparkSession) -> Any:
    def first(batches):
        for batch in batches:
            yield pa.RecordBatch.from_arrays([batch.column(0)], ["x"])

    return rows(spark).mapInArrow(first, "x string")


@case
def map_in_arrow_other_name(spark: SparkSession) -> Any:
    def first(batches):
        for batch in batches:
            yield pa.RecordBatch.from_arrays([batch.column(0)], ["x"])

    return rows(spark).mapInArrow(first, "y int")


@case
def map_in_arrow_no_batches(spark: SparkSession) -> Any:
    return rows(spark).mapInArrow(lambda batches: (1 for _ in batches), "x int")


@case
def map_in_arrow_of_nothing(spark: SparkSession) -> Any:
    return spark.range(0).mapInArrow(lambda batches: batches, "id long")


@case
def map_in_arrow_of_names_with_dots(spark: SparkSession) -> Any:
    return spark.sql("SELECT 1 AS `a.b`").mapInArrow(lambda batches: batches, "x int").collect()


@case
def map_in_arrow_of_names_that_repeat(spark: SparkSession) -> Any:
    return spark.sql("SELECT 1 AS a, 2 AS a").mapInArrow(lambda batches: batches, "x int, y int").collect()


@case
def map_in_pandas(spark: SparkSession) -> Any:
    frame = rows(spark)
    return frame.mapInPandas(lambda parts: (part.assign(x=part.x * 2) for part in parts), frame.schema)


@case
def map_in_pandas_more_rows(spark: SparkSession) -> Any:
    def twice(parts):
        for part in parts:
            yield pd.concat([part[["x"]], part[["x"]]])
        yield pd.DataFrame({"x": [0]})

    return rows(spark).coalesce(1).mapInPandas(twice, "x int")


@case
def map_in_pandas_wrong_columns(spark: SparkSession) -> Any:
    return rows(spark).mapInPandas(lambda parts: (part[["x"]] for part in parts), "x int, q string")


@case
def map_in_pandas_wrong_type(spark: SparkSession) -> Any:
    return rows(spark).mapInPandas(lambda parts: (part[["x"]] for part in parts), "x string")


# Pickled.


@case
def pickled_arguments(spark: SparkSession) -> Any:
    return rows(spark).select(udf(lambda *a: repr(a), "string", useArrow=False)(*everything()).alias("shown"))


@case
def pickled_arguments_without_conversion(spark: SparkSession) -> Any:
    show = udf(lambda *a: repr(a), "string", useArrow=False)
    shown = show("x", "s", "d", F.array("s"), F.struct("x"), F.lit(2**40), F.lit(-1))
    return rows(spark).select(shown.alias("shown"))


@case
def pickled_results(spark: SparkSession) -> Any:
    made = [
        udf(lambda x: [x, None], "array<int>", useArrow=False),
        udf(lambda x: {"a": x}, "map<string,int>", useArrow=False),
        udf(lambda x: (x, "k"), "a int, b string", useArrow=False),
        udf(lambda x: Row(a=x, b=[(x, "k")]), "a int, b array<struct<c:int,d:string>>", useArrow=False),
        udf(lambda x: dt.date(2020, 1, x), "date", useArrow=False),
        udf(lambda x: dt.datetime(2020, 1, x, 1), "timestamp", useArrow=False),
        udf(lambda x: dt.timedelta(seconds=x), "interval day to second", useArrow=False),
        udf(lambda x: Decimal(x) / 4, "decimal(10,3)", useArrow=False),
        udf(lambda x: bytes([x]), "binary", useArrow=False),
        udf(lambda x: x == 1, "boolean", useArrow=False),
        udf(lambda x: x * 10**12, "long", useArrow=False),
        udf(lambda x: x / 2, "float", useArrow=False),
        udf(lambda x: bytearray([x]), "binary", useArrow=False),
    ]
    return rows(spark).select(*(function("x").alias(f"c{i}") for i, function in enumerate(made)))


@case
def pickled_wrong_results_are_null(spark: SparkSession) -> Any:
    made = [
        udf(lambda x: "a", "int", useArrow=False),
        udf(lambda x: 1.5, "int", useArrow=False),
        udf(lambda x: True, "int", useArrow=False),
        udf(lambda x: 1, "double", useArrow=False),
        udf(lambda x: 1.0, "decimal(5,1)", useArrow=False),
        udf(lambda x: 1, "boolean", useArrow=False),
        udf(lambda x: 7, "array<int>", useArrow=False),
        udf(lambda x: "ab", "binary", useArrow=False),
        udf(lambda x: 300 + x, "tinyint", useArrow=False),
        udf(lambda x: 2**40 + x, "int", useArrow=False),
        udf(lambda x: 2**70, "long", useArrow=False),
        udf(lambda x: None, "string", useArrow=False),
    ]
    return rows(spark).select(*(function("x").alias(f"c{i}") for i, function in enumerate(made)))


@case
def pickled_texts_of_anything(spark: SparkSession) -> Any:
    values = [
        7,
        2**40,
        2**70,
        -(2**70),
        True,
        1.5,
        1e10,
        1.5e-7,
        float("nan"),
        [1, None, "a"],
        {"a": [1.0]},
        Decimal("1.50"),
    ]
    made = [udf(lambda x, value=value: value, "string", useArrow=False) for value in values]
    return rows(spark).limit(1).select(*(function("x").alias(f"c{i}") for i, function in enumerate(made)))


@case
def pickled_shared_results(spark: SparkSession) -> Any:
    def shared(x):
        one = [x]
        return [one, one]

    return rows(spark).select(udf(shared, "array<array<int>>", useArrow=False)("x"))


@case
def pickled_numpy(spark: SparkSession) -> Any:
    def number(x):
        import numpy

        return numpy.int64(x)

    return rows(spark).select(udf(number, "long", useArrow=False)("x"))


@case
def pickled_exception(spark: SparkSession) -> Any:
    def bad(x):
        raise ValueError("no good")

    return rows(spark).select(udf(bad, "int", useArrow=False)("x"))


@case
def pickled_many_rows(spark: SparkSession) -> Any:
    plus = plus_one("long", useArrow=False)
    frame = spark.range(0, 20_000, 1, 3).select(plus("id").alias("y"), plus(F.col("id") * 2).alias("z"))
    return frame.agg(F.sum("y"), F.sum("z"), F.count("y"))


# By name.


@case
def registered(spark: SparkSession) -> Any:
    spark.udf.register("plus_by_name", lambda x: x + 1, "int")
    return spark.sql("select plus_by_name(cast(id as int)) y, plus_by_name(x => 3) z from range(3)")


@case
def registered_names(spark: SparkSession) -> Any:
    spark.udf.register("plus_by_name", lambda x: x + 1, T.IntegerType())
    return spark.sql("select plus_by_name(id), plus_by_name(3) from range(1)")


@case
def registered_wrong_number_of_arguments(spark: SparkSession) -> Any:
    spark.udf.register("plus_by_name", lambda x: x + 1, "int")
    return spark.sql("select plus_by_name(1, 2)")


@case
def registered_over_pandas(spark: SparkSession) -> Any:
    @pandas_udf("long")
    def plus(a: pd.Series) -> pd.Series:
        return a + 1

    spark.udf.register("pandas_by_name", plus)
    return spark.sql(
        "select pandas_by_name(id) y, count(*) n from range(4) group by 1 having pandas_by_name(max(id)) > 2"
    )


@case
def names_of_arguments(spark: SparkSession) -> Any:
    texts = """
        -x ; +x ; NOT b ; NOT (x > 1) ; x != 1 ; x IN (1, 2) ; x NOT IN (1, 2) ; isnull(x) ; x IS NOT NULL
        ; s NOT LIKE 'a%' ; s ILIKE 'a%' ; x NOT BETWEEN 1 AND 2 ; DATE'2020-01-02' ; TIMESTAMP'2020-01-02 03:04:05.5'
        ; X'1F' ; struct(x, s) ; struct(x AS k, x + 1, cast(x AS string) AS c) ; CAST(x AS decimal(5,2))
        ; CAST(struct(x, s) AS struct<p:string,q:string>) ; TRY_CAST(s AS int) ; to_date(s) ; to_date(s, 'yyyy')
        ; try_to_timestamp(s) ; current_date() ; date_trunc('day', ts) ; unix_timestamp(ts) ; hour(ts) ; trim(s)
        ; trim(BOTH 'a' FROM s) ; IF(b, 1, 2) ; size(array(x)) ; element_at(array(x), 1) ; to_json(struct(x))
        ; from_json(s, 'a int, b array<string>') ; hash(x) ; startswith(s, 'a') ; timestampadd(day, 1, ts)
        ; make_timestamp(1, 1, 1, 1, 1, 1) ; sequence(1, 2) ; conv(s, 10, 2) ; nested(-x)
        ; sum(x) OVER (PARTITION BY s ORDER BY x DESC ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
        ; lag(x) OVER (ORDER BY x) ; row_number() OVER (PARTITION BY s ORDER BY x)
    """
    aggregates = (
        "first(x) ; collect_list(x) ; count(DISTINCT x) ; approx_count_distinct(x) ; sum(x) FILTER (WHERE -x < 0)"
    )
    frame = rows(spark).withColumn("b", F.lit(True))
    nested = plus_one(returns="int")
    spark.udf.register("nested", nested)
    few = [expression.strip() for expression in aggregates.split(";")]
    many = [expression.strip() for expression in texts.split(";")]
    names = frame.select(*(nested(F.expr(text)) for text in many)).columns
    names += frame.groupBy().agg(*(nested(F.expr(text)) for text in few)).columns
    return [Row(place, name) for place, name in enumerate(names)]
