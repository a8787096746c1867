"""Trees, naive Bayes, linear SVC, factorization machines and perceptrons answer what real Spark answered.

The answers are in `answers.json`, written by `record.py`.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parent))

from answer import observe
from error_cases import OURS
from tree_cases import CASES

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What Spark puts before the message of an error in a task: there are no tasks here.
JOB = re.compile(r"^Job aborted due to stage failure: .*? \(TID .*?: [\w.]+(Exception|Error): ")
SPARK = json.loads(Path(__file__).with_name("answers.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_case(spark: SparkSession, name: str) -> None:
    ours, wanted = observe(spark, CASES[name]), SPARK[name]
    if name in OURS:
        assert (ours.get("error"), ours.get("message")) == OURS[name]
        return
    if "error" in wanted:
        message = JOB.sub("", wanted["message"]).rstrip(";")
        assert ours.get("message") == message
        if message == wanted["message"]:
            assert ours["error"] == wanted["error"]
        return
    assert "error" not in ours, ours
    found = difference(ours, wanted)
    assert found is None, found


def difference(ours: Any, wanted: Any, at: str = "") -> str | None:
    """Where the first difference is; doubles differ by more than 1e-6, relative where they are larger than one."""
    if isinstance(wanted, dict) and "f" in wanted and isinstance(ours, dict) and "f" in ours:
        a, b = float(ours["f"]), float(wanted["f"])
        same = ours["f"] == wanted["f"] or abs(a - b) <= 1e-6 * max(1.0, abs(b))
        return None if same else f"{at}: ours {a}, Spark {b}"
    if isinstance(wanted, str) and isinstance(ours, str):
        return rule_difference(ours, wanted, at)
    if type(ours) is not type(wanted) or (isinstance(wanted, (list, dict)) and len(ours) != len(wanted)):
        return f"{at}: ours {str(ours)[:300]}, Spark {str(wanted)[:300]}"
    pairs: list[Any] = []
    if isinstance(wanted, list):
        pairs = [(position, a, b) for position, (a, b) in enumerate(zip(ours, wanted, strict=True))]
    elif isinstance(wanted, dict):
        pairs = [(key, ours.get(key), wanted[key]) for key in wanted]
    elif ours != wanted:
        return f"{at}: ours {ours}, Spark {wanted}"
    return next((found for key, a, b in pairs if (found := difference(a, b, f"{at}/{key}"))), None)


def rule_difference(ours: str, wanted: str, at: str) -> str | None:
    """Texts are the same word by word, but for the last digits of numbers."""
    a, b = ours.replace("(", " ").replace(")", " ").split(" "), wanted.replace("(", " ").replace(")", " ").split(" ")
    words = len(a) == len(b) and all(map(same_word, a, b))
    return None if words else f"{at}: ours {ours!r}, Spark {wanted!r}"


def same_word(ours: str, wanted: str) -> bool:
    try:
        return abs(float(ours) - float(wanted)) <= 1e-6 * max(1.0, abs(float(wanted)))
    except ValueError:
        return ours == wanted
