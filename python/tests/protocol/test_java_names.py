"""What Spark takes from Java: short names of time zones. The instants are Spark 4.2's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import IllegalArgumentException

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ZONE = "spark.sql.session.timeZone"


@pytest.mark.parametrize(("zone", "seconds"), [("CST", 1730014200), ("ECT", 1729989000), ("SystemV/PST8", 1730025000)])
def test_short_time_zones(spark: Any, zone: str, seconds: int) -> None:
    session = spark.cloneSession()
    session.conf.set(ZONE, zone)
    assert session.conf.get(ZONE) == zone
    text = "SELECT unix_timestamp(TIMESTAMP '2024-10-27 02:30:00') AS s, current_timezone() AS z"
    row = session.sql(text).collect()[0]
    assert (row.s, row.z) == (seconds, zone)
    session.client.close()


@pytest.mark.parametrize(
    ("key", "value", "condition", "said"),
    [
        (ZONE, "XST", "INVALID_CONF_VALUE.TIME_ZONE", "XST"),
        ("spark.sql.broadcastTimeout", "x", "INVALID_CONF_VALUE.TYPE_MISMATCH", "time in SECONDS"),
        (
            "spark.connect.session.planCompression.defaultAlgorithm",
            "LZ4",
            "INVALID_CONF_VALUE.OUT_OF_RANGE_OF_OPTIONS",
            "ZSTD",
        ),
    ],
)
def test_refused_values(spark: SparkSession, key: str, value: str, condition: str, said: str) -> None:
    with pytest.raises(IllegalArgumentException, match=said) as refused:
        spark.conf.set(key, value)
    assert refused.value.getCondition() == condition
