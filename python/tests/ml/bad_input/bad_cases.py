"""The cases: every class, and everything that can be wrong with its columns, its table or a parameter.

`CASES` has for each subject its cases: name → what is asked. What a case answers is what `answer.observe` writes down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from subjects import Subject
from tables import WHOLE, bad_tables, made

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import DataFrame, SparkSession

# Parameters that name columns, which cannot be wrong by themselves, and those that the client checks.
NAMES = ("Col", "Cols", "classifier", "formula", "statement", "checkpointInterval")
WRONG: list[Any] = [-1, 0, 2.5, "what", [], [-1.0]]


def new_columns(before: DataFrame, after: DataFrame) -> Any:
    """What a transformation added."""
    names = [name for name in after.columns if name not in before.columns]
    return after.select(*names) if names else after


def asked(subject: Subject, stage: Any, data: DataFrame, good: DataFrame) -> Any:
    if subject.ask is not None:
        return subject.ask(stage, data)
    if hasattr(stage, "fit"):
        return new_columns(good, stage.fit(data).transform(good))
    if hasattr(stage, "evaluate"):
        return stage.evaluate(data)
    return new_columns(data, stage.transform(data))


def fitted(subject: Subject, make: Callable[[SparkSession], DataFrame]) -> Callable[[SparkSession], Any]:
    return lambda spark: asked(subject, subject.make(), make(spark), made(spark, subject.table))


def transformed(subject: Subject, make: Callable[[SparkSession], DataFrame]) -> Callable[[SparkSession], Any]:
    """A good model meets bad rows."""

    def run(spark: SparkSession) -> Any:
        data = make(spark)
        return new_columns(data, subject.make().fit(made(spark, subject.table)).transform(data))

    return run


def wrong_parameters(subject: Subject) -> dict[str, Callable[[SparkSession], Any]]:
    """Every value of `WRONG` that the client lets pass, for every parameter."""
    found: dict[str, Callable[[SparkSession], Any]] = {}
    stage = subject.make()
    for param in getattr(stage, "params", []):
        if param.name.endswith(NAMES):
            continue
        for value in WRONG:
            try:
                param.typeConverter(value)
            except (TypeError, ValueError):
                continue

            def run(spark: SparkSession, name: str = param.name, value: Any = value) -> Any:
                own = subject.make()
                own._set(**{name: value})
                good = made(spark, subject.table)
                return asked(subject, own, good, good)

            found[f"{param.name}={value}"] = run
    return found


def cases_of(subject: Subject) -> dict[str, Callable[[SparkSession], Any]]:
    found: dict[str, Callable[[SparkSession], Any]] = {}
    whole = {name: (lambda spark, make=make: make(spark, subject.table)) for name, make in WHOLE.items()}
    for name, make in (whole | bad_tables(subject.table, subject.columns)).items():
        found[name] = fitted(subject, make)
    if subject.ask is None and hasattr(subject.make(), "fit"):
        for name, make in bad_tables(subject.table, subject.later).items():
            found[f"model_{name}"] = transformed(subject, make)
    return found
