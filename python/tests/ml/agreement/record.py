"""Writes `answers.json`: what real Spark finds. Run with the Python of a full PySpark installation."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parent))

from agreement_cases import CASES
from record_on_spark import record_on_spark

if __name__ == "__main__":
    record_on_spark(CASES, Path(__file__).with_name("answers.json"), shuffle_partitions="1")
