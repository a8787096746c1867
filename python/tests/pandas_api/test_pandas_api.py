"""The pandas API on Spark prints what it prints on real Spark (`make bless ARGS=pandas_api`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pandas_cases import CASES, answer

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# PySpark advises on the speed of what is asked here.
pytestmark = pytest.mark.filterwarnings("ignore")

ANSWERS = json.loads(Path(__file__).with_name("pandas_answers.spark-4.2.0.json").read_text(encoding="utf-8"))


def test_all_are_recorded() -> None:
    assert sorted(ANSWERS) == sorted(CASES)


@pytest.mark.parametrize("name", CASES)
def test_as_in_spark(spark: SparkSession, name: str) -> None:
    assert answer(spark, name) == ANSWERS[name]
