"""What a case of the feature transformers answers, as JSON: recorded on real Spark, observed again by the tests.

A table becomes `{"fields", "rows"}` (names, types and metadata of the columns; vectors in the form they have), any
other value `{"value"}`, an error `{"error", "message"}`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.ml.linalg import DenseMatrix, DenseVector, SparseMatrix, SparseVector

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWERS = Path(__file__).with_name("answers.json")


def plain(value: Any) -> Any:
    """`value` as JSON holds it; doubles by their repr, so that NaN and infinities survive."""
    if isinstance(value, float):
        return {"f": repr(value)}
    if isinstance(value, DenseVector):
        return {"dense": [plain(float(x)) for x in value.values]}
    if isinstance(value, SparseVector):
        entries = [[int(i), plain(float(x))] for i, x in zip(value.indices, value.values, strict=True)]
        return {"sparse": value.size, "entries": entries}
    if isinstance(value, (DenseMatrix, SparseMatrix)):
        return {"matrix": [[plain(float(x)) for x in row] for row in value.toArray()]}
    if isinstance(value, dict):
        return {"map": sorted(([plain(k), plain(v)] for k, v in value.items()), key=json.dumps)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value


def observe(spark: Any, case: Callable[[Any], Any]) -> dict[str, Any]:
    try:
        result = case(spark)
        if not hasattr(result, "collect"):
            return {"value": plain(result)}
        rows = [[plain(value) for value in row] for row in result.collect()]
        fields = [[f.name, f.dataType.simpleString(), f.metadata] for f in result.schema.fields]
        return {"fields": fields, "rows": rows}
    except Exception as error:
        condition = getattr(error, "getCondition", lambda: None)()
        message = str(error).splitlines()[0] if str(error) else ""
        # Parts that name an instance of a class or a place in memory.
        message = re.sub(r"_[0-9a-f]{12,}", "_UID", message)
        message = re.sub(r"\$\$Lambda[^)`]*", "", message)
        return {"error": condition or type(error).__name__, "message": message[:400]}


def record(spark: Any, cases: dict[str, Callable[[Any], Any]], path: Path) -> None:
    lines = [f'"recorded from Spark": {json.dumps(spark.version)}']
    for name, case in cases.items():
        answer = observe(spark, case)
        print(name, answer.get("error", ""), answer.get("message", ""))
        lines.append(f"{json.dumps(name)}: {json.dumps(answer, ensure_ascii=False)}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def difference(ours: Any, wanted: Any) -> float:
    """The largest difference of two doubles, relative where they are larger than one; infinite for what else differs."""
    if isinstance(wanted, dict) and "f" in wanted:
        if not isinstance(ours, dict) or "f" not in ours:
            return float("inf")
        a, b = float(ours["f"]), float(wanted["f"])
        return 0.0 if ours["f"] == wanted["f"] else abs(a - b) / max(1.0, abs(b))
    if isinstance(wanted, dict):
        if not isinstance(ours, dict) or ours.keys() != wanted.keys():
            return float("inf")
        return max((difference(ours[key], wanted[key]) for key in wanted), default=0.0)
    if isinstance(wanted, list):
        if not isinstance(ours, list) or len(ours) != len(wanted):
            return float("inf")
        return max(map(difference, ours, wanted), default=0.0)
    return 0.0 if ours == wanted else float("inf")


def short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)[:1500]
