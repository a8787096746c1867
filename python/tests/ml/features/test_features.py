"""Feature transformers give what real Spark gave (`answers.json`, written by `make bless ARGS=ml_features`)."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from answer import ANSWERS, observe
from feature_cases import CASES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK = json.loads(ANSWERS.read_text(encoding="utf-8"))

# Cases whose message holds what only the JVM has; their condition or class is compared.
OWN_WORDS = {
    "slicer_names",  # the hash of a Java object
    "regex_broken",  # Java's words for a broken pattern
    "one_hot_fraction",  # the number of a stage
    "sql_broken",  # the order of suggestions
    "formula_of_result",  # which of two checks comes first
}

# What Spark calls columns `UDF(v)`.
OTHER_NAMES = {"vectors_to_arrays"}


@pytest.mark.parametrize("name", CASES)
def test_case(spark: SparkSession, name: str) -> None:
    ours, wanted = observe(spark, CASES[name]), SPARK[name]
    if "error" in wanted:
        assert ours.get("error") == wanted["error"], ours
        is_plain = wanted["error"] in ("IllegalArgumentException", "SparkException", "UnknownException")
        if is_plain and name not in OWN_WORDS:
            assert ours["message"] == wanted["message"]
        return
    assert "error" not in ours, ours
    if name in OTHER_NAMES:
        for answer in (ours, wanted):
            answer["fields"] = [field[1] for field in answer["fields"]]
    assert close(ours, wanted), f"ours {short(ours)}\nSpark {short(wanted)}"


def close(ours: Any, wanted: Any) -> bool:
    """Equality, but of doubles to 1e-6 of their size."""
    if isinstance(wanted, dict) and "f" in wanted:
        if not isinstance(ours, dict) or "f" not in ours:
            return False
        a, b = float(ours["f"]), float(wanted["f"])
        return (math.isnan(a) and math.isnan(b)) or a == b or math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(wanted, dict):
        return (
            isinstance(ours, dict) and ours.keys() == wanted.keys() and all(close(ours[k], wanted[k]) for k in wanted)
        )
    if isinstance(wanted, list):
        return isinstance(ours, list) and len(ours) == len(wanted) and all(map(close, ours, wanted))
    return bool(ours == wanted) and type(ours) is type(wanted)


def short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:1500]
