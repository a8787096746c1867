"""What real Spark's parser says about a statement, and where its verdicts on ours are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from statements import STATEMENTS

HERE = Path(__file__).parent


def path(version: str) -> Path:
    return HERE / f"verdicts.spark-{version}.json"


def first_line(message: str) -> str:
    """A message without the place in the text, which the lines after the first draw."""
    return message.strip().split("\n", 1)[0].removesuffix(" ")


def record(version: str) -> None:
    """Asks the parser of the JVM behind the session: it reads statements and runs none."""
    from py4j.protocol import Py4JError
    from pyspark.core.context import SparkContext

    parser = SparkContext._jvm.org.apache.spark.sql.execution.SparkSqlParser()

    def verdict(text: str) -> dict[str, Any] | None:
        try:
            parser.parsePlan(text)
        except Exception as error:
            cause = getattr(error, "java_exception", None) or getattr(error, "_origin", None)
            if cause is None:
                raise
            try:
                condition = cause.getCondition()
            except Py4JError:  # no exception of Spark's own
                condition = None
            return {"condition": condition, "message": first_line(cause.getMessage() or "")}
        return None

    verdicts = {rule: {text: verdict(text) for text in texts} for rule, texts in STATEMENTS.items()}
    path(version).write_text(json.dumps(verdicts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
