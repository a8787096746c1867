"""The recorded answers are still what real Spark prints; `make test-live` installs it and names its Python."""

import os
import subprocess

import pytest

from test_flights import PROGRAMS, difference, program, recorded


@pytest.mark.live
@pytest.mark.parametrize("name", PROGRAMS)
def test_real_spark_prints_the_recorded_answer(name):
    python = os.environ["SPARK_PYTHON"]
    command = [python, str(program(name))]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    assert run.stdout == recorded(name), difference(recorded(name), run.stdout)
