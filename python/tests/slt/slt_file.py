"""The `.slt` format: SQL and what real Spark answered, one record after another, read and rewritten.

A record is a paragraph. Lines that start with `#` are comments, `----` separates the SQL from the answer:

    set spark.sql.ansi.enabled=false      a conf for the rest of the file; the reader restores it afterwards

    query                                 rows are compared in any order
    SELECT upper(x) FROM VALUES ('a') t(x)
    ----
    upper(x):string                       the result's columns, then one line per row, cells joined by ` | `
    A

    query ordered                         rows are compared in this order (`bless` writes it, seeing ORDER BY)

    error                                 the statement fails, with this condition and SQLSTATE
    SELECT 1/0
    ----
    DIVIDE_BY_ZERO 22012

    statement                             runs; the answer does not matter

    known gives 3 decimals, not 2         the record after it is known to differ, for this reason; it must still differ
    query
    ...

`bless` runs on real Spark and decides itself whether a record is a query or an error. A new record may be written as
`query` and SQL alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spark_answer import REL_TOL, error_text, schema_text, text

DOUBLE = re.compile(r"-?\d+\.\d+(?:e[+-]?\d+)?|-?\d+e[+-]?\d+", re.IGNORECASE)


NO_COLUMNS = "(no columns)"  # an empty line would end the paragraph


@dataclass
class Record:
    kind: str  # "set", "query", "error", "statement" or "comment"
    line: int
    sql: str = ""
    ordered: bool = False
    answer: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    known: str | None = None


def read(path: Path) -> list[Record]:
    records, paragraph, start = [], [], 1
    for n, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], 1):
        if line.strip():
            if not paragraph:
                start = n
            paragraph.append(line)
        elif paragraph:
            records.append(_record(path, paragraph, start))
            paragraph = []
    return records


def _record(path: Path, lines: list[str], start: int) -> Record:
    n_comments = next((i for i, line in enumerate(lines) if not line.startswith("#")), len(lines))
    comments, lines = lines[:n_comments], lines[n_comments:]
    if not lines:
        return Record("comment", start, comments=comments)
    known = None
    if lines[0].startswith("known "):
        known, lines = lines[0].removeprefix("known "), lines[1:]
    head, *body = lines
    if head.startswith("set "):
        return Record("set", start, head.removeprefix("set "), comments=comments)
    kind, *options = head.split()
    if kind not in ("query", "error", "statement") or any(o != "ordered" for o in options):
        raise ValueError(f"{path}:{start}: a record starts with query, error, statement or set, not {head!r}")
    cut = body.index("----") if "----" in body else len(body)
    return Record(kind, start, "\n".join(body[:cut]), "ordered" in options, body[cut + 1 :], comments, known)


def write(path: Path, records: list[Record], version: str) -> None:
    paragraphs = [f"# recorded from Spark {version}"]
    for r in records:
        comments = [c for c in r.comments if not c.startswith("# recorded from ")]
        lines = [f"known {r.known}"] if r.known else []
        if r.kind == "set":
            lines.append(f"set {r.sql}")
        elif r.kind != "comment":
            lines += [r.kind + (" ordered" if r.ordered else ""), r.sql]
            if r.kind != "statement":
                lines += ["----", *r.answer]
        if not lines and len(paragraphs) == 1:  # the file's own head comment
            paragraphs[0] = "\n".join([paragraphs[0], *comments])
        elif comments or lines:
            paragraphs.append("\n".join([*comments, *lines]))
    path.write_text("\n\n".join(paragraphs) + "\n", encoding="utf-8")


def answer(spark: Any, sql: str) -> tuple[str, list[str]]:
    """What this session makes of the SQL: the kind of record it is and the record's answer lines."""
    try:
        result = spark.sql(sql)
        rows = [" | ".join(text(v) for v in row) for row in result.collect()]
        schema = schema_text(result.schema) or NO_COLUMNS
    except Exception as error:
        return "error", [error_text(error)]
    return "query", [schema, *rows]


def run(spark: Any, records: list[Record], each: Callable[[Record], None]) -> None:
    """Applies the `set` lines and `statement`s, gives every other record to `each`, and restores the confs."""
    before: dict[str, str | None] = {}
    try:
        for record in records:
            if record.kind == "set":
                key, value = record.sql.split("=", 1)
                before.setdefault(key, spark.conf.get(key, None))
                spark.conf.set(key, value)
            elif record.kind == "statement":
                spark.sql(record.sql)
            elif record.kind != "comment":
                each(record)
    finally:
        for key, old in before.items():
            spark.conf.unset(key) if old is None else spark.conf.set(key, old)


def bless(spark: Any, path: Path) -> tuple[int, int]:
    """Rewrites a file with this session's answers; returns the number of records and how many are errors."""
    records = read(path)

    def record_answer(r: Record) -> None:
        r.ordered = _ends_in_order(r.sql)
        r.kind, r.answer = answer(spark, r.sql)
        if r.kind == "error":
            r.ordered = False

    run(spark, records, record_answer)
    write(path, records, spark.version)
    return sum(r.kind in ("query", "error") for r in records), sum(r.kind == "error" for r in records)


def _ends_in_order(sql: str) -> bool:
    """Whether an ORDER BY stands outside all parentheses and quotes."""
    sql = re.sub(r"'(?:[^'\\]|\\.)*'", "", sql)
    while (shorter := re.sub(r"\([^()]*\)", "", sql)) != sql:
        sql = shorter
    return re.search(r"\bORDER\s+BY\b", sql, re.IGNORECASE) is not None


def same(ours: list[str], spark: list[str], ordered: bool) -> bool:
    """Equality of two answers: exact, except doubles' last digits and, unless it is `ordered`, the order of rows."""
    if not ordered:
        ours, spark = ([*lines[:1], *sorted(lines[1:])] for lines in (ours, spark))
    return len(ours) == len(spark) and all(a == b or _same_line(a, b) for a, b in zip(ours, spark, strict=False))


def _same_line(a: str, b: str) -> bool:
    if DOUBLE.sub("#", a) != DOUBLE.sub("#", b):
        return False
    return all(
        math.isclose(float(x), float(y), rel_tol=REL_TOL)
        for x, y in zip(DOUBLE.findall(a), DOUBLE.findall(b), strict=False)
    )
