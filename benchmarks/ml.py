"""MLlib beside real Spark, scikit-learn and LightGBM in one run: fits on the same rows, objectives checked equal.

    python benchmarks/ml.py                                        # 1,000,000 rows of 100 features, ...
    python benchmarks/ml.py --scale 0.02 --only firesteel          # a quick look
    python benchmarks/ml.py --workloads "random forest;boosted"    # some of them, not written
    python benchmarks/ml.py --apart                                # as the table in RESULTS.md

Every program reads its rows from Parquet, keeps them in memory (outside the measured time) and fits. Spark is the
classic one with a JVM, `local[2]`; others' environments are `build/bench/ENGINE`.

To add a case: rows in `ml_data.py`, a function in `ml_spark.py` that fits, one in `ml_scikit.py` if others have the
same algorithm.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

import ml_scikit
import ml_spark
from ml_data import prepare
from turns import AbsentError, Suite, Workload, main

if TYPE_CHECKING:
    from collections.abc import Callable

OTHERS: dict[str, dict[str, Callable[[Any], Any]]] = {
    "scikit-learn": ml_scikit.SCIKIT,
    "lightgbm": ml_scikit.LIGHTGBM,
}


def workload(name: str) -> Workload:
    """The program of whichever engine runs."""

    def run(data: Any, options: argparse.Namespace) -> Any:
        program = OTHERS.get(options.child, ml_spark.PROGRAMS).get(name)
        if program is None:
            raise AbsentError
        return program(data)

    return run


def same(ours: list[float], wanted: list[float]) -> bool:
    """Whether an objective is near that of Spark, by the nearness that its program names."""
    return abs(ours[0] - wanted[0]) <= ours[1] * abs(wanted[0])


ABOUT = (
    "`fit` on rows in memory, `local[2]`, others with two threads; objectives (loss with penalty, root mean squared "
    "error, accuracy, ...) are equal to Spark's within 0.1 %, within 1 % where an algorithm draws random numbers; "
    "trees of scikit-learn and LightGBM, and LDA of scikit-learn, follow other rules and are within 10 %."
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="of all sizes (default: 1)")
    engines = {
        "firesteel": ml_spark.firesteel,
        "spark": ml_spark.spark,
        "scikit-learn": ml_scikit.Arrays,
        "lightgbm": ml_scikit.Arrays,
    }
    workloads = {name: workload(name) for name in ml_spark.PROGRAMS}
    main(Suite("MLlib", ABOUT, engines, workloads, prepare, same), __file__, parser)
