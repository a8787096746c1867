"""Fixtures of all tests: one session through the installed package, as a user gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import firesteel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """A session with the settings under which `make bless` records real Spark's answers."""
    session = firesteel.session(
        master="local[2]",
        conf={"spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "2"},
        app_name="tests",
    )
    yield session
    session.stop()
