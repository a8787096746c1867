"""The engine's log on stderr: levels, text and JSON lines, slow queries with plan and metrics."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import sys
import firesteel

if __name__ == "__main__":
    spark = firesteel.session(conf=dict(pair.split("=") for pair in sys.argv[1:]))
    spark.sql("SELECT id % 3 AS kind, count(*) AS n FROM range(1000) GROUP BY 1").collect()
    if "later" in spark.conf.get("spark.app.name"):
        spark.conf._set_all({"spark.log.level": "INFO"}, silent=True)
        spark.range(3).collect()
    spark.stop()
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "program.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return path


def log_of(program: Path, *conf: str, **environment: str) -> str:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FIRESTEEL_LOG")}
    run = subprocess.run(
        [sys.executable, str(program), *conf],
        env=clean | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    return run.stderr


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_quiet_by_default(program: Path) -> None:
    assert log_of(program) == ""


def test_level_from_configuration(program: Path) -> None:
    text = log_of(program, "spark.log.level=INFO")
    assert "INFO firesteel::query: finished" in text
    assert "DEBUG" not in text


def test_level_while_running(program: Path) -> None:
    text = log_of(program, "spark.app.name=later")
    assert text.count("finished") == 1


def test_environment_wins(program: Path) -> None:
    assert log_of(program, "spark.log.level=INFO", FIRESTEEL_LOG="error") == ""
    assert "finished" in log_of(program, FIRESTEEL_LOG="firesteel=info")


def test_json_lines(program: Path) -> None:
    text = log_of(program, "spark.log.level=INFO", "spark.log.structuredLogging.enabled=true")
    lines = json_lines(text)
    assert len(lines) == len(text.splitlines())
    finished = [line for line in lines if line["msg"] == "finished"]
    assert finished
    assert set(finished[0]) == {"ts", "level", "msg", "context", "logger"}
    assert finished[0]["level"] == "INFO"
    assert finished[0]["logger"] == "firesteel::query"
    assert {"session", "operation", "elapsed_ms"} <= set(finished[0]["context"])
    assert json_lines(log_of(program, FIRESTEEL_LOG="firesteel=info", FIRESTEEL_LOG_FORMAT="json"))


def test_slow_queries(program: Path) -> None:
    text = log_of(program, "firesteel.slowQuery.threshold=0ms")
    assert "WARN firesteel::slow_query: slow query" in text
    assert any("AggregateExec" in line and "[rows=3, time=" in line for line in text.splitlines()), text
    assert "kind#" in text, "columns have the user's names"
    assert log_of(program, "firesteel.slowQuery.threshold=1h") == ""
    slow = json_lines(log_of(program, "firesteel.slowQuery.threshold=0ms", FIRESTEEL_LOG_FORMAT="json"))
    assert any("AggregateExec" in line["msg"] for line in slow)
    assert {line["logger"] for line in slow} == {"firesteel::slow_query"}
