"""What the calls over columns answer, in ANSI mode and without: recorded on real Spark by `bless.py`, observed again by
`test_over_columns.py`.

An answer is `[type, values]`, with the name of the column in front where that is not the expression's text; in ANSI
mode, if some rows fail, `[condition, rows, type, values]` with the rows that do not; or `["CONDITION SQLSTATE"]` where
all of them do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from column_expressions import ROWS, families, query
from function_answers import ANSWERS, CONF, Answer, few_failing, kind_text, with_conf, write
from spark_answer import error_text, plain

COLUMNS = ANSWERS / "columns"
COLUMNS_ANSI_OFF = ANSWERS / "columns_ansi_off"
ANSI = {True: COLUMNS, False: COLUMNS_ANSI_OFF}

Rows = tuple[int, ...] | None


def conf(ansi: bool) -> dict[str, str]:
    return CONF | {"spark.sql.ansi.enabled": str(ansi).lower()}


def answers(session: Any, expressions: list[str], rows: list[Rows]) -> Iterator[tuple[str, Answer]]:
    """In one query if none of the expressions fails, else in halves, so that each error is found."""
    try:
        result = session.sql(query(expressions, rows))
        collected, fields = result.collect(), result.schema.fields
        types = [kind_text(field) for field in fields]
        columns = [[plain(row[place]) for row in collected] for place in range(len(fields))]
    except Exception as error:
        if len(expressions) == 1:
            yield expressions[0], [error_text(error)]
            return
        middle = len(expressions) // 2
        yield from answers(session, expressions[:middle], rows[:middle])
        yield from answers(session, expressions[middle:], rows[middle:])
        return
    for expression, only, field, kind, values in zip(expressions, rows, fields, types, columns, strict=True):
        name = [] if only is not None or field.name == expression else [field.name]
        yield expression, [*name, kind, values]


def record(spark: Any) -> None:
    for ansi, folder in ANSI.items():
        found: dict[str, dict[str, dict[str, Answer]]] = {}
        with with_conf(spark, conf(ansi)):
            for family in families():
                everywhere = [None] * len(family.expressions)
                answer = dict(answers(spark, family.expressions, everywhere))
                for expression, told in answer.items():
                    if len(told) == 1:
                        answer[expression] = [*told, *_where_it_works(spark, expression)]
                found.setdefault(family.group, {})[family.name] = few_failing(answer)
                print("columns", ansi, family.group, family.name, len(answer), flush=True)
        for group, of_families in found.items():
            write(folder, group, of_families, spark.version)


def _where_it_works(spark: Any, expression: str) -> Answer:
    """The rows that the expression can be computed for, its type and values; nothing if there are none."""
    try:
        spark.sql(query([expression], [None])).schema  # noqa: B018
    except Exception:
        return []
    rows = tuple(_working(spark, expression, tuple(range(ROWS))))
    if not rows:
        return []
    (_, answer), *_ = answers(spark, [expression], [rows])
    return [list(rows), *answer] if len(answer) > 1 else []


def _working(spark: Any, expression: str, rows: tuple[int, ...]) -> Iterator[int]:
    for part in (rows[: len(rows) // 2], rows[len(rows) // 2 :]) if len(rows) > 1 else (rows,):
        (_, answer), *_ = answers(spark, [expression], [part])
        if len(answer) > 1:
            yield from part
        elif len(part) > 1:
            yield from _working(spark, expression, part)
