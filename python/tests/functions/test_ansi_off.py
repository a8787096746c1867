"""Every expression of `calls.py` without ANSI mode, beside what real Spark answers (`make bless ARGS=functions`)."""

from __future__ import annotations

import pytest

from ansi_off_answers import ANSI_OFF_CONF, lenient, recorded
from calls import GROUPS
from comparison import check
from function_answers import answers
from known_differences import KNOWN, KNOWN_ANSI_OFF, ONLY_WITH_ANSI
from test_functions import AGREEING_MIN, EXPRESSIONS_PER_QUERY


@pytest.fixture(scope="module")
def session(spark):
    own = spark.newSession()
    for key, value in ANSI_OFF_CONF.items():
        own.conf.set(key, value)
    yield own
    own.stop()


@pytest.mark.parametrize("group", GROUPS)
def test_functions_answer_as_spark_without_ansi_mode(session, group):
    spark_says = recorded(group)
    working = [e for e, answer in spark_says.items() if len(answer) > 1]
    # What fails in the same way in ANSI mode is asked there.
    failing = [e for e, answer in lenient(group).items() if len(answer) == 1]
    batches = [working[at : at + EXPRESSIONS_PER_QUERY] for at in range(0, len(working), EXPRESSIONS_PER_QUERY)]
    found = (pair for batch in [*batches, *([e] for e in failing)] for pair in answers(session, group, batch))
    known = {e: r for e, r in (KNOWN | KNOWN_ANSI_OFF).items() if e in spark_says and e not in ONLY_WITH_ANSI}
    known = {e: reason for e, reason in known.items() if e in working or e in failing}
    check(((expression, ours, spark_says[expression]) for expression, ours in found), known)


def test_nearly_all_agree():
    n = sum(len(recorded(group)) for group in GROUPS)
    assert len(KNOWN | KNOWN_ANSI_OFF) <= (1 - AGREEING_MIN) * n
