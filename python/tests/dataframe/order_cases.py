"""DataFrame cases in which the order of rows, or where nulls may come from, is the question.

They run unchanged on real Spark: nothing in this file knows Firesteel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.ml.linalg import Vectors
from pyspark.sql import Window
from pyspark.sql import functions as F

from cases import Case

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession


def shown(s: SparkSession, frame: DataFrame) -> str:
    """What `show` prints with as many partitions as users have, so that hardly two groups share one."""
    before = s.conf.get("spark.sql.shuffle.partitions")
    s.conf.set("spark.sql.shuffle.partitions", "200")
    try:
        return str(frame._show_string(20, 20, False))
    finally:
        s.conf.set("spark.sql.shuffle.partitions", str(before))


def numbered(s: SparkSession) -> DataFrame:
    return s.range(0, 6, 1, 1).sort(F.desc("id")).withColumn("n", F.monotonically_increasing_id())


def nullable(make: Callable[[DataFrame, DataFrame, DataFrame], DataFrame]) -> Callable[[SparkSession], object]:
    def run(s: SparkSession) -> list[bool]:
        a, b = s.range(3), s.range(2, 5).withColumnRenamed("id", "j")
        return [field.nullable for field in make(a, b, a.join(b, a.id == b.j, "full")).schema]

    return run


def groups(s: SparkSession) -> DataFrame:
    return s.range(0, 30, 1, 2).selectExpr("cast(id % 7 as int) a", "concat('k', id % 5) b", "cast(id as int) c")


ORDER_CASES = [
    # A sort that only numbers go by: the sort above does not replace it.
    Case("numbers_of_sorted_rows", lambda s: numbered(s).sort("id"), ordered=True),
    Case("numbers_of_sorted_rows_filtered", lambda s: numbered(s).filter("id < 4").sort("n"), ordered=True),
    # An outer join makes nulls, whatever the plan that a column is named with says.
    Case("nullable_of_plan", nullable(lambda a, b, j: j.select(a.id, "j", b.j, a.id.alias("x")))),
    Case("nullable_below", nullable(lambda a, b, j: j.select("j").filter(a.id > 0).select(b.j))),
    Case("shown_groups", lambda s: shown(s, groups(s).groupBy("a").agg(F.max("c")))),
    Case("shown_groups_of_text", lambda s: shown(s, groups(s).groupBy("b").count().filter("count > 1").select("b"))),
    Case("shown_groups_of_two", lambda s: shown(s, groups(s).groupBy("a", "b").count().select("b", "a"))),
    Case("shown_distinct", lambda s: shown(s, groups(s).select("b", (F.col("a") % 2).alias("odd")).distinct())),
    Case(
        "shown_windows",
        lambda s: shown(
            s, groups(s).filter("c < 12").withColumn("n", F.row_number().over(Window.partitionBy("b").orderBy("c")))
        ),
    ),
    Case("sample_counts_of_rows", lambda s: s.range(0, 40, 1, 2).sample(True, 0.8, 42)),
    Case(
        "unwrap_udt",
        lambda s: s.createDataFrame([(Vectors.dense(1, 2),), (Vectors.sparse(3, {1: 4.0}),)], ["v"]).select(
            F.unwrap_udt("v")
        ),
    ),
]
