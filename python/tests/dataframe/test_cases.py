"""Each DataFrame case gives the columns, rows or error that real Spark gave (`answers.json`, written by `make bless`).

Types, names and metadata of the columns are compared, their nullability only where a case prints the schema: the
engine may know less (or more) than Spark about what cannot be null, and no row shows it.
"""

import json
from pathlib import Path

import pytest

from frame_answer import ALL_CASES, ANSWERS, observe
from spark_answer import different

SPARK = json.loads(ANSWERS.read_text(encoding="utf-8"))
KNOWN_FILE = Path(__file__).with_name("known_differences.json")
KNOWN = json.loads(KNOWN_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.name)
def test_case(spark, case, request):
    difference = compare(observe(spark, case), SPARK[case.name])
    if request.config.getoption("--note-known"):
        note_known(case.name, difference)
        return
    if case.name in KNOWN:
        assert difference is not None, f"agrees with Spark now; remove it from known_differences.json: {case.name}"
        pytest.xfail(KNOWN[case.name])
    assert difference is None


def compare(ours: dict, spark: dict) -> str | None:
    if "error" in ours or "error" in spark:
        return None if ours.get("error") == spark.get("error") else f"got {_short(ours)}, Spark has {_short(spark)}"
    if "value" in spark:
        return different([ours.get("value")], [spark["value"]])
    ours_schema, spark_schema = _without_nullability(ours["schema"]), _without_nullability(spark["schema"])
    if ours_schema != spark_schema:
        return f"got the columns {_short(ours_schema)}, Spark has {_short(spark_schema)}"
    return different(ours["rows"], spark["rows"])


def note_known(name: str, difference: str | None) -> None:
    KNOWN.pop(name, None)
    if difference is not None:
        KNOWN[name] = difference[:200]
    KNOWN_FILE.write_text(json.dumps(KNOWN, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def _without_nullability(schema):
    if isinstance(schema, dict):
        hidden = ("nullable", "containsNull", "valueContainsNull")
        return {k: _without_nullability(v) for k, v in schema.items() if k not in hidden}
    if isinstance(schema, list):
        return [_without_nullability(v) for v in schema]
    return schema


def _short(value) -> str:
    return json.dumps(value, ensure_ascii=False)[:1000]
