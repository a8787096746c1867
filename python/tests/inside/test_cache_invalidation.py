"""A cache tells what its tables, views and files hold now. The counts are Spark 4.2's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

TABLE = "cache_invalidation"


@pytest.fixture
def table(spark: SparkSession) -> Iterator[str]:
    """A table of one column and the row 1; it goes with the test."""
    spark.sql(f"DROP TABLE IF EXISTS {TABLE}")
    spark.sql(f"CREATE TABLE {TABLE} (a INT) USING parquet")
    spark.sql(f"INSERT INTO {TABLE} VALUES (1)")
    yield TABLE
    spark.catalog.clearCache()
    spark.sql(f"DROP TABLE IF EXISTS {TABLE}")


@pytest.fixture
def view(spark: SparkSession) -> Iterator[str]:
    """The name of a view that goes with the test."""
    yield "cached_view"
    spark.catalog.clearCache()
    spark.catalog.dropTempView("cached_view")


def test_a_replaced_view_is_not_cached(spark: SparkSession, view: str) -> None:
    spark.range(4).createOrReplaceTempView(view)
    spark.catalog.cacheTable(view)
    assert spark.table(view).count() == 4
    spark.range(9).createOrReplaceTempView(view)
    assert not spark.catalog.isCached(view)
    assert spark.table(view).count() == 9
    assert spark.sql(f"SELECT * FROM {view}").count() == 9


def test_a_view_replaced_by_itself_stays_cached(spark: SparkSession, view: str) -> None:
    spark.range(4).createOrReplaceTempView(view)
    spark.catalog.cacheTable(view)
    spark.range(4).createOrReplaceTempView(view)
    assert spark.catalog.isCached(view)


def test_a_dropped_view_is_not_cached(spark: SparkSession, view: str) -> None:
    spark.range(43).createOrReplaceTempView(view)
    spark.catalog.cacheTable(view)
    spark.catalog.dropTempView(view)
    assert not spark.range(43).is_cached
    spark.range(5).createOrReplaceTempView(view)
    assert spark.table(view).count() == 5


def test_writes_to_a_table_recompute_what_reads_it(spark: SparkSession, table: str) -> None:
    spark.catalog.cacheTable(table)
    some = spark.table(table).filter("a > 0").cache()
    assert (spark.table(table).count(), some.count()) == (1, 1)
    spark.sql(f"INSERT INTO {table} VALUES (2)")
    assert (spark.table(table).count(), some.count(), spark.table(table).filter("a > 0").count()) == (2, 2, 2)
    spark.range(1).selectExpr("int(id) + 3 AS a").write.insertInto(table)
    spark.range(1).selectExpr("int(id) + 4 AS a").write.mode("append").saveAsTable(table)
    assert (spark.table(table).count(), some.count()) == (4, 4)
    spark.sql(f"INSERT OVERWRITE {table} VALUES (5), (6)")
    assert sorted(row.a for row in some.collect()) == [5, 6]
    spark.sql(f"TRUNCATE TABLE {table}")
    assert (spark.table(table).count(), some.count()) == (0, 0)
    assert spark.catalog.isCached(table)
    assert some.is_cached


def test_a_table_made_anew_is_not_cached(spark: SparkSession, table: str) -> None:
    spark.catalog.cacheTable(table)
    assert spark.table(table).count() == 1
    spark.sql(f"DROP TABLE {table}")
    spark.sql(f"CREATE TABLE {table} (a INT) USING parquet")
    assert not spark.catalog.isCached(table)
    assert spark.table(table).count() == 0


def test_views_of_a_table_have_its_new_rows(spark: SparkSession, table: str, view: str) -> None:
    spark.sql(f"CREATE TEMPORARY VIEW {view} AS SELECT * FROM {table}")
    spark.sql(f"INSERT INTO {table} VALUES (2)")
    assert spark.table(view).count() == 2


def test_writes_to_a_path_recompute_what_reads_it(spark: SparkSession, tmp_path: Path) -> None:
    path = str(tmp_path / "rows")
    spark.range(3).write.parquet(path)
    rows = spark.read.parquet(path).cache()
    assert rows.count() == 3
    spark.range(5).write.mode("append").parquet(path)
    assert (rows.count(), spark.read.parquet(path).count()) == (8, 8)
    spark.range(5).write.mode("overwrite").parquet(path)
    assert (rows.count(), spark.read.parquet(path).count()) == (5, 5)
    assert rows.is_cached
    rows.unpersist()


@pytest.mark.parametrize("way", ["catalog", "sql"])
def test_files_of_others_are_seen_after_a_refresh(spark: SparkSession, tmp_path: Path, way: str) -> None:
    path = str(tmp_path / "rows")
    spark.range(3).write.parquet(path)
    rows = spark.read.parquet(path).cache()
    assert rows.count() == 3
    pq.write_table(pa.table({"id": [1, 2]}), f"{path}/more.parquet")
    assert (rows.count(), spark.read.parquet(path).count()) == (3, 3)
    if way == "catalog":
        spark.catalog.refreshByPath(path)
    else:
        spark.sql(f"REFRESH '{path}'")
    assert (rows.count(), spark.read.parquet(path).count()) == (5, 5)
    rows.unpersist()


def test_columns_of_frames_under_a_cached_one(spark: SparkSession) -> None:
    rows = spark.range(5)
    some = rows.filter(rows.id > 1).cache()
    assert [row.id for row in some.select(rows.id).collect()] == [2, 3, 4]
    assert some.join(rows, some.id == rows.id).count() == 3
    some.unpersist()


def test_frames_in_other_words_find_the_cache(spark: SparkSession, tmp_path: Path) -> None:
    path = str(tmp_path / "rows")
    spark.range(3).write.parquet(path)
    rows = spark.read.parquet(path).filter("id > 0").cache()
    assert rows.count() == 2
    pq.write_table(pa.table({"id": [7]}), f"{path}/more.parquet")
    other = spark.read.parquet(path)
    assert other.where(other.id > 0).select("id", other.id + 1).count() == 2
    rows.unpersist()
    assert other.where(other.id > 0).count() == 3
