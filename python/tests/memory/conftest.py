"""Engines with little memory, and one with enough to tell the right rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from firesteel import _connect, _engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., tuple[SparkSession, Path]]]:
    """Start an engine of its own with some memory; returns a session and the directory of its temporary files."""
    engines: list[_engine.Engine] = []
    sessions: list[SparkSession] = []

    def start(memory: str, **conf: str) -> tuple[SparkSession, Path]:
        directory = tmp_path_factory.mktemp("local")
        settings = {
            "spark.master": "local[2]",
            "spark.executor.memory": memory,
            "spark.local.dir": str(directory),
            "spark.sql.session.timeZone": "UTC",
            **conf,
        }
        if not memory:
            del settings["spark.executor.memory"]
        engine = _engine.Engine(settings)
        engines.append(engine)
        session = _connect.connect(engine, settings)
        sessions.append(session)
        return session, directory

    yield start
    for session in sessions:
        session.stop()
    for engine in engines:
        engine.stop()


@pytest.fixture(scope="session")
def small(start: Callable[..., tuple[SparkSession, Path]]) -> tuple[SparkSession, Path]:
    """20 MiB for everything."""
    return start("20m")


@pytest.fixture(scope="session")
def large(start: Callable[..., tuple[SparkSession, Path]]) -> SparkSession:
    """More than any test needs."""
    return start("2g")[0]
