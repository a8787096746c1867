"""How an answer of Spark's is written down, and when another answer counts as the same.

The suites that compare with recorded answers (`slt`, `dataframe`, `tpch`) share this file, so a value looks the same
in all of them. It knows neither Firesteel nor the recorder: it sees collected rows and a schema.

- `text(value)`     one value as one short piece of text, for `.slt` files
- `plain(value)`    one value as JSON holds it, for answer files
- `schema_text`     the result's columns as `name:type, ...`
- `error_text`      an error as `CONDITION SQLSTATE`
- `different`       the first difference between two answers, or None
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

REL_TOL = 1e-9
"""Doubles may differ by the order in which they were summed, and by nothing else."""


def text(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return f"{value // dt.timedelta(microseconds=1)} us"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text(k)}: {text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):  # a Row
        names = getattr(value, "__fields__", [f"_{i + 1}" for i in range(len(value))])
        return "(" + ", ".join(f"{n}={text(v)}" for n, v in zip(names, value, strict=False)) + ")"
    if isinstance(value, list):
        return "[" + ", ".join(text(v) for v in value) + "]"
    return str(value)


def _string(value: str) -> str:
    """Bare where that is unmistakable, quoted where it is empty, has odd spaces or could be read as something else."""
    safe = value.isprintable() and value == value.strip() and not any(c in value for c in '"|,=:()[]{}\\')
    if safe and value not in ("", "NULL", "true", "false"):
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def plain(value: Any) -> Any:
    """Doubles as their repr, so that NaN, infinities and minus zero survive JSON; everything else exact."""
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return {"f": repr(value)}
    if isinstance(value, dict):
        return {"m": [[plain(k), plain(v)] for k, v in value.items()]}
    if isinstance(value, tuple):
        names = getattr(value, "__fields__", [f"_{i + 1}" for i in range(len(value))])
        return {"r": [[n, plain(v)] for n, v in zip(names, value, strict=False)]}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return text(value)


def plain_rows(rows: Sequence[Any]) -> list[list[Any]]:
    return [[plain(v) for v in row] for row in rows]


def schema_text(schema: Any) -> str:
    line = ", ".join(f"{f.name}:{f.dataType.simpleString()}" for f in schema.fields)
    return line.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def error_text(error: BaseException) -> str:
    """The condition and SQLSTATE of a PySpark error; other exceptions show their class, so that none hides."""
    condition = getattr(error, "getCondition", lambda: None)()
    if condition is None:
        return type(error).__name__
    return f"{condition} {error.getSqlState()}"  # type: ignore[attr-defined]


def sort_key(row: Any) -> str:
    """Orders plain rows alike on both sides even if doubles differ in their last digits."""
    return json.dumps(_rounded(row), sort_keys=True)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict) and "f" in value:
        return f"{float(value['f']):.6g}"
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return value


def same(ours: Any, spark: Any, rel_tol: float = REL_TOL) -> bool:
    """Equality of two plain values: exact, except doubles."""
    if isinstance(ours, dict) and isinstance(spark, dict) and "f" in ours and "f" in spark:
        a, b = float(ours["f"]), float(spark["f"])
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if a == 0 and b == 0:
            return math.copysign(1, a) == math.copysign(1, b)
        return math.isclose(a, b, rel_tol=rel_tol)
    if isinstance(ours, dict) and isinstance(spark, dict):
        return ours.keys() == spark.keys() and all(same(ours[k], spark[k], rel_tol) for k in ours)
    if isinstance(ours, list) and isinstance(spark, list):
        return len(ours) == len(spark) and all(same(a, b, rel_tol) for a, b in zip(ours, spark, strict=False))
    return type(ours) is type(spark) and ours == spark


def different(ours: list[Any], spark: list[Any], rel_tol: float = REL_TOL) -> str | None:
    """The first difference between two lists of plain rows, as a sentence, or None."""
    for i, (a, b) in enumerate(zip(ours, spark, strict=False)):
        if not same(a, b, rel_tol):
            return f"row {i}: got {json.dumps(a, ensure_ascii=False)}, Spark has {json.dumps(b, ensure_ascii=False)}"
    if len(ours) != len(spark):
        return f"got {len(ours)} rows, Spark has {len(spark)}"
    return None
