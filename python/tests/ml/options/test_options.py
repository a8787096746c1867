"""Estimators with other parameters than the defaults answer what real Spark answered (`answers.json`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parents[1] / "trees"))
sys.path.insert(0, str(Path(__file__).parents[1] / "unsupervised"))
sys.path.insert(0, str(Path(__file__).parent))

from answer import difference, observe, short
from option_cases import CASES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK = json.loads((Path(__file__).with_name("answers.json")).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_case(spark: SparkSession, name: str) -> None:
    ours, wanted = observe(spark, CASES[name]), SPARK[name]
    if "error" in wanted:
        assert (ours.get("error"), ours.get("message")) == (wanted["error"], wanted["message"])
        return
    assert "error" not in ours, ours
    gap = difference(ours, wanted)
    assert gap <= 1e-6, f"{gap}\nours {short(ours)}\nSpark {short(wanted)}"
