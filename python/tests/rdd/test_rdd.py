"""RDDs answer as classic Spark's do: the cases of `rdd_cases`, on each backend."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from rdd_cases import CASES, answer

ANSWERS = Path(__file__).with_name("rdd_answers.spark-4.2.0.txt")
RECORDED = dict(line.split("\t", 1) for line in ANSWERS.read_text(encoding="ascii").splitlines())


@pytest.mark.parametrize("name", CASES)
def test_case(sc: Any, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        text = answer(CASES[name], sc).encode("ascii", "backslashreplace").decode()
    assert text == RECORDED[name]


def test_answers_are_of_these_cases() -> None:
    assert list(RECORDED) == list(CASES)
