"""Bad columns, rows and parameters fail as they do in real Spark (`answers.json`), and what Spark takes is taken.

Where Spark fails inside of Java (an index out of bounds, a null pointer), an error that tells the user what is wrong
counts as the same. What else differs is in `DIFFERENCES`, with its reason.
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

from answer import difference, observe
from bad_cases import cases_of
from kept_differences import DIFFERENCES, LOOSE, UNORDERED
from subjects import SUBJECTS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SPARK = json.loads((Path(__file__).with_name("answers.json")).read_text(encoding="utf-8"))
# What Spark puts before the message of an error in a task: there are no tasks here.
JOB = re.compile(r"^Job aborted due to stage failure: .*? \(TID .*?: [\w.]+(Exception|Error)(: |$)")
# Errors of Java that tell a user nothing.
INSIDE = re.compile(r"OutOfBounds|NoSuchElement|NullPointer|MatchError|ClassCast|NegativeArraySize|empty collection")
PLAIN = ("IllegalArgumentException", "SparkException", "UnknownException")


# Names of instances of Java.
VOLATILE = re.compile(r"MapPartitionsRDD.*|the training data|(?<=NumericType)\$@\w+")


def plain(message: str) -> str:
    return VOLATILE.sub("", JOB.sub("", message)).rstrip(";. ")


def is_same(ours: dict[str, Any], wanted: dict[str, Any], name: str, case: str) -> bool:
    if "error" not in wanted:
        if "error" in ours or name in LOOSE:
            return "error" not in ours
        if name in UNORDERED:
            ours, wanted = ({"rows": sorted(answer["rows"], key=str)} for answer in (ours, wanted))
        return difference(ours, wanted) <= (1e-5 if name in UNORDERED else 1e-6)
    if "error" not in ours or ours["error"] == "INTERNAL_ERROR":
        return False
    if INSIDE.search(wanted["error"] + wanted["message"]) or case.endswith("other_size"):
        # Spark has different words for vectors of differing sizes everywhere.
        return True
    if wanted["error"] not in PLAIN:
        return bool(ours["error"] == wanted["error"])
    is_kind = ours["error"] == wanted["error"] or JOB.match(wanted["message"]) is not None
    words = plain(wanted["message"])
    return is_kind and (words == "requirement failed" or plain(ours["message"]) == words)


@pytest.mark.parametrize("name", [name for name in SUBJECTS if name in SPARK])
def test_subject(spark: SparkSession, name: str) -> None:
    cases = cases_of(SUBJECTS[name])
    wrong = []
    for case, wanted in SPARK[name].items():
        if f"{name}.{case}" in DIFFERENCES or f"*.{case}" in DIFFERENCES:
            continue
        ours = observe(spark, cases[case])
        if not is_same(ours, wanted, name, case):
            wrong.append(f"{case}\n  ours {str(ours)[:300]}\n  Spark {str(wanted)[:300]}")
    assert not wrong, "\n".join(wrong)
