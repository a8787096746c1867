"""Hints decide which join runs, and change no rows (what they mean is Spark's; plans are the engine's own)."""

import pytest
from pyspark.sql import functions as F

SHOWN = {
    "broadcast": "BroadcastHashJoin (HashJoinExec: mode=CollectLeft",
    "merge": "SortMergeJoin (SortMergeJoinExec",
    "shuffle_hash": "ShuffledHashJoin (HashJoinExec: mode=Partitioned",
}


def sides(spark):
    left = spark.range(100).withColumn("x", F.col("id") % 5)
    return left, spark.range(90, 110).withColumnRenamed("id", "k").withColumn("y", F.col("k") * 2)


@pytest.mark.parametrize("hint", SHOWN)
@pytest.mark.parametrize("how", ["inner", "left", "right", "full", "left_semi", "left_anti"])
def test_hinted_joins_give_the_same_rows(spark, hint, how):
    left, right = sides(spark)
    plain = left.join(right, left.id == right.k, how)
    for hinted in (
        left.join(right.hint(hint), left.id == right.k, how),
        left.hint(hint).join(right, left.id == right.k, how),
    ):
        assert sorted(map(str, hinted.collect())) == sorted(map(str, plain.collect()))


@pytest.mark.parametrize("hint", SHOWN)
def test_the_hint_shows_in_the_plan(spark, hint):
    left, right = sides(spark)
    joined = left.join(right.filter("y > 0").hint(hint).select("k"), left.id == right.k)
    assert SHOWN[hint] in joined._explain_string()
    assert f"rightHint=(strategy={hint})" in joined._explain_string(extended=True)


def test_the_hinted_side_is_built(spark):
    left, right = sides(spark)
    for hinted, built in (
        (left.hint("broadcast").join(right, left.id == right.k), "on=[(id#"),
        (
            left.join(F.broadcast(right), left.id == right.k),
            "on=[(k#",
        ),
    ):
        assert built in hinted._explain_string()


def test_hints_name_tables_in_sql(spark):
    left, right = sides(spark)
    left.createOrReplaceTempView("hinted_left")
    right.createOrReplaceTempView("hinted_right")
    text = "SELECT /*+ MERGE(b) */ count(*) FROM hinted_left a JOIN hinted_right b ON a.id = b.k"
    assert SHOWN["merge"] in spark.sql(text)._explain_string()
    assert spark.sql(text).first()[0] == 10
    assert SHOWN["merge"] not in spark.sql(text.replace("(b)", "(c)"))._explain_string()
