"""What does not fit and cannot go to disk fails, and says what and how much; sizes are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyspark.errors import PySparkException

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession


def test_a_cross_join_names_operator_and_limit(small: tuple[SparkSession, Path]) -> None:
    spark, _ = small
    wide = spark.range(300_000).selectExpr("id", "repeat('x', 100) AS pad")
    with pytest.raises(PySparkException) as caught:
        wide.crossJoin(wide.selectExpr("id AS other", "pad AS more")).agg({"pad": "max", "more": "max"}).collect()
    assert caught.value.getCondition() == "UNABLE_TO_ACQUIRE_MEMORY"
    assert caught.value.getSqlState() == "53200"
    message = str(caught.value)
    assert "CrossJoinExec" in message
    assert "20.0 MB" in message
    parameters = caught.value.getMessageParameters()
    assert parameters is not None
    assert int(parameters["requestedBytes"]) > 0
    # The engine goes on, with all its memory.
    assert spark.range(1000).count() == 1000


@pytest.mark.parametrize("memory", ["lots", "1m", "-1g", "1.5g"])
def test_sizes_that_are_none(memory: str, start: Callable[..., tuple[SparkSession, Path]]) -> None:
    spark, _ = start(memory)
    with pytest.raises(PySparkException, match=r"spark\.executor\.memory must be"):
        spark.range(3).count()


def test_driver_memory_counts_in_local_mode(start: Callable[..., tuple[SparkSession, Path]]) -> None:
    spark, _ = start("", **{"spark.driver.memory": "17"})
    wide = spark.range(300_000).selectExpr("id", "repeat('x', 100) AS pad")
    with pytest.raises(PySparkException, match=r"17\.0 MB"):
        wide.crossJoin(wide.selectExpr("pad AS more")).agg({"pad": "max", "more": "max"}).collect()


@pytest.mark.parametrize("codec", ["zstd", "snappy"])
def test_codecs(codec: str, start: Callable[..., tuple[SparkSession, Path]]) -> None:
    spark, _ = start("16m", **{"spark.io.compression.codec": codec})
    frame = spark.range(600_000).selectExpr("id", "concat('padding of a row ', id) AS pad").orderBy("pad")
    assert frame.selectExpr("max(pad)").first()[0] == "padding of a row 99999"


def test_codec_that_is_none(start: Callable[..., tuple[SparkSession, Path]]) -> None:
    spark, _ = start("16m", **{"spark.io.compression.codec": "rar"})
    with pytest.raises(PySparkException, match="rar"):
        spark.range(3).count()
