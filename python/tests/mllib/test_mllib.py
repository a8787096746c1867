"""The older API of MLlib answers as classic Spark does: the cases of `mllib_cases`."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import firesteel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

firesteel.install()

from mllib_cases import CASES, answer  # noqa: E402

ANSWERS = Path(__file__).with_name("mllib_answers.spark-4.2.0.jsonl")
RECORDED = dict(json.loads(line) for line in ANSWERS.read_text(encoding="utf-8").splitlines())

# What iterations only come near.
TOLERANCES = {"logistic regression of three classes": 1e-5}


@pytest.fixture(scope="module")
def sc(spark: SparkSession) -> Any:
    return spark.sparkContext


def differences(ours: Any, theirs: Any, tolerance: float, place: str = "") -> list[str]:
    """Return where two answers differ."""
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = zip(ours, theirs, strict=True)
        return [line for at, pair in enumerate(pairs) for line in differences(*pair, tolerance, f"{place}[{at}]")]
    if isinstance(ours, float) and isinstance(theirs, float):
        return [] if abs(ours - theirs) <= tolerance * max(abs(theirs), 1.0) else [f"{place}: {ours} for {theirs}"]
    return [] if ours == theirs and type(ours) is type(theirs) else [f"{place}: {ours!r} for {theirs!r}"]


@pytest.mark.parametrize("name", CASES)
def test_case(sc: Any, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = answer(CASES[name], sc)
    assert not differences(found, RECORDED[name], TOLERANCES.get(name, 1e-8))


def test_answers_are_of_these_cases() -> None:
    assert list(RECORDED) == list(CASES)
