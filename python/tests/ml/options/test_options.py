"""Estimators with other parameters than the defaults answer what real Spark answered (`answers.json`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

# Steps that an iteration took to the same end, and the order of what is a set.
STEPS = ("numIter", "numIterations", "objectiveHistory", "totalIterations", "selectedFeatures")
# Ill-conditioned: iterations end before the seventh digit is sure.
TOLERANCES = {"huber": 1e-5, "survival": 1e-5}


def without_steps(answer: Any) -> Any:
    if isinstance(answer, dict) and "map" in answer:
        return {"map": [[key, without_steps(value)] for key, value in answer["map"] if key not in STEPS]}
    if isinstance(answer, dict):
        return {key: without_steps(value) for key, value in answer.items()}
    return [without_steps(item) for item in answer] if isinstance(answer, list) else answer


@pytest.mark.parametrize("name", CASES)
def test_case(spark: SparkSession, name: str) -> None:
    ours, wanted = observe(spark, CASES[name]), SPARK[name]
    if "error" in wanted:
        assert (ours.get("error"), ours.get("message")) == (wanted["error"], wanted["message"])
        return
    assert "error" not in ours, ours
    gap = difference(without_steps(ours), without_steps(wanted))
    assert gap <= TOLERANCES.get(name, 1e-6), f"{gap}\nours {short(ours)}\nSpark {short(wanted)}"
