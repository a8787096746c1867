"""NOT IN over files: columns that the footers know to have no nulls take another join than those with one."""

import pytest

# What SQL's three-valued logic says: a null in the subquery makes every other row unknown.
CASES = [
    ("no nulls", [1, 2, 3, 4], [2, 4], [1, 3]),
    ("null in the subquery", [1, 2, 3, 4], [2, None], []),
    ("null outside", [1, None, 3], [3], [1]),
    ("null outside, empty subquery", [1, None, 3], [], [None, 1, 3]),
    ("nulls in both", [1, None], [None], []),
]


@pytest.mark.parametrize(
    ("outside", "inside", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_not_in(spark, tmp_path, outside, inside, expected):
    for name, values in (("outside", outside), ("inside", inside)):
        frame = spark.createDataFrame([(value,) for value in values], "x INT")
        frame.repartition(3).write.parquet(str(tmp_path / name))
        spark.read.parquet(str(tmp_path / name)).createOrReplaceTempView(f"not_in_{name}")
    query = "SELECT x FROM not_in_outside WHERE x NOT IN (SELECT x FROM not_in_inside)"
    rows = [row.x for row in spark.sql(query).collect()]
    assert sorted(rows, key=lambda x: (x is not None, x)) == expected


def test_a_filter_does_not_hide_the_null_of_an_outer_join(spark, tmp_path):
    spark.range(5).write.parquet(str(tmp_path / "ids"))
    ids = spark.read.parquet(str(tmp_path / "ids"))
    ids.createOrReplaceTempView("not_in_ids")
    query = """
        SELECT id FROM not_in_ids WHERE id NOT IN
        (SELECT b.id FROM not_in_ids a LEFT JOIN not_in_ids b ON a.id = b.id AND b.id < 3)
    """
    assert spark.sql(query).collect() == []
