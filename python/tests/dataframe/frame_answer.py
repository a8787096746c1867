"""What a DataFrame case answers, as JSON: recorded on real Spark by `bless.py`, observed again by `test_cases.py`.

A DataFrame becomes `{"schema", "rows"}`, any other value `{"value"}`, an exception `{"error": "CONDITION SQLSTATE"}`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cases import CASES, Case
from catalog_cases import CATALOG_CASES
from file_cases import FILE_CASES
from message_cases import MESSAGE_CASES
from order_cases import ORDER_CASES
from protocol_cases import PROTOCOL_CASES
from spark_answer import error_text, plain, plain_rows, sort_key

ALL_CASES = [*CASES, *FILE_CASES, *PROTOCOL_CASES, *CATALOG_CASES, *ORDER_CASES, *MESSAGE_CASES]
ANSWERS = Path(__file__).with_name("answers.json")


def observe(spark: Any, case: Case) -> dict[str, Any]:
    try:
        result = case.make(spark)
        if not hasattr(result, "collect"):
            return {"value": plain(result)}
        rows = plain_rows(result.collect())
        return {
            "schema": json.loads(result.schema.json()),
            "rows": rows if case.ordered else sorted(rows, key=sort_key),
        }
    except Exception as error:
        return {"error": error_text(error)}


def record(spark: Any, path: Path) -> None:
    """One line per case, so that a diff shows which cases changed."""
    lines = [f'"recorded from Spark": {json.dumps(spark.version)}']
    for case in ALL_CASES:
        answer = observe(spark, case)
        print(case.name, answer.get("error", ""))
        lines.append(f"{json.dumps(case.name)}: {json.dumps(answer, ensure_ascii=False)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
