"""Every `.slt` file under this directory, through the real client: one test per file, all of its records.

The answers come from real Spark (`make bless`). A failing file lists each record that differs. To note known
differences of a file's records in the file itself, run pytest with `--note-known`; read what it wrote.
"""

from pathlib import Path

import pytest

from slt_file import Record, answer, read, run, same, write

HERE = Path(__file__).parent
FILES = sorted(str(path.relative_to(HERE)) for path in HERE.rglob("*.slt"))


@pytest.fixture(scope="module")
def session(spark):
    """A session without the views of other tests: `SHOW TABLES` lists them all."""
    own = spark.newSession()
    yield own
    own.stop()


@pytest.mark.parametrize("name", FILES)
def test_slt(session, name, request):
    path = HERE / name
    records, complaints = read(path), []
    note_known = request.config.getoption("--note-known")

    def check(record: Record) -> None:
        kind, got = answer(session, record.sql)
        agrees = kind == record.kind and same(got, record.answer, record.ordered)
        if note_known:
            record.known = None if agrees else _reason(record, kind, got)
        elif not agrees and record.known is None:
            want = "\n    ".join(record.answer)
            have = "\n    ".join(got)
            complaints.append(f"{name}:{record.line}\n  {record.sql}\n  Spark:\n    {want}\n  here:\n    {have}")
        elif agrees and record.known is not None:
            complaints.append(f"{name}:{record.line} agrees with Spark now; remove its `known` line")

    confs = {"spark.sql.session.timeZone": "UTC"}
    run(session, [*(Record("set", 0, f"{k}={v}") for k, v in confs.items()), *records], check)
    if note_known:
        version = path.read_text(encoding="utf-8").split("\n", 1)[0].split()[-1]
        write(path, records, version)
    n = sum(r.kind in ("query", "error") for r in records)
    assert not complaints, f"{len(complaints)} of {n} records differ\n\n" + "\n\n".join(complaints)


def _reason(record: Record, kind: str, got: list[str]) -> str:
    if kind == "error":
        return f"fails with {got[0]}"
    if record.kind == "error":
        return "gives rows where Spark gives an error"
    if got[:1] != record.answer[:1]:
        return f"has the columns {got[0]}"
    missing = set(record.answer[1:])
    first = next((row for row in got[1:] if row not in missing), f"{len(got) - 1} rows")
    return f"gives {first[:100]}"
