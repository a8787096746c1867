"""Writes `answers.json`: what real Spark answers. Run with the Python of a full PySpark installation."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parent))

from answer import record
from pyspark.sql import SparkSession
from unsupervised_cases import CASES

if __name__ == "__main__":
    spark = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    record(spark, CASES, Path(__file__).with_name("answers.json"))
    spark.stop()
