"""The calls of `calls.py` over columns, in ANSI mode and without, beside what real Spark answers
(`make bless ARGS=functions`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from calls import GROUPS
from column_answers import ANSI, answers, conf
from column_expressions import NOT_COLUMNS, families
from comparison import check
from function_answers import Answer, read
from known_differences import KNOWN_COLUMNS, KNOWN_COLUMNS_ANSI
from test_functions import AGREEING_MIN, EXPRESSIONS_PER_QUERY

COLUMN_GROUPS = [group for group in GROUPS if group not in NOT_COLUMNS]


@pytest.fixture(scope="module", params=[True, False], ids=["ansi", "ansi_off"])
def ansi(request):
    return request.param


@pytest.fixture(scope="module")
def session(spark, ansi):
    own = spark.newSession()
    for key, value in conf(ansi).items():
        own.conf.set(key, value)
    yield own
    own.stop()


@pytest.mark.parametrize("group", COLUMN_GROUPS)
def test_functions_of_columns_answer_as_spark(session, ansi, group):
    check(_pairs(session, ansi, group), KNOWN_COLUMNS | (KNOWN_COLUMNS_ANSI if ansi else {}))


def test_nearly_all_agree():
    n = sum(len(_recorded(ansi, group)) for ansi in ANSI for group in COLUMN_GROUPS)
    assert 2 * len(KNOWN_COLUMNS) + len(KNOWN_COLUMNS_ANSI) <= (1 - AGREEING_MIN) * n


def _recorded(ansi: bool, group: str) -> dict[str, Answer]:
    """Expression -> answer, after a look whether the table has changed since it was recorded."""
    recorded, found = read(ANSI[ansi], group), {}
    for family in families():
        if family.group == group:
            answers_of = recorded[family.name]
            assert answers_of.keys() <= set(family.expressions), (
                f"`{family.name}` has changed: make bless ARGS=functions"
            )
            found.update(answers_of)
    return found


def _pairs(session, ansi, group) -> Iterator[tuple[str, Answer, Answer]]:
    """Expressions, our answers and Spark's. Those that fail in Spark for some row are queries of their own: one of a
    family is enough, and without ANSI mode only if it does not fail in the same way with it. Then the rows that work.
    """
    spark_says, alike = _recorded(ansi, group), {} if ansi else _recorded(True, group)
    failing = [e for e, answer in spark_says.items() if len(answer) in (1, 4)]
    first_of_family = {_family(group)[e]: e for e in reversed(failing)}.values()
    for expression in first_of_family:
        if alike.get(expression, [])[:1] != spark_says[expression][:1]:
            (_, ours), *_ = answers(session, [expression], [None])
            yield expression, ours, spark_says[expression][:1]
    for batch in _batches([e for e in spark_says if e not in failing]):
        for expression, ours in answers(session, batch, [None] * len(batch)):
            yield expression, ours, spark_says[expression]
    for batch in _batches([e for e in failing if len(spark_says[e]) > 1]):
        rows = [tuple(spark_says[expression][1]) for expression in batch]
        for expression, ours in answers(session, batch, rows):
            yield expression, ours, spark_says[expression][2:]


def _family(group: str) -> dict[str, str]:
    return {e: family.name for family in families() if family.group == group for e in family.expressions}


def _batches(expressions: list[str]) -> list[list[str]]:
    return [expressions[at : at + EXPRESSIONS_PER_QUERY] for at in range(0, len(expressions), EXPRESSIONS_PER_QUERY)]
