"""What the cases of Python functions answer on real Spark, recorded in `*_answers.json`.

Suites here are a module of cases, each a function that takes a session and gives a DataFrame, a list of rows, or an
error, and the file of their answers. `make bless ARGS=python_functions` records all; workers need pandas and pyarrow.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import group_cases
import scalar_cases
import sink_cases  # noqa: F401  (adds its cases to those of groups)
import source_cases  # noqa: F401
from spark_answer import different, error_text, plain_rows, sort_key

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Answers:
    """Cases and the file of what they answer.

    Parameters
    ----------
    cases : dict of str to callable
        By name; the order in which they are recorded.
    path : pathlib.Path
        One line for each.
    """

    cases: dict[str, Callable[[Any], Any]]
    path: Path

    def check(self, spark: Any, name: str) -> None:
        """Assert that a case answers as real Spark did."""
        wanted = json.loads(self.path.read_text(encoding="utf-8"))[name]
        got = self._observe(spark, name)
        assert got.get("error") == wanted.get("error")
        assert got.get("says") == wanted.get("says")
        assert got.get("columns") == wanted.get("columns")
        assert different(got.get("rows", []), wanted.get("rows", [])) is None

    def record(self, spark: Any) -> None:
        """Write what real Spark answers."""
        lines = [f'"recorded from Spark": {json.dumps(spark.version)}']
        for name in self.cases:
            answer = self._observe(spark, name)
            lines.append(f"{json.dumps(name)}: {json.dumps(answer, ensure_ascii=False)}")
        self.path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")

    def _observe(self, spark: Any, name: str) -> dict[str, Any]:
        try:
            frame = self.cases[name](spark)
            if isinstance(frame, list):
                return {"rows": sorted(plain_rows(frame), key=sort_key)}
            columns = [[field.name, field.dataType.simpleString()] for field in frame.schema]
            return {"columns": columns, "rows": sorted(plain_rows(frame.collect()), key=sort_key)}
        except Exception as error:
            # Tracebacks differ in the lines of PySpark; what the function said must be among them.
            return {"error": error_text(error), "says": "no good" in str(error)}


SCALAR = Answers(scalar_cases.CASES, HERE / "scalar_answers.json")
GROUPS = Answers(group_cases.CASES, HERE / "group_answers.json")


def record(spark: Any) -> None:
    """Record all suites."""
    for answers in (SCALAR, GROUPS):
        answers.record(spark)
        print(f"{answers.path.name}: {len(answers.cases)} cases")
