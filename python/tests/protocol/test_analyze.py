"""What the client asks about a plan without running it. Every answer here was seen on Spark 4.2.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DecimalType, IntegerType, MapType, StringType, StructField, StructType

from raw_calls import RawCalls, failure

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

from pyspark.sql.connect.proto import base_pb2
