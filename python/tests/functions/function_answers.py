"""What each expression of the comparison answers: recorded on real Spark by `bless.py`, observed again by
`test_functions.py`.

The answer of an expression is `[type, values]`, a value per row, with the name of the column in front where that is
not the expression's text; or `["CONDITION SQLSTATE"]` where it fails.
"""

from __future__ import annotations

import contextlib
import functools
import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from expressions import families, query
from spark_answer import error_text, plain

ANSWERS = Path(__file__).with_name("answers")
NAMES = Path(__file__).with_name("names.json")
"""What `SHOW FUNCTIONS` lists in Spark."""
CONF = {"spark.sql.session.timeZone": "America/Los_Angeles", "spark.sql.timeType.enabled": "true"}
"""A zone with daylight saving time, and times, which Spark refuses unless somebody asks for them."""

FAILING_MAX = 2
"""Of a family's expressions that fail in the same way so many are kept: each is a query of its own."""

Answer = list[Any]


def answers(session: Any, group: str, expressions: list[str]) -> Iterator[tuple[str, Answer]]:
    """In one query if none of the expressions fails, else in halves, so that each error is found."""
    try:
        result = session.sql(query(group, expressions))
        rows, fields = result.collect(), result.schema.fields
        types = [kind_text(field) for field in fields]
        columns = [[plain(row[place]) for row in rows] for place in range(len(fields))]
    except Exception as error:
        if len(expressions) == 1:
            yield expressions[0], [error_text(error)]
            return
        middle = len(expressions) // 2
        yield from answers(session, group, expressions[:middle])
        yield from answers(session, group, expressions[middle:])
        return
    for expression, field, kind, values in zip(expressions, fields, types, columns, strict=True):
        name = [] if field.name == expression else [field.name]
        yield expression, [*name, kind, values]


def kind_text(field: Any) -> str:
    """The type of a column, its fields with quotes where their names are unusual."""
    text = field.dataType.simpleString()
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


def few_failing(found: dict[str, Answer]) -> dict[str, Answer]:
    n_failing: Counter[str] = Counter()
    kept = {}
    for expression, answer in found.items():
        if len(answer) == 1:
            n_failing[answer[0]] += 1
            if n_failing[answer[0]] > FAILING_MAX:
                continue
        kept[expression] = answer
    return kept


@contextlib.contextmanager
def with_conf(spark: Any, conf: dict[str, str]) -> Iterator[None]:
    """The session with other settings, for a while."""
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    others = {key: spark.conf.get(key) for key in conf}
    for key, value in conf.items():
        spark.conf.set(key, value)
    yield
    for key, value in others.items():
        spark.conf.set(key, value)


def record(spark: Any) -> None:
    found: dict[str, dict[str, dict[str, Answer]]] = {}
    with with_conf(spark, CONF):
        for family in families():
            own = few_failing(dict(answers(spark, family.group, family.expressions)))
            found.setdefault(family.group, {})[family.name] = own
            print(family.group, family.name, len(own), flush=True)
    names = [row[0] for row in spark.sql("SHOW SYSTEM FUNCTIONS").collect()]
    NAMES.write_text(
        json.dumps({"recorded from Spark": spark.version, "names": names}, indent=0) + "\n", encoding="utf-8"
    )
    for group, of_families in found.items():
        write(ANSWERS, group, of_families, spark.version)


def write(folder: Path, group: str, of_families: dict[str, dict[str, Answer]], version: str) -> None:
    """A file per group, a line per expression, so that a diff shows which ones changed."""
    lines = []
    for name, found in of_families.items():
        own = [f"{json.dumps(e, ensure_ascii=False)}: {json.dumps(a, ensure_ascii=False)}" for e, a in found.items()]
        lines.append(f"{json.dumps(name)}: {{\n" + ",\n".join(own) + "\n}")
    folder.mkdir(parents=True, exist_ok=True)
    head = f'"recorded from Spark": {json.dumps(version)},\n'
    (folder / f"{group}.json").write_text("{\n" + head + ",\n".join(lines) + "\n}\n", encoding="utf-8")


@functools.cache
def read(folder: Path, group: str) -> dict[str, dict[str, Answer]]:
    """Name -> expression -> Spark's answer."""
    recorded = json.loads((folder / f"{group}.json").read_text(encoding="utf-8"))
    del recorded["recorded from Spark"]
    return recorded
