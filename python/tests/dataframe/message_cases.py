"""What mistakes with DataFrames are told: class, condition, sentence and parameters of the error.

As in `cases.py`, which see: nothing here knows Firesteel.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.sql import functions as F

from cases import Case, people

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession


def told(make: Callable[[SparkSession], DataFrame]) -> Callable[[SparkSession], Any]:
    def observe(spark: SparkSession) -> Any:
        try:
            return make(spark).collect()
        except PySparkException as error:
            # Real Spark's sentence goes on with the plan, the place of the call and the stack of the JVM.
            sentence = re.split(r"\n== |;\n|; line |\n\nJVM", str(error))[0]
            parameters = sorted(map(list, (error.getMessageParameters() or {}).items()))
            return [type(error).__name__, error.getCondition(), sentence, parameters]

    return observe


def maps(s: SparkSession) -> DataFrame:
    return s.sql("SELECT id, map('a', id) AS m, array(map(1, 2)) AS n FROM range(2)")


def letters(s: SparkSession) -> DataFrame:
    return s.createDataFrame([("A", 1, 2), ("B", 3, 4)], "k STRING, a INT, b INT")


MESSAGE_CASES = [
    Case(f"told_{name}", told(make))
    for name, make in [
        ("distinct_map", lambda s: maps(s).select("m").distinct()),
        ("drop_duplicates_nested_map", lambda s: maps(s).dropDuplicates(["n"])),
        ("subtract_map", lambda s: maps(s).subtract(maps(s))),
        ("intersect_all_map", lambda s: maps(s).intersectAll(maps(s))),
        ("union_all_map", lambda s: maps(s).union(maps(s)).select(F.count("*"))),
        ("distinct_variant", lambda s: s.sql("SELECT DISTINCT parse_json('1') AS v")),
        ("drop_duplicates_unknown", lambda s: people(s).dropDuplicates(["zzz"])),
        ("drop_duplicates_watermark", lambda s: people(s).dropDuplicatesWithinWatermark(["id"])),
        ("transpose_strings", lambda s: letters(s).transpose("a")),
        ("transpose_by_array", lambda s: letters(s).select(F.array("a").alias("i"), "b").transpose("i")),
        ("transpose_by_expression", lambda s: letters(s).transpose(F.col("a") + 1)),
        ("unpivot_expression", lambda s: letters(s).unpivot([F.col("a") + 1], [F.col("b")], "var", "val")),
        ("limit_negative", lambda s: people(s).limit(-1)),
        ("offset_negative", lambda s: people(s).offset(-3)),
        ("summary_unknown", lambda s: people(s).summary("foo")),
        ("summary_percent", lambda s: people(s).summary("200%")),
        ("freq_items_support", lambda s: people(s).freqItems(["id"], 1e-7)),
        ("observe_nothing", lambda s: people(s).observe("", F.count("*"))),
        ("observe_column", lambda s: people(s).observe("x", F.col("age").alias("n"))),
        ("observe_distinct", lambda s: people(s).observe("x", F.countDistinct("age").alias("n"))),
        ("hint_coalesce", lambda s: people(s).hint("coalesce")),
        ("unknown_column", lambda s: people(s).select("nope")),
        ("unknown_short_column", lambda s: people(s).select("zzz")),
    ]
]
