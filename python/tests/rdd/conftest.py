"""The context of RDD tests: Firesteel's in `make test`, one of real Spark Connect in `make test-live`."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql.connect.session import SparkSession

import firesteel
from firesteel.core.context import SparkContext

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# For the tests' own imports: `from pyspark import SparkFiles`.
firesteel.install()

START_S = 120

# Real Spark, classic, with the Connect server inside, until its standard input ends.
SERVER = """
import sys
from pyspark.sql import SparkSession
conf = {
    "spark.plugins": "org.apache.spark.sql.connect.SparkConnectPlugin",
    "spark.connect.grpc.binding.port": sys.argv[1],
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.log.level": "ERROR",
}
SparkSession.builder.master("local[2]").config(map=conf).getOrCreate()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="session", params=["firesteel", pytest.param("spark", marks=pytest.mark.live)])
def backend(request: pytest.FixtureRequest) -> str:
    """Which engine the tests run on."""
    return request.param


@pytest.fixture(scope="session")
def session(backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of the backend."""
    if backend == "firesteel":
        yield request.getfixturevalue("spark")
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = _start(port, tmp_path_factory.mktemp("spark"))
    try:
        with _no_session_before():
            session = firesteel.session(conf={"spark.remote": f"sc://localhost:{port}"})
            yield session
            session.stop()
    finally:
        assert server.stdin is not None
        server.stdin.close()
        server.wait(60)


@pytest.fixture
def sc(session: Any) -> Iterator[Any]:
    """The context of the backend; what a test leaves on its thread is taken away."""
    context = session.sparkContext
    yield context
    for key in ("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel"):
        if context.getLocalProperty(key) is not None:
            context.setLocalProperty(key, None)
    context.clearJobTags()


@contextmanager
def _no_session_before() -> Iterator[None]:
    """Set aside Firesteel's session that other tests have begun, and its context: it would be taken for the asked one."""
    before = SparkSession._default_session, getattr(SparkSession._active_session, "session", None)
    context = SparkContext._active_spark_context
    SparkSession._default_session = SparkSession._active_session.session = SparkContext._active_spark_context = None
    try:
        yield
    finally:
        SparkSession._default_session, SparkSession._active_session.session = before
        SparkContext._active_spark_context = context


def _start(port: int, directory: Path) -> subprocess.Popen[str]:
    python = os.environ["SPARK_PYTHON"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SPARK_")}
    environment |= {"PYSPARK_PYTHON": python, "PYTHONHASHSEED": "0"}
    server = subprocess.Popen(
        [python, "-c", SERVER, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(directory / "stderr").open("w"),
        cwd=directory,
        env=environment,
        text=True,
    )
    deadline = time.monotonic() + START_S
    assert server.stdout is not None
    while line := server.stdout.readline():
        if line.strip() == "ready":
            return server
        assert time.monotonic() < deadline
    raise AssertionError((directory / "stderr").read_text()[-4000:])
