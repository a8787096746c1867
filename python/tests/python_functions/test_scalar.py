"""Each case of `scalar_cases` gives the columns, rows or error of real Spark.

`python test_scalar.py [case ...]` records them in `scalar_answers.json`; workers need `PYSPARK_PYTHON` with pandas
and pyarrow.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from scalar_cases import CASES
from spark_answer import different, error_text, plain_rows, sort_key

ANSWERS = Path(__file__).with_name("scalar_answers.json")


def observe(spark: Any, name: str) -> dict[str, Any]:
    try:
        frame = CASES[name](spark)
        columns = [[field.name, field.dataType.simpleString()] for field in frame.schema]
        return {"columns": columns, "rows": sorted(plain_rows(frame.collect()), key=sort_key)}
    except Exception as error:
        return {"error": error_text(error), "says": "no good" in str(error)}


@pytest.mark.parametrize("name", CASES)
def test_case(spark: Any, name: str) -> None:
    wanted = json.loads(ANSWERS.read_text(encoding="utf-8"))[name]
    got = observe(spark, name)
    assert got.get("error") == wanted.get("error")
    assert got.get("says") == wanted.get("says")
    assert got.get("columns") == wanted.get("columns")
    assert different(got.get("rows", []), wanted.get("rows", [])) is None


def record(spark: Any, names: list[str]) -> None:
    """Asks real Spark; without names, for all."""
    known = json.loads(ANSWERS.read_text(encoding="utf-8")) if names else {}
    lines = [f'"recorded from Spark": {json.dumps(spark.version)}']
    for name in CASES:
        answer = observe(spark, name) if name in names or not names else known[name]
        lines.append(f"{json.dumps(name)}: {json.dumps(answer, ensure_ascii=False)}")
    ANSWERS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.remote("local[2]").config("spark.sql.session.timeZone", "UTC")
    session = builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
    record(session, sys.argv[1:])
    session.stop()
