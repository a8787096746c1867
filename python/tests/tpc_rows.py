"""Whether two engines gave the same rows of a query, though their types differ.

Rows are those that `spark_answer.plain` writes down. Numbers may differ by one unit of the last decimal place of the
coarser one, because engines divide decimals to different scales; doubles by the order in which they were summed. Rows
that tie with the last one under a LIMIT count, but need not be the same: the query does not say which it wants.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from decimal import Decimal
from typing import Any

REL_TOL = 1e-9
_NUMBER = re.compile(r"-?\d+(\.\d+)?(E[+-]?\d+)?", re.IGNORECASE)


def difference(ours: list[Any], theirs: list[Any], keys: list[int] | None = None) -> str | None:
    """The first difference between two lists of rows, as a sentence, or None.

    Parameters
    ----------
    ours, theirs
        Plain rows; numbers as numbers, as text or as `{"f": repr}`.
    keys
        The positions of the columns by which the query sorts, where ties may come in any order and a LIMIT may cut
        them. Without them rows are compared regardless of their order.
    """
    if len(ours) != len(theirs):
        return f"got {len(ours)} rows, expected {len(theirs)}"
    if keys is not None and ours:
        for i, (a, b) in enumerate(zip(ours, theirs)):
            if not all(_same(a[key], b[key]) for key in keys):
                return f"row {i}: got {a}, expected {b}"
        last = theirs[-1]
        ours, theirs = ([row for row in rows if not _ties(row, last, keys)] for rows in (ours, theirs))
    waiting: dict[Any, list[Any]] = defaultdict(list)
    for row in sorted(theirs, key=_numbers):
        waiting[_exact(row)].append(row)
    for row in sorted(ours, key=_numbers):
        candidates = waiting[_exact(row)]
        found = next((i for i, other in enumerate(candidates) if all(map(_same, row, other))), None)
        if found is None:
            return f"got {row}, which is not expected; nearest is {candidates[:1]}"
        candidates.pop(found)
    return None


def _ties(row: list[Any], last: list[Any], keys: list[int]) -> bool:
    return all(_same(row[key], last[key]) for key in keys)


def _exact(row: list[Any]) -> tuple[Any, ...]:
    """The cells that are no numbers."""
    return tuple("a number" if _number(cell) is not None else cell for cell in row)


def _numbers(row: list[Any]) -> list[float]:
    return [float(number) for cell in row if (number := _number(cell)) is not None]


def _number(cell: Any) -> Decimal | float | None:
    """A number as Decimal where its scale means something; None for other values."""
    if isinstance(cell, dict):
        return float(cell["f"])
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int):
        return Decimal(cell)
    return Decimal(cell) if isinstance(cell, str) and _NUMBER.fullmatch(cell) else None


def _same(ours: Any, theirs: Any) -> bool:
    if ours == theirs:
        return True
    a, b = _number(ours), _number(theirs)
    if a is None or b is None:
        return False
    decimals = [n for n in (a, b) if isinstance(n, Decimal)]
    exponents = [n.as_tuple().exponent for n in decimals]
    # An integer beside a double has no places to be wrong in.
    unit = max((10.0**e for e in exponents if isinstance(e, int) and e < 0), default=0.0)
    return math.isclose(float(a), float(b), rel_tol=REL_TOL, abs_tol=unit * (1 + REL_TOL))
