"""The calls of `calls.py` once more, with columns where `expressions.py` has values.

One table has a column per pool and place of an argument; its rows go through the values of the pools in another order
at each place. A call takes columns at all places, and if it has several, at each of them while the others are values.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re

from calls import GROUPS, POOLS
from expressions import Family, argument_choices, call, forms_of

ROWS = 12
NOT_COLUMNS = ("aggregate", "window", "misc")
"""Groups that are called with columns anyway, or have nothing to vary."""
COMBINATIONS_MAX = 6
"""Calls of one form with different kinds of columns."""

VALUES = POOLS | {
    "dec": [
        "3.25",
        "CAST(NULL AS DECIMAL(10,2))",
        "0.00",
        "-2.5",
        "99999999999999.9999",
        "CAST(7 AS DECIMAL(5,0))",
        "0.0001",
        "-1.0",
    ],
}
"""A column has one type: of decimals those that keep their digits in it."""


def table(expressions: list[str]) -> str:
    """The table, as far as the expressions need it, in brackets; `r` numbers its rows."""
    used = sorted({name for text in expressions for name in re.findall(r"\b[a-z]+_?\d\b", text)} & _columns().keys())
    rows = ", ".join(f"({', '.join([str(row), *(_columns()[name][row] for name in used)])})" for row in range(ROWS))
    return f"(SELECT * FROM VALUES {rows} AS t({', '.join(['r', *used])}))"


def query(expressions: list[str], rows: list[tuple[int, ...] | None]) -> str:
    """One query for expressions, each over the rows for which it is to be computed (None: all, without a condition)."""
    columns = ", ".join(
        expression if only is None else f"CASE WHEN r IN ({', '.join(map(str, only))}) THEN {expression} END"
        for expression, only in zip(expressions, rows, strict=True)
    )
    return f"SELECT {columns} FROM {table(expressions)} ORDER BY r"


@functools.cache
def families() -> list[Family]:
    found = []
    for group, lines in GROUPS.items():
        if group not in NOT_COLUMNS:
            for line in lines.strip().split("\n"):
                head, forms = forms_of(line)
                expressions = dict.fromkeys(text for form in forms for text in _calls(head, form))
                if expressions:
                    found.append(Family(group, head, list(expressions)))
    return found


def _calls(head: str, form: str) -> list[str]:
    arguments = []
    for place, choices in enumerate(argument_choices(form)):
        pools = [choice for choice in choices if choice in POOLS]
        arguments.append((pools, [_name(pool, place) for pool in pools] or [choices[0]], choices))
    varied = [place for place, (pools, _, _) in enumerate(arguments) if pools]
    if not varied:
        return []
    combinations = itertools.product(*(columns for _, columns, _ in arguments))
    calls = [call(head, values) for values in itertools.islice(combinations, COMBINATIONS_MAX)]
    for place in varied if len(varied) > 1 else []:
        values = [
            columns[0] if other == place else POOLS[pools[0]][0] if pools else columns[0]
            for other, (pools, columns, _) in enumerate(arguments)
        ]
        calls.append(call(head, tuple(values)))
    return calls


def _name(pool: str, place: int) -> str:
    return f"{pool.lower()}{'' if pool.islower() else '_'}{place}"


@functools.cache
def _columns() -> dict[str, list[str]]:
    """Column -> its values. The first place has the pool's order, the others each their own."""
    return {_name(pool, place): _order(pool, values, place) for pool, values in VALUES.items() for place in range(5)}


def _order(pool: str, values: list[str], place: int) -> list[str]:
    found: list[str] = []
    for turn in itertools.count():
        if len(found) >= ROWS:
            return found[:ROWS]
        if turn == place == 0:
            found += values
        else:
            found += sorted(
                values, key=lambda value: hashlib.sha256(f"{pool} {place} {turn} {value}".encode()).digest()
            )
    return found
