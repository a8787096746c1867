"""Each case of `group_cases`, `source_cases` and `sink_cases` gives the columns, rows or error of real Spark."""

from __future__ import annotations

from typing import Any

import pytest

from case_answers import GROUPS


@pytest.mark.parametrize("name", GROUPS.cases)
def test_case(spark: Any, name: str) -> None:
    GROUPS.check(spark, name)
