"""Python functions over groups, pairs of groups, whole aggregations and windows; table functions.

Each case takes a session and returns a DataFrame, or raises. The functions are local, so that they are pickled by
value: workers cannot import this file. They run unchanged on real Spark: nothing here knows Firesteel.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame, Row, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql.functions import arrow_udf, arrow_udtf, pandas_udf, udtf

CASES: dict[str, Callable[[SparkSession], Any]] = {}


def case(make: Callable[[SparkSession], Any]) -> Callable[[SparkSession], Any]:
    CASES[make.__name__] = make
    return make


def rows(spark: SparkSession) -> DataFrame:
    values = [
        ("a", 1, 1.5),
        ("a", 2, None),
        ("b", 3, 4.0),
        (None, 4, 0.5),
        ("b", 5, 2.5),
        ("a", 6, -1.0),
        (None, 7, 3.0),
    ]
    return spark.createDataFrame(values, "k STRING, n INT, v DOUBLE")


# Grouped map.


@case
def apply_in_pandas(spark: SparkSession) -> Any:
    def spread(frame):
        return frame.assign(v=frame.v - frame.v.mean(), size=len(frame))

    return rows(spark).groupBy("k").applyInPandas(spread, "k string, n int, v double, size long")


@case
def apply_in_pandas_with_keys(spark: SparkSession) -> Any:
    def total(key, frame):
        return pd.DataFrame([(*key, frame.n.sum(), list(frame.columns))])

    grouped = rows(spark).groupBy("k", (F.col("n") % 2).alias("odd"))
    return grouped.applyInPandas(total, "k string, odd int, total long, names array<string>")


@case
def apply_in_pandas_of_all_rows(spark: SparkSession) -> Any:
    def total(key, frame):
        return pd.DataFrame({"keys": [len(key)], "total": [frame.n.sum()]})

    return rows(spark).groupBy().applyInPandas(total, "keys int, total long")


@case
def apply_in_pandas_without_rows(spark: SparkSession) -> Any:
    return rows(spark).filter("n > 100").groupBy("k").applyInPandas(lambda frame: frame, "k string, n int, v double")


@case
def apply_in_pandas_that_drops_groups(spark: SparkSession) -> Any:
    def some(frame):
        return frame if frame.n.max() > 5 else frame.head(0)

    return rows(spark).groupBy("k").applyInPandas(some, "k string, n int, v double").groupBy("k").count()


@case
def apply_in_pandas_by_names(spark: SparkSession) -> Any:
    def swapped(frame):
        return pd.DataFrame({"total": [int(frame.n.sum())], "k": [frame.k.iloc[0]]})

    return rows(spark).groupBy("k").applyInPandas(swapped, "k string, total long")


@case
def apply_in_pandas_of_wrong_names(spark: SparkSession) -> Any:
    return rows(spark).groupBy("k").applyInPandas(lambda frame: frame[["n"]], "k string, m int").collect()


@case
def apply_in_pandas_that_raises(spark: SparkSession) -> Any:
    def bad(frame):
        raise ValueError("no good")

    return rows(spark).groupBy("k").applyInPandas(bad, "k string").collect()


@case
def apply_in_pandas_of_nested_values(spark: SparkSession) -> Any:
    frame = rows(spark).select("k", F.struct("n", "v").alias("s"), F.array("n", F.lit(None)).alias("a"))

    def first(frame):
        return pd.DataFrame({"k": frame.k.head(1), "s": frame.s.head(1), "a": frame.a.head(1)})

    frame = frame.orderBy("s.n").coalesce(1)
    return frame.groupBy("k").applyInPandas(first, "k string, s struct<n: int, v: double>, a array<int>")


@case
def apply_in_pandas_over_iterators(spark: SparkSession) -> Any:
    def sizes(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
        n = 0
        for frame in frames:
            n += len(frame)
            yield pd.DataFrame({"batch": [len(frame)], "so_far": [n]})

    many = spark.range(0, 25_000, 1, 1).withColumn("k", F.col("id") % 2)
    return many.groupBy("k").applyInPandas(sizes, "batch long, so_far long")


@case
def apply_in_arrow(spark: SparkSession) -> Any:
    def total(table: pa.Table) -> pa.Table:
        return pa.table({"k": table["k"][:1], "total": [pc.sum(table["n"]).as_py()]})

    return rows(spark).groupBy("k").applyInArrow(total, "k string, total long")


@case
def apply_in_arrow_with_keys(spark: SparkSession) -> Any:
    def total(key, table):
        return pa.table({"k": table["k"][:1], "size": [table.num_rows], "names": [table.column_names]})

    return rows(spark).groupBy("k").applyInArrow(total, "k string, size long, names array<string>")


@case
def apply_in_arrow_over_iterators(spark: SparkSession) -> Any:
    def sizes(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield pa.RecordBatch.from_pydict({"size": [batch.num_rows]})

    return spark.range(0, 25_000, 1, 1).groupBy(F.col("id") % 2).applyInArrow(sizes, "size long")


@case
def sorted_groups_of_two_partitions(spark: SparkSession) -> Any:
    def order(frame):
        return pd.DataFrame({"k": frame.k.head(1), "n": [len(frame)], "keys": [frame.k.nunique()]})

    many = spark.range(0, 5_000, 1, 3).selectExpr("id % 97 AS k", "id")
    return many.groupBy("k").applyInPandas(order, "k long, n long, keys long")


@case
def apply_in_pandas_of_names_with_dots(spark: SparkSession) -> Any:
    frame = spark.sql("SELECT 1 AS `a.b`, 2 AS k")
    return frame.groupBy("k").applyInPandas(lambda frame: frame, "x int, k int").collect()


# Pairs of groups.


def others(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([("a", 10), ("c", 20), (None, 30), ("a", 40)], "k STRING, m LONG")


@case
def cogroup_in_pandas(spark: SparkSession) -> Any:
    def both(left, right):
        key = [*left.k.head(1), *right.k.head(1)][0]
        return pd.DataFrame({"k": [key], "n": [left.n.sum()], "m": [right.m.sum()]})

    grouped = rows(spark).groupBy("k").cogroup(others(spark).groupBy("k"))
    return grouped.applyInPandas(both, "k string, n long, m long")


@case
def cogroup_in_pandas_with_keys(spark: SparkSession) -> Any:
    def both(key, left, right):
        return pd.DataFrame({"k": [key[0]], "l": [len(left)], "r": [len(right)], "c": [list(left) + list(right)]})

    grouped = rows(spark).groupBy(F.upper("k")).cogroup(others(spark).groupBy(F.upper("k")))
    return grouped.applyInPandas(both, "k string, l long, r long, c array<string>")


@case
def cogroup_in_arrow(spark: SparkSession) -> Any:
    def both(key, left, right):
        return pa.table({"k": pa.array([key[0].as_py()], pa.string()), "l": [left.num_rows], "r": [right.num_rows]})

    grouped = rows(spark).groupBy("k").cogroup(others(spark).groupBy("k"))
    return grouped.applyInArrow(both, "k string, l long, r long")


@case
def cogroup_of_all_rows(spark: SparkSession) -> Any:
    def both(left, right):
        return pd.DataFrame({"l": [len(left)], "r": [len(right)]})

    return rows(spark).groupBy().cogroup(others(spark).groupBy()).applyInPandas(both, "l long, r long")


@case
def cogroup_of_integers_of_two_widths(spark: SparkSession) -> Any:
    def both(key, left, right):
        return pd.DataFrame({"k": [int(key[0])], "type": [type(key[0]).__name__], "l": [len(left)], "r": [len(right)]})

    left = spark.createDataFrame([(1, "x"), (2, "y"), (2, "z"), (3, "w")], "k SHORT, a STRING")
    right = spark.createDataFrame([(1, "p"), (2, "q"), (5, "r")], "k LONG, b STRING")
    return left.groupBy("k").cogroup(right.groupBy("k")).applyInPandas(both, "k long, type string, l long, r long")


@case
def cogroup_of_other_numbers_of_keys(spark: SparkSession) -> Any:
    grouped = rows(spark).groupBy("k", "n").cogroup(others(spark).groupBy("k"))
    return grouped.applyInPandas(lambda left, right: left, "k string").collect()


# Aggregations.


def functions() -> dict[str, Any]:
    @pandas_udf("double")
    def mean(v: pd.Series) -> float:
        return v.mean()

    @pandas_udf("long")
    def total(n: pd.Series) -> int:
        return n.sum()

    @pandas_udf("double")
    def weighted(v: pd.Series, w: pd.Series) -> float:
        return float((v * w).sum())

    @arrow_udf("long")
    def most(n: pa.Array) -> int:
        return pc.max(n)

    return {"mean": mean, "total": total, "weighted": weighted, "most": most}


@case
def aggregate(spark: SparkSession) -> Any:
    f = functions()
    return rows(spark).groupBy("k").agg(f["mean"]("v"), f["total"]("n").alias("total"))


@case
def aggregate_of_expressions(spark: SparkSession) -> Any:
    f = functions()
    grouped = rows(spark).groupBy((F.col("n") % 3).alias("g"))
    return grouped.agg((f["total"](F.col("n") + 1) * 10).alias("t"), f["weighted"]("v", w="n").alias("w"))


@case
def aggregate_of_all_rows(spark: SparkSession) -> Any:
    f = functions()
    return rows(spark).agg(f["total"]("n"), f["total"]("n") + 1, f["mean"](F.lit(2.0)))


@case
def aggregate_without_rows(spark: SparkSession) -> Any:
    return rows(spark).filter("n > 100").groupBy("k").agg(functions()["total"]("n"))


@case
def aggregate_of_all_rows_where_there_are_none(spark: SparkSession) -> Any:
    @pandas_udf("long")
    def size(n: pd.Series) -> int:
        return len(n)

    return rows(spark).filter("n > 100").agg(size("n"))


@case
def aggregate_in_arrow(spark: SparkSession) -> Any:
    return rows(spark).groupBy("k").agg(functions()["most"]("n"))


@case
def aggregate_over_iterators(spark: SparkSession) -> Any:
    @pandas_udf("long")
    def total(batches: Iterator[pd.Series]) -> int:
        return sum(batch.sum() for batch in batches)

    return spark.range(0, 25_000, 1, 2).groupBy((F.col("id") % 2).alias("k")).agg(total("id"))


@case
def aggregate_of_scalar_functions(spark: SparkSession) -> Any:
    @pandas_udf("int")
    def twice(n: pd.Series) -> pd.Series:
        return n * 2

    f = functions()
    return rows(spark).groupBy(twice("n") % 4).agg(f["total"](twice("n")), twice(f["total"]("n").cast("int")))


@case
def aggregate_with_others(spark: SparkSession) -> Any:
    return rows(spark).groupBy("k").agg(functions()["total"]("n"), F.sum("n")).collect()


@case
def aggregate_in_sql(spark: SparkSession) -> Any:
    spark.udf.register("py_total", functions()["total"])
    rows(spark).createOrReplaceTempView("py_rows")
    return spark.sql("SELECT k, py_total(n) AS t FROM py_rows GROUP BY k HAVING py_total(n) > 8")


@case
def aggregate_of_many_groups(spark: SparkSession) -> Any:
    f = functions()
    many = spark.range(0, 6_000, 1, 3).selectExpr("id % 1500 AS k", "id")
    sums = many.groupBy("k").agg(f["total"]("id").alias("t"))
    return sums.agg(F.count("*"), F.sum("t"), F.max("t"), F.sum(F.expr("CAST(t % 1500 = k * 4 % 1500 AS INT)")))


# Windows.


@case
def window_of_all_rows(spark: SparkSession) -> Any:
    f = functions()
    return rows(spark).select(
        "n", f["mean"]("v").over(Window.partitionBy("k")), f["total"]("n").over(Window.partitionBy())
    )


@case
def window_so_far(spark: SparkSession) -> Any:
    f = functions()
    window = Window.partitionBy("k").orderBy("n")
    return rows(spark).select(
        "n", f["total"]("n").over(window).alias("t"), F.sum("n").over(window), F.rank().over(window)
    )


@case
def window_of_rows(spark: SparkSession) -> Any:
    f = functions()
    window = Window.partitionBy("k").orderBy(F.desc("n")).rowsBetween(-1, 1)
    return rows(spark).select("n", f["total"]("n").over(window), f["weighted"]("v", w="n").over(window))


@case
def window_of_a_range(spark: SparkSession) -> Any:
    f = functions()
    near, whole = Window.orderBy("n").rangeBetween(-2, 1), Window.orderBy("n").rowsBetween(-100, 100)
    return rows(spark).select("n", f["total"]("n").over(near).alias("a"), f["total"]("n").over(whole).alias("b"))


@case
def window_in_arrow(spark: SparkSession) -> Any:
    f = functions()
    window = Window.partitionBy("k").orderBy("n")
    both = f["most"]("n").over(window.rowsBetween(0, 1)), f["most"]("n").over(Window.partitionBy("k"))
    return rows(spark).select("n", *both)


@case
def window_in_sql(spark: SparkSession) -> Any:
    spark.udf.register("py_total", functions()["total"])
    rows(spark).createOrReplaceTempView("py_rows")
    return spark.sql("SELECT n, py_total(n) OVER (PARTITION BY k ORDER BY n ROWS 1 PRECEDING) AS t FROM py_rows")


# Table functions.


@case
def table_function(spark: SparkSession) -> Any:
    @udtf(returnType="a: int, b: string")
    class Numbers:
        def eval(self, n: int, text: str = "x"):
            for i in range(n):
                yield i, text * i

    return Numbers(F.lit(3), text=F.lit("y"))


@case
def table_function_of_nothing(spark: SparkSession) -> Any:
    @udtf(returnType="a: int")
    class One:
        def eval(self):
            yield (1,)

        def terminate(self):
            yield (2,)

    return One()


@case
def table_function_in_sql(spark: SparkSession) -> Any:
    @udtf(returnType="word: string, size: int")
    class Words:
        def eval(self, text: str):
            for word in (text or "").split():
                yield word, len(word)

    spark.udtf.register("py_words", Words)
    spark.sql(
        "SELECT * FROM VALUES (1, 'to be'), (2, NULL), (3, 'or not'), (4, '') AS t(id, text)"
    ).createOrReplaceTempView("py_text")
    return spark.sql("SELECT id, word, size FROM py_text, LATERAL py_words(text) WHERE size > 1")


@case
def table_function_left_join(spark: SparkSession) -> Any:
    @udtf(returnType="word: string")
    class Words:
        def eval(self, text: str):
            for word in (text or "").split():
                yield (word,)

    spark.udtf.register("py_words", Words)
    spark.sql("SELECT * FROM VALUES (1, 'to be'), (2, NULL), (3, 'or') AS t(id, text)").createOrReplaceTempView(
        "py_text"
    )
    return spark.sql("SELECT * FROM py_text LEFT JOIN LATERAL py_words(text) AS w(one)")


@case
def table_function_of_a_table(spark: SparkSession) -> Any:
    @udtf(returnType="n: int, names: string")
    class Big:
        def eval(self, row: Row):
            if row["n"] > 3:
                yield row["n"], ",".join(row.__fields__)

    return Big(rows(spark).asTable())


@case
def table_function_of_partitions(spark: SparkSession) -> Any:
    @udtf(returnType="k: string, total: int, seen: string")
    class Total:
        def __init__(self):
            self.key, self.total, self.seen = None, 0, []

        def eval(self, row: Row):
            self.key, self.total = row["k"], self.total + row["n"]
            self.seen.append(str(row["n"]))

        def terminate(self):
            yield self.key, self.total, " ".join(self.seen)

    return Total(rows(spark).asTable().partitionBy("k").orderBy(F.desc("n")))


@case
def table_function_of_partitions_in_sql(spark: SparkSession) -> Any:
    @udtf(returnType="k: string, total: int")
    class Total:
        def __init__(self):
            self.key, self.total = None, 0

        def eval(self, row: Row, plus: int):
            self.key, self.total = row["k"], self.total + row["n"] + plus

        def terminate(self):
            yield self.key, self.total

    spark.udtf.register("py_sum", Total)
    rows(spark).createOrReplaceTempView("py_rows")
    return spark.sql("SELECT * FROM py_sum(TABLE(py_rows) PARTITION BY k, plus => 100) WHERE total > 0")


@case
def table_function_with_single_partition(spark: SparkSession) -> Any:
    @udtf(returnType="total: int")
    class Total:
        def __init__(self):
            self.total = 0

        def eval(self, row: Row):
            self.total += row["n"]

        def terminate(self):
            yield (self.total,)

    return Total(rows(spark).repartition(3).asTable().withSinglePartition())


@case
def table_function_that_analyzes(spark: SparkSession) -> Any:
    from pyspark.sql.types import IntegerType, StringType, StructType
    from pyspark.sql.udtf import AnalyzeArgument, AnalyzeResult

    @udtf
    class Columns:
        def __init__(self, analyzed=None):
            self.n = len(analyzed.schema)

        @staticmethod
        def analyze(n: AnalyzeArgument, name: AnalyzeArgument) -> AnalyzeResult:
            assert n.isConstantExpression
            assert n.dataType == IntegerType()
            schema = StructType()
            for i in range(n.value):
                schema = schema.add(f"{name.value}{i}", StringType() if i % 2 else IntegerType())
            return AnalyzeResult(schema)

        def eval(self, n, name):
            yield tuple(name if i % 2 else i for i in range(self.n))

    return Columns(F.lit(3), name=F.lit("c"))


@case
def table_function_that_asks_for_partitions(spark: SparkSession) -> Any:
    from pyspark.sql.types import IntegerType, StringType, StructType
    from pyspark.sql.udtf import AnalyzeArgument, AnalyzeResult, OrderingColumn, PartitioningColumn, SelectedColumn

    @udtf
    class Firsts:
        def __init__(self):
            self.first = None

        @staticmethod
        def analyze(table: AnalyzeArgument) -> AnalyzeResult:
            assert table.isTable
            return AnalyzeResult(
                StructType().add("first", IntegerType()).add("names", StringType()),
                partitionBy=[PartitioningColumn("k")],
                orderBy=[OrderingColumn("n", ascending=False)],
                select=[SelectedColumn("n + 100", alias="big")],
            )

        def eval(self, row: Row):
            if self.first is None:
                self.first = row

        def terminate(self):
            yield self.first["big"], ",".join(self.first.__fields__)

    return Firsts(rows(spark).asTable())


@case
def table_function_that_raises(spark: SparkSession) -> Any:
    @udtf(returnType="a: int")
    class Bad:
        def eval(self, n):
            raise ValueError("no good")

    return Bad(F.lit(1)).collect()


@case
def table_function_whose_analyze_raises(spark: SparkSession) -> Any:
    @udtf
    class Bad:
        @staticmethod
        def analyze(n):
            raise ValueError("no good")

        def eval(self, n):
            yield (1,)

    return Bad(F.lit(1)).collect()


@case
def lateral_join_with_a_table_function(spark: SparkSession) -> Any:
    @udtf(returnType="i: int")
    class Below:
        def eval(self, n: int):
            for i in range(n):
                yield (i,)

    return rows(spark).filter("n < 4").select("k", "n").lateralJoin(Below(F.col("n").outer()))


@case
def table_function_that_ends_with_a_row(spark: SparkSession) -> Any:
    @udtf(returnType="i: int")
    class Last:
        def __init__(self):
            self.last = 0

        def eval(self, n: int):
            self.last = n
            yield (n,)

        def terminate(self):
            yield (-self.last,)

    spark.udtf.register("py_last", Last)
    rows(spark).filter("n < 4").coalesce(1).createOrReplaceTempView("py_few")
    return spark.sql("SELECT n, i FROM py_few, LATERAL py_last(n)")


@case
def arrow_table_function_of_a_table(spark: SparkSession) -> Any:
    @arrow_udtf(returnType="n: int, size: int")
    class Sizes:
        def eval(self, batch: pa.RecordBatch) -> Iterator[pa.Table]:
            yield pa.table({"n": batch.column("n"), "size": pa.array([batch.num_rows] * batch.num_rows, pa.int32())})

    return Sizes(rows(spark).coalesce(1).asTable())


@case
def arrow_table_function_of_groups(spark: SparkSession) -> Any:
    @arrow_udtf(returnType="k: string, total: long")
    class Totals:
        def __init__(self) -> None:
            self.k, self.total = None, 0

        def eval(self, batch: pa.RecordBatch) -> Iterator[pa.Table]:
            self.k = batch.column("k")[0].as_py()
            self.total += pc.sum(batch.column("n")).as_py()
            return iter(())

        def terminate(self) -> Iterator[pa.Table]:
            yield pa.table({"k": pa.array([self.k], pa.string()), "total": pa.array([self.total], pa.int64())})

    return Totals(rows(spark).asTable().partitionBy("k"))


@case
def arrow_table_function_of_values(spark: SparkSession) -> Any:
    @arrow_udtf(returnType="x: int, y: int")
    class Pairs:
        def eval(self, x: pa.Array, y: pa.Array) -> Iterator[pa.Table]:
            yield pa.table({"x": x, "y": y})

    return Pairs(F.lit(1), F.lit(2))


@case
def arrow_table_function_that_raises(spark: SparkSession) -> Any:
    @arrow_udtf(returnType="x: int")
    class Bad:
        def eval(self, x: pa.Array) -> Iterator[pa.Table]:
            raise ValueError("no good")

    return Bad(F.lit(1)).collect()
