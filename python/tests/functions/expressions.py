"""The expressions of the comparison, made from the table in `calls.py`: the same ones in every process.

Each argument of a call takes every value of its pool in turn while the others keep their first, and a few calls take
values at random. Aggregates and window functions run over one small relation, everything else over one row.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from calls import GROUPS, POOLS, RELATION, WINDOWS

CALLS_PER_FORM_MAX = 9
"""Of more the first ones by digest: a form with many arguments has thousands."""
RANDOM_CALLS = 2


@dataclass(frozen=True)
class Family:
    """Expressions of one line of the table, asked for in few queries."""

    group: str
    name: str
    expressions: list[str]


def query(group: str, expressions: list[str]) -> str:
    """One query for expressions of a group."""
    columns = ", ".join(expressions)
    if group == "aggregate":
        return f"SELECT {columns} FROM {RELATION} GROUP BY g ORDER BY g"
    if group == "window":
        return f"SELECT {columns} FROM {RELATION} ORDER BY o"
    # Spark computes what stands over a local relation without a job.
    return f"SELECT {columns} FROM VALUES (0)"


@functools.cache
def families() -> list[Family]:
    return [_family(group, line) for group, lines in GROUPS.items() for line in lines.strip().split("\n")]


def _family(group: str, line: str) -> Family:
    head, forms = forms_of(line)
    pools = {} if group == "aggregate" else WINDOW_POOLS if group == "window" else POOLS
    found: dict[str, None] = {}
    for form in forms:
        arguments = [
            [value for choice in choices for value in pools.get(choice, [choice])] for choices in argument_choices(form)
        ]
        for values in _choices(line, arguments):
            found[call(head, values)] = None
    return Family(group, head, list(found))


def forms_of(line: str) -> tuple[str, list[str]]:
    """The head of a line and its forms."""
    head, forms = (part.strip() for part in re.split(r" :(?: |$)", line, maxsplit=1))
    return head, _split(forms, ";") if forms else [""]


def argument_choices(form: str) -> list[list[str]]:
    """For each argument the names of pools, or the SQL, that it may be."""
    return [[choice.replace("~", " ") for choice in _split(token, "|")] for token in _split(form, " ")]


WINDOW_POOLS = {name: [text] for name, text in WINDOWS.items()}


def call(head: str, values: tuple[str, ...]) -> str:
    """The SQL of one call."""
    if "{}" in head:
        return head.format(*values)
    return f"{head}({', '.join(values)})" if values or "(" not in head else head


def _choices(seed: str, arguments: list[list[str]]) -> list[tuple[str, ...]]:
    first = tuple(values[0] for values in arguments)
    chosen = {first: None}
    for place, values in enumerate(arguments):
        for value in values[1:]:
            chosen[(*first[:place], value, *first[place + 1 :])] = None
    most = CALLS_PER_FORM_MAX if len(arguments) == 1 else 4
    calls = sorted(chosen, key=lambda call: _digest(seed, *call))[:most]
    if len(arguments) > 1:
        every = itertools.islice(itertools.product(*arguments), 20_000)
        random = sorted((call for call in every if call not in chosen), key=lambda call: _digest(seed, *call))
        calls += random[:RANDOM_CALLS]
    return calls


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode()).digest()


def _split(text: str, separator: str) -> list[str]:
    """Pieces between separators that stand neither in quotes nor in brackets."""
    return list(_pieces(text, separator))


def _pieces(text: str, separator: str) -> Iterator[str]:
    piece, depth, quoted, escaped = "", 0, False, False
    for letter in text:
        if quoted:
            quoted = escaped or letter != "'"
            escaped = letter == "\\" and not escaped
        elif letter == "'":
            quoted = True
        elif letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        if letter == separator and not quoted and depth == 0:
            if piece.strip():
                yield piece.strip()
            piece = ""
        else:
            piece += letter
    if piece.strip():
        yield piece.strip()
