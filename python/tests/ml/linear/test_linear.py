"""Linear models, evaluators, statistics, pipelines and tuning answer what real Spark answered (`answers.json`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parent))

from answer import difference, observe, short
from linear_cases import CASES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK = json.loads(Path(__file__).with_name("answers.json").read_text(encoding="utf-8"))

# Spark's own search for bounds ends at a few digits fewer.
TOLERANCE = {
    "linear_huber": 1e-5,
    "linear_huber_ridge": 1e-5,
    "linear_huber_no_intercept": 1e-5,
    "logistic_bounds": 1e-4,
    "logistic_bounds_on_intercept": 1e-4,
    "multinomial_bounds": 1e-4,
}


@pytest.mark.parametrize("name", CASES)
def test_case(spark: SparkSession, name: str) -> None:
    ours, wanted = observe(spark, CASES[name]), SPARK[name]
    if "error" in wanted:
        assert (ours.get("error"), ours.get("message")) == (wanted["error"], wanted["message"])
        return
    assert "error" not in ours, ours
    gap = difference(ours, wanted)
    assert gap <= TOLERANCE.get(name, 1e-6), f"{gap}\nours {short(ours)}\nSpark {short(wanted)}"
