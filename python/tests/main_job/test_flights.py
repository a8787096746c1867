"""The main job: `firesteel run examples/flights.py` prints, to the letter, what it prints on real Spark."""

import difflib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PROGRAM = HERE.parents[2] / "examples" / "flights.py"
ANSWER = HERE / "flights.spark-4.2.0.txt"  # recorded by `make bless`


def test_flights_prints_what_spark_prints():
    firesteel = Path(sys.executable).with_name("firesteel")
    run = subprocess.run(
        [str(firesteel), "run", str(PROGRAM)], capture_output=True, text=True, encoding="utf-8", timeout=240
    )
    assert run.returncode == 0, run.stdout[-2000:] + run.stderr[-4000:]
    spark, ours = ANSWER.read_text(encoding="utf-8"), run.stdout
    assert ours == spark, "\n".join(difflib.unified_diff(spark.splitlines(), ours.splitlines(), "spark", "firesteel"))
