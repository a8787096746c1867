"""The main jobs: `firesteel run examples/flights.py` prints, to the letter, what it prints on real Spark."""

import difflib
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PROGRAMS = ["flights", "flights_rdd"]


def program(name):
    return HERE.parents[2] / "examples" / f"{name}.py"


def recorded(name):
    """What real Spark printed, recorded by `make bless`."""
    return (HERE / f"{name}.spark-4.2.0.txt").read_text(encoding="utf-8")


def difference(expected, found):
    return "\n".join(difflib.unified_diff(expected.splitlines(), found.splitlines(), "expected", "found"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_firesteel_prints_what_spark_prints(name):
    firesteel = Path(sys.executable).with_name("firesteel")
    run = subprocess.run(
        [str(firesteel), "run", str(program(name))], capture_output=True, text=True, encoding="utf-8", timeout=240
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    assert run.stdout == recorded(name), difference(recorded(name), run.stdout)
