"""What the expressions of the comparison answer without ANSI mode, as far as that is another answer than with it.

Recorded on real Spark by `bless.py`, observed again by `test_ansi_off.py`. The form of answers is that of
`function_answers.py`.
"""

from __future__ import annotations

from typing import Any

from expressions import families
from function_answers import ANSWERS, CONF, Answer, answers, few_failing, read, with_conf, write

ANSI_OFF = ANSWERS / "ansi_off"
ANSI_OFF_CONF = CONF | {"spark.sql.ansi.enabled": "false"}


def record(spark: Any) -> None:
    """Beside the answers with ANSI mode, which are recorded before."""
    found: dict[str, dict[str, dict[str, Answer]]] = {}
    with with_conf(spark, ANSI_OFF_CONF):
        for family in families():
            strict = read(ANSWERS, family.group)[family.name]
            found_now = few_failing(dict(answers(spark, family.group, family.expressions)))
            others = {
                expression: answer for expression, answer in found_now.items() if answer != strict.get(expression)
            }
            if others:
                found.setdefault(family.group, {})[family.name] = others
            print("ANSI off", family.group, family.name, len(others), flush=True)
    for group, of_families in found.items():
        write(ANSI_OFF, group, of_families, spark.version)


def recorded(group: str) -> dict[str, Answer]:
    """Expression -> Spark's answer without ANSI mode, also of those that answer the same as with it.

    An expression that fails in both modes counts as one that fails in the same way.
    """
    both = {expression: answer for family in read(ANSWERS, group).values() for expression, answer in family.items()}
    return both | lenient(group)


def lenient(group: str) -> dict[str, Answer]:
    """Expression -> Spark's answer without ANSI mode, where it is another one than with it."""
    if not (ANSI_OFF / f"{group}.json").exists():
        return {}
    return {expression: answer for family in read(ANSI_OFF, group).values() for expression, answer in family.items()}
