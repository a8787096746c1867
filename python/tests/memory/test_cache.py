"""cache() and persist(): every level gives the right rows, in memory, on disk or computed again."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import functions as F
from pyspark.sql.connect.session import SparkSession as ConnectSession

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

# Some 30 MB; `small` may keep 8.
ROWS = 500_000
TOTAL = (ROWS * (ROWS - 1) // 2, ROWS, "padding of a row 99999")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, large: SparkSession) -> Path:
    """The rows as Parquet files."""
    directory = tmp_path_factory.mktemp("data") / "rows"
    pad = F.concat(F.lit("padding of a row "), F.col("id"))
    large.range(0, ROWS, 1, 3).select("id", pad.alias("pad")).write.parquet(str(directory))
    return directory


@pytest.fixture
def source(files: Path, tmp_path: Path) -> Path:
    """Files of one's own: whoever takes them away finds out whether a table was kept."""
    return Path(shutil.copytree(files, tmp_path / "rows"))


def frame(spark: SparkSession, *more: Any) -> DataFrame:
    pad = F.concat(F.lit("padding of a row "), F.col("id"))
    return spark.range(0, ROWS, 1, 3).select("id", pad.alias("pad"), *more)


def total(rows: DataFrame) -> tuple[Any, ...]:
    return tuple(rows.agg(F.sum("id"), F.count("*"), F.max("pad")).collect()[0])


def bytes_on_disk(directory: Path) -> int:
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


@pytest.mark.parametrize("level", ["MEMORY_AND_DISK", "MEMORY_AND_DISK_DESER", "DISK_ONLY", "DISK_ONLY_2", "OFF_HEAP"])
def test_what_does_not_fit_goes_to_disk_and_leaves_it(
    level: str, small: tuple[SparkSession, Path], source: Path
) -> None:
    spark, directory = small
    before = bytes_on_disk(directory)
    wanted = getattr(StorageLevel, level)
    rows = spark.read.parquet(str(source)).persist(wanted)
    assert rows.storageLevel == wanted
    assert total(rows) == TOTAL
    shutil.rmtree(source)
    assert total(rows) == TOTAL
    assert bytes_on_disk(directory) > before
    assert rows.filter("id % 1000 = 7").count() == ROWS // 1000
    assert rows.select("pad").distinct().count() == ROWS
    rows.unpersist()
    assert rows.storageLevel == StorageLevel.NONE
    assert bytes_on_disk(directory) == before


@pytest.mark.parametrize("level", ["MEMORY_ONLY", "MEMORY_ONLY_2"])
def test_what_does_not_fit_is_computed_again(level: str, small: tuple[SparkSession, Path], source: Path) -> None:
    spark, directory = small
    before = bytes_on_disk(directory)
    rows = spark.read.parquet(str(source)).persist(getattr(StorageLevel, level))
    assert total(rows) == TOTAL
    assert total(rows.repartition(2)) == TOTAL
    assert rows.select("id").groupBy((F.col("id") % 7).alias("g")).count().count() == 7
    assert bytes_on_disk(directory) == before
    shutil.rmtree(source)
    with pytest.raises(PySparkException):
        total(rows)
    rows.unpersist()


def test_what_fits_stays_in_memory(small: tuple[SparkSession, Path], source: Path) -> None:
    spark, directory = small
    before = bytes_on_disk(directory)
    rows = spark.read.parquet(str(source)).filter("id < 50000").persist(StorageLevel.MEMORY_ONLY)
    assert rows.count() == 50_000
    shutil.rmtree(source)
    assert rows.count() == 50_000
    assert bytes_on_disk(directory) == before
    rows.unpersist()


def test_the_table_that_was_not_read_for_longest_leaves(
    start: Callable[..., tuple[SparkSession, Path]], source: Path
) -> None:
    spark, directory = start("16m")
    kept = [spark.read.parquet(str(source)).filter("id < 60000").withColumn("n", F.lit(n)) for n in range(4)]
    for rows in kept:
        rows.persist(StorageLevel.MEMORY_AND_DISK)
        assert rows.count() == 60_000
    # Four times some 3 MB into 8: some had to go, none was lost.
    assert bytes_on_disk(directory) > 0
    shutil.rmtree(source)
    assert [rows.agg(F.sum("n")).first()[0] for rows in kept] == [0, 60_000, 120_000, 180_000]
    for rows in kept:
        rows.unpersist()
    assert bytes_on_disk(directory) == 0


def test_an_operator_that_cannot_spill_takes_the_room_of_caches(
    start: Callable[..., tuple[SparkSession, Path]], source: Path
) -> None:
    spark, directory = start("16m")
    kept = spark.read.parquet(str(source)).filter("id < 100000").cache()
    assert kept.count() == 100_000
    assert bytes_on_disk(directory) == 0
    wide = spark.range(0, 55_000, 1, 1).selectExpr("id", "concat(id, repeat('x', 100)) AS wide")
    sums = wide.selectExpr("wide", "sum(id) OVER () AS total").agg({"wide": "max", "total": "max"})
    assert tuple(sums.select("max(total)", "max(wide)").collect()[0]) == (55_000 * 54_999 // 2, f"9{'x' * 100}")
    assert bytes_on_disk(directory) > 0
    shutil.rmtree(source)
    assert kept.count() == 100_000
    kept.unpersist()


def test_a_checkpoint_that_does_not_fit(
    small: tuple[SparkSession, Path], source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spark, _ = small
    # The client makes the frame that comes back one of the active session, whichever asked.
    monkeypatch.setattr(ConnectSession._active_session, "session", spark, raising=False)
    rows = spark.read.parquet(str(source)).localCheckpoint()
    shutil.rmtree(source)
    assert total(rows) == TOTAL


def test_cache_table(small: tuple[SparkSession, Path], source: Path) -> None:
    spark, directory = small
    before = bytes_on_disk(directory)
    spark.read.parquet(str(source)).createOrReplaceTempView("kept")
    spark.sql("CACHE TABLE kept OPTIONS ('storageLevel' 'DISK_ONLY')")
    assert bytes_on_disk(directory) > before
    shutil.rmtree(source)
    assert total(spark.table("kept")) == TOTAL
    spark.sql("UNCACHE TABLE kept")
    assert bytes_on_disk(directory) == before
    with pytest.raises(PySparkException, match="StorageLevel"):
        spark.sql("CACHE TABLE kept OPTIONS ('storageLevel' 'IN_THE_CLOUD')")
