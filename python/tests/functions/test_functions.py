"""Every expression of `calls.py` through the real client, beside what real Spark answers (`make bless ARGS=functions`)."""

from __future__ import annotations

import pytest

from calls import GROUPS
from comparison import check
from expressions import families
from function_answers import ANSWERS, CONF, Answer, answers, read
from known_differences import KNOWN

EXPRESSIONS_MIN = 3_000
AGREEING_MIN = 0.99
"""Of all expressions; the others stand in `known_differences.py` with a reason."""
EXPRESSIONS_PER_QUERY = 60


@pytest.fixture(scope="module")
def session(spark):
    own = spark.newSession()
    for key, value in CONF.items():
        own.conf.set(key, value)
    yield own
    own.stop()


@pytest.mark.parametrize("group", GROUPS)
def test_functions_answer_as_spark(session, group):
    spark_says = _recorded(group)
    known = {e: reason for e, reason in KNOWN.items() if e in spark_says}
    check(((e, ours, spark_says[e]) for e, ours in _answers(session, group, spark_says)), known)


def test_nearly_all_agree():
    n = sum(len(_recorded(group)) for group in GROUPS)
    assert n >= EXPRESSIONS_MIN
    assert len(KNOWN) <= (1 - AGREEING_MIN) * n


def _recorded(group: str) -> dict[str, Answer]:
    """Expression -> answer, after a look whether the table has changed since it was recorded."""
    recorded, found = read(ANSWERS, group), {}
    for family in families():
        if family.group == group:
            answers_of = recorded[family.name]
            assert answers_of.keys() <= set(family.expressions), (
                f"`{family.name}` has changed: make bless ARGS=functions"
            )
            found.update(answers_of)
    return found


def _answers(session, group, spark_says):
    """Those that fail in Spark one by one; they would stop the others."""
    working = [e for e, answer in spark_says.items() if len(answer) > 1]
    failing = [e for e, answer in spark_says.items() if len(answer) == 1]
    batches = [working[at : at + EXPRESSIONS_PER_QUERY] for at in range(0, len(working), EXPRESSIONS_PER_QUERY)]
    for expressions in [*batches, *([e] for e in failing)]:
        yield from answers(session, group, expressions)
