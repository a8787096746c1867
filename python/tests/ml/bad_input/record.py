"""Writes `answers.json`: what real Spark answers. Run with the Python of a full PySpark installation.

Names of subjects as arguments: only these are asked again.
"""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parent))

from answer import observe
from bad_cases import cases_of
from pyspark.sql import SparkSession
from pyspark.sql.connect.client.core import DefaultChannelBuilder
from subjects import SUBJECTS

ANSWERS = Path(__file__).with_name("answers.json")

if __name__ == "__main__":
    # Another Spark on this machine may have the usual port.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    DefaultChannelBuilder.default_port = staticmethod(lambda: port)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.api.mode", "connect").config("spark.sql.shuffle.partitions", "2")
    spark = spark.config("spark.connect.grpc.binding.port", str(port)).getOrCreate()
    answers = json.loads(ANSWERS.read_text(encoding="utf-8")) if ANSWERS.exists() else {}
    answers["recorded from Spark"] = spark.version
    for name in sys.argv[1:] or SUBJECTS:
        found = {case: observe(spark, ask) for case, ask in cases_of(SUBJECTS[name]).items()}
        # What Spark takes is compared in other suites, but for tables without rows and of one.
        whole = ("good", "empty", "one_row")
        answers[name] = {case: answer for case, answer in found.items() if "error" in answer or case in whole}
        ANSWERS.write_text(json.dumps(answers, ensure_ascii=False, indent=0), encoding="utf-8")
        print(name, len(answers[name]))
    spark.stop()
