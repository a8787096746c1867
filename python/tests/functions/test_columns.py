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
from known_differences import KNOWN_COLUMNS
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
    check(_pairs(session, _recorded(ansi, group)), KNOWN_COLUMNS)


def test_nearly_all_agree():
    n = sum(len(_recorded(ansi, group)) for ansi in ANSI for group in COLUMN_GROUPS)
    assert len(KNOWN_COLUMNS) <= (1 - AGREEING_MIN) * n


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


def _pairs(session, spark_says) -> Iterator[tuple[str, Answer, Answer]]:
    """Expressions, our answers and Spark's; those that fail in Spark for some row first whole, then over the others."""
    failing = [e for e, answer in spark_says.items() if len(answer) in (1, 4)]
    everywhere = [e for e in spark_says if e not in failing]
    partly = [e for e in failing if len(spark_says[e]) > 1]
    for expression in failing:
        (_, ours), *_ = answers(session, [expression], [None])
        yield expression, ours, spark_says[expression][:1]
    for batch in _batches(everywhere):
        for expression, ours in answers(session, batch, [None] * len(batch)):
            yield expression, ours, spark_says[expression]
    for batch in _batches(partly):
        rows = [tuple(spark_says[expression][1]) for expression in batch]
        for expression, ours in answers(session, batch, rows):
            yield expression, ours, spark_says[expression][2:]


def _batches(expressions: list[str]) -> list[list[str]]:
    return [expressions[at : at + EXPRESSIONS_PER_QUERY] for at in range(0, len(expressions), EXPRESSIONS_PER_QUERY)]
