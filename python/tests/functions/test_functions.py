"""Every expression of `calls.py` through the real client, beside what real Spark answers (`make bless ARGS=functions`)."""

from __future__ import annotations

import json

import pytest

from calls import GROUPS
from expressions import families
from function_answers import CONF, Answer, answers, read
from known_differences import KNOWN
from spark_answer import same

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
    complaints, agreeing_now = [], []
    for expression, ours in _answers(session, group, spark_says):
        agrees = _agree(ours, spark_says[expression])
        if not agrees and expression not in KNOWN:
            complaints.append(_complaint(expression, ours, spark_says[expression]))
        if agrees and expression in KNOWN:
            agreeing_now.append(expression)
    assert not complaints, f"{len(complaints)} expressions differ\n" + "\n".join(complaints)
    assert not agreeing_now, f"remove from known_differences.py: {agreeing_now}"


def test_nearly_all_agree():
    n = sum(len(_recorded(group)) for group in GROUPS)
    assert n >= EXPRESSIONS_MIN
    assert len(KNOWN) <= (1 - AGREEING_MIN) * n


def _recorded(group: str) -> dict[str, Answer]:
    """Expression -> answer, after a look whether the table has changed since it was recorded."""
    recorded, found = read(group), {}
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


def _agree(ours: Answer, spark: Answer) -> bool:
    return len(ours) == len(spark) and ours[:-1] == spark[:-1] and same(ours[-1], spark[-1])


def _complaint(expression: str, ours: Answer, spark: Answer) -> str:
    ours_text, spark_text = (json.dumps(answer, ensure_ascii=False) for answer in (ours, spark))
    return f"{expression}\n    Spark: {spark_text}\n    here:  {ours_text}"
