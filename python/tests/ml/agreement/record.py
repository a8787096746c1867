"""Writes `answers.json`: what real Spark finds. Run with the Python of a full PySpark installation."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "features"))
sys.path.insert(0, str(Path(__file__).parent))

from agreement_cases import CASES
from answer import record
from pyspark.sql import SparkSession
from pyspark.sql.connect.client.core import DefaultChannelBuilder

if __name__ == "__main__":
    # Another Spark on this machine may have the usual port.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    DefaultChannelBuilder.default_port = staticmethod(lambda: port)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.api.mode", "connect").config("spark.sql.shuffle.partitions", "1")
    spark = spark.config("spark.connect.grpc.binding.port", str(port)).getOrCreate()
    record(spark, CASES, Path(__file__).with_name("answers.json"))
    spark.stop()
