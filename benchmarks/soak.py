"""Soak: thousands of small queries in one session, a thousand sessions opened and closed; what stays behind?

    python benchmarks/soak.py [--queries 10000] [--sessions 1000] [--check]

Starts a server of its own, and prints what its process holds (memory, threads, open files, tasks, sessions,
operations) before and after each part, and how long a query takes. With ``--check`` it fails when
something was left behind.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from pyspark.sql import functions as F
from pyspark.sql.connect.proto import base_pb2
from pyspark.sql.connect.session import SparkSession

# Before the first measurement: caches fill, threads start.
WARM_UP_QUERIES = 500
# How often the server says what it holds.
REPORT_INTERVAL_S = 0.5
# What may come on top while everything is forgotten that should be: the allocator's pages, caches.
MEMORY_GROWTH_MAX_MIB = 40
GROWTH_MAX = {"threads": 4, "files": 4, "tasks": 4, "sessions": 0, "operations": 0}


class Server:
    """A server that reports what it holds."""

    def __init__(self) -> None:
        environment = {**os.environ, "FIRESTEEL_LOG": "warn,firesteel_server::reclaim=debug", "NO_COLOR": "1"}
        command = Path(sys.executable).with_name("firesteel")
        interval = f"spark.connect.session.manager.maintenanceInterval={int(REPORT_INTERVAL_S * 1000)}ms"
        self.process = subprocess.Popen(
            [str(command), "server", "--port", "0", f"--conf={interval}"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        found = re.search(r"sc://\S+", self.process.stdout.readline())
        assert found
        self.url = found[0]
        self.held = dict.fromkeys(("sessions", "operations", "tasks"), 0)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            counts = dict(re.findall(r"(sessions|operations|tasks)=(\d+)", line))
            if counts:
                self.held = {name: int(count) for name, count in counts.items()}
            else:
                sys.stderr.write(line)

    def session(self) -> SparkSession:
        """Open a session."""
        return SparkSession.builder.remote(self.url).create()

    def measure(self) -> dict[str, int]:
        """Return what the process holds once it is at rest."""
        time.sleep(3 * REPORT_INTERVAL_S)
        directory = Path(f"/proc/{self.process.pid}")
        status = (directory / "status").read_text(encoding="ascii")
        values = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", status, re.MULTILINE))
        return {
            "memory": int(values["VmRSS"]) // 1024,
            "threads": int(values["Threads"]),
            "files": len(list((directory / "fd").iterdir())),
            **self.held,
        }


def run_queries(session: SparkSession, count: int) -> None:
    """Run small queries of several kinds, one after another."""
    view = "soak"
    session.range(100).createOrReplaceTempView(view)
    for number in range(count):
        match number % 4:
            case 0:
                assert session.sql("SELECT 1 AS one").collect()[0].one == 1
            case 1:
                assert session.range(10).where(F.col("id") > number % 10).count() == 9 - number % 10
            case 2:
                frame = session.createDataFrame([(number, "x")], "a int, b string")
                assert frame.collect() == [(number, "x")]
            case _:
                assert session.sql(f"SELECT sum(id) FROM {view}").collect()[0][0] == 4950


def milliseconds_per_call(session: SparkSession, text: str, count: int) -> float:
    """Return the time of one query without the client's own work: the request is made before, the answer not read."""
    client: Any = session.client
    request = client._execute_plan_request_with_metadata()
    request.plan.CopyFrom(session.sql(text)._plan.to_proto(client))  # type: ignore[attr-defined]
    request.request_options.add().reattach_options.reattachable = False
    metadata = client._builder.metadata()
    begin = time.perf_counter()
    for _ in range(count):
        request.operation_id = str(uuid.uuid4())
        assert any(answer.HasField("arrow_batch") for answer in client._stub.ExecutePlan(request, metadata=metadata))
    return (time.perf_counter() - begin) * 1000 / count


def empty_call(session: SparkSession, count: int) -> float:
    """Return the time of the smallest call: what gRPC and Python cost."""
    client: Any = session.client
    request = base_pb2.ConfigRequest(session_id=client._session_id)
    request.user_context.user_id = client._user_id or ""
    request.operation.get.keys.append("spark.sql.ansi.enabled")
    metadata = client._builder.metadata()
    begin = time.perf_counter()
    for _ in range(count):
        client._stub.Config(request, metadata=metadata)
    return (time.perf_counter() - begin) * 1000 / count


def open_and_close(server: Server, count: int) -> None:
    """Open sessions one after another, use each, close it."""
    for number in range(count):
        session = server.session()
        session.conf.set("spark.sql.shuffle.partitions", str(number + 1))
        session.range(number % 50).createOrReplaceTempView("mine")
        assert session.table("mine").count() == number % 50
        session.stop()


def show(name: str, held: dict[str, int]) -> None:
    """Print one line of measurements."""
    print(
        f"{name:32}", "  ".join(f"{key} {value}{' MiB' * (key == 'memory')}" for key, value in held.items()), flush=True
    )


def main() -> int:
    """Run the parts and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=1_000)
    parser.add_argument("--check", action="store_true", help="fail when something was left behind")
    parsed = parser.parse_args()
    server = Server()
    try:
        session = server.session()
        run_queries(session, WARM_UP_QUERIES)
        open_and_close(server, 20)
        before = server.measure()
        show("at first", before)
        begin = time.perf_counter()
        run_queries(session, parsed.queries)
        seconds = time.perf_counter() - begin
        show(f"after {parsed.queries} queries", server.measure())
        print(f"  {seconds / parsed.queries * 1000:.2f} ms a query, as the client sees it")
        begin = time.perf_counter()
        open_and_close(server, parsed.sessions)
        seconds = time.perf_counter() - begin
        after = server.measure()
        show(f"after {parsed.sessions} sessions", after)
        print(f"  {seconds / parsed.sessions * 1000:.2f} ms a session with one query, as the client sees it")
        calls = min(parsed.queries, 500)
        print(f"smallest call {empty_call(session, calls):.2f} ms")
        print(
            f"SELECT 1      {milliseconds_per_call(session, 'SELECT 1', calls):.2f} ms, the client's work not counted"
        )
        # Calls that are still under way would be retried for minutes once the server is gone.
        session.stop()
    finally:
        server.process.kill()
        server.process.wait()
    grown = {name: after[name] - before[name] for name in GROWTH_MAX if after[name] - before[name] > GROWTH_MAX[name]}
    if after["memory"] - before["memory"] > MEMORY_GROWTH_MAX_MIB:
        grown["memory"] = after["memory"] - before["memory"]
    if parsed.check and grown:
        sys.stderr.write(f"left behind: {grown}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
