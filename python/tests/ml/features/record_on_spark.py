"""Records what cases answer on real Spark Connect. Needs the Python of a full PySpark installation."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from answer import record
from pyspark.sql import SparkSession
from pyspark.sql.connect.client.core import DefaultChannelBuilder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def record_on_spark(cases: dict[str, Callable[[Any], Any]], path: Path, **conf: str) -> None:
    """Write the answers of `cases` to `path`; `conf` are keys without `spark.sql.`, dots as `_`."""
    # Another Spark on this machine may have the usual port.
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    DefaultChannelBuilder.default_port = staticmethod(lambda: port)
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.api.mode", "connect").config("spark.connect.grpc.binding.port", str(port))
    for key, value in conf.items():
        builder = builder.config(f"spark.sql.{key.replace('_', '.')}", value)
    spark = builder.getOrCreate()
    record(spark, cases, path)
    spark.stop()
