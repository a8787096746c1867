"""Each case of `scalar_cases` gives the columns, rows or error of real Spark."""

from __future__ import annotations

from typing import Any

import pytest

from case_answers import SCALAR


@pytest.mark.parametrize("name", SCALAR.cases)
def test_case(spark: Any, name: str) -> None:
    SCALAR.check(spark, name)
