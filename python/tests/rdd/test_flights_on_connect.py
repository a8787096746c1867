"""The RDD layer on real Spark Connect: the flights program prints, to the letter, what classic Spark prints."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

MAIN = Path(__file__).parents[1] / "main_job"


@pytest.mark.live
def test_flights_rdd_on_real_spark_connect(backend, request):
    if backend != "spark":
        pytest.skip("python/tests/main_job runs it on Firesteel")
    session = request.getfixturevalue("session")
    program = MAIN.parents[2] / "examples" / "flights_rdd.py"
    firesteel = Path(sys.executable).with_name("firesteel")
    # A program of its own: it makes and stops its own session on the same server.
    address = f"sc://{session.client._builder.endpoint}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    command = [str(firesteel), "run", "--remote", address, str(program)]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=500, env=environment)
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    assert run.stdout == (MAIN / "flights_rdd.spark-4.2.0.txt").read_text(encoding="utf-8")
