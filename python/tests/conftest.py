"""Fixtures of all tests: one session through the installed package, as a user gets it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import firesteel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


def pytest_addoption(parser: pytest.Parser) -> None:
    """Recorded answers with which the engine does not agree yet are noted beside them, not skipped."""
    parser.addoption("--note-known", action="store_true", help="note the differences from Spark instead of failing")


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session with the settings under which `make bless` records real Spark's answers."""
    conf = {"spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "2"}
    conf["spark.sql.warehouse.dir"] = str(tmp_path_factory.mktemp("warehouse"))
    if runner := os.environ.get("FIRESTEEL_TEST_RUNNER"):
        # `travel`: each task from bytes, as on a cluster (crates/engine/src/travel).
        conf["firesteel.test.runner"] = runner
    session = firesteel.session(master="local[2]", conf=conf, app_name="tests")
    yield session
    session.stop()
