"""The recorded answer is still what real Spark prints; `make test-live` installs it and names its Python."""

import difflib
import os
import subprocess

import pytest

from test_flights import ANSWER, PROGRAM


@pytest.mark.live
def test_real_spark_prints_the_recorded_answer():
    python = os.environ["SPARK_PYTHON"]
    run = subprocess.run([python, str(PROGRAM)], capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    recorded, now = ANSWER.read_text(encoding="utf-8"), run.stdout
    assert now == recorded, "\n".join(difflib.unified_diff(recorded.splitlines(), now.splitlines(), "recorded", "now"))
