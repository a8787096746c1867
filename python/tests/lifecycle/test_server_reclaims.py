"""`firesteel server`: what clients leave behind is freed, and so is what a killed server left on disk."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql.connect.session import SparkSession

from processes import FIRESTEEL, LIMIT_S, assert_ends

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ENDLESS = "spark.range(0, 10**15, 1, 2).filter('id % 7 = 8').count()"


class Server:
    """A server of its own process, with its temporary files in `directory`."""

    def __init__(self, directory: Path, **conf: str) -> None:
        settings = {"spark.local.dir": str(directory), "spark.sql.warehouse.dir": str(directory / "warehouse"), **conf}
        arguments = [f"--conf={key}={value}" for key, value in settings.items()]
        self.process = subprocess.Popen(
            [str(FIRESTEEL), "server", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        found = re.search(r"sc://\S+", self.process.stdout.readline())
        assert found
        self.url = found[0]

    def session(self, session_id: str | None = None) -> SparkSession:
        """Connect, to a session that exists if its id is given."""
        url = f"{self.url};session_id={session_id}" if session_id else self.url
        session: SparkSession = SparkSession.builder.remote(url).create()
        # The first call makes the session.
        session.conf.get("spark.sql.ansi.enabled")
        return session

    def seconds_worked(self) -> float:
        """Return the processor time that the server has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Start a server with a configuration."""
    servers: list[Server] = []

    def serve(**conf: str) -> Server:
        servers.append(Server(tmp_path, **conf))
        return servers[-1]

    yield serve
    for server in servers:
        server.process.kill()
        server.process.communicate()


def wait_for(condition: Callable[[], Any]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def states(session: SparkSession) -> set[str]:
    """Return the states of the operations of a session."""
    statuses = session.client._get_operation_statuses().operation_statuses
    return {type(status).OperationState.Name(status.state) for status in statuses}


def is_idle(server: Server) -> bool:
    """Whether the server takes hardly any processor time just now."""
    before = server.seconds_worked()
    time.sleep(0.5)
    return server.seconds_worked() - before < 0.1


def start_client(server: Server, directory: Path, session_id: str, *, before: str = "") -> subprocess.Popen[str]:
    """Start a program that runs an endless query in a session."""
    path = directory / "client.py"
    path.write_text(
        f"""
from pyspark.sql.connect.session import SparkSession
spark = SparkSession.builder.remote("{server.url};session_id={session_id}").create()
{before}
{ENDLESS}
""",
        encoding="utf-8",
    )
    return subprocess.Popen([sys.executable, str(path)], text=True)


def test_killed_client_frees_its_work(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(**{"spark.connect.execute.manager.detachedTimeout": "3s"})
    session_id = str(uuid.uuid4())
    client = start_client(server, tmp_path, session_id)
    session = server.session(session_id)
    wait_for(lambda: "OPERATION_STATE_RUNNING" in states(session))
    client.send_signal(signal.SIGKILL)
    client.wait()
    wait_for(lambda: "OPERATION_STATE_RUNNING" not in states(session))
    wait_for(lambda: is_idle(server))
    assert session.range(3).count() == 3


def test_idle_sessions_are_closed_and_busy_ones_are_not(serve: Callable[..., Server], tmp_path: Path) -> None:
    server = serve(**{"spark.connect.session.manager.defaultSessionTimeout": "2s"})
    idle = server.session()
    assert idle.range(3).count() == 3
    busy = str(uuid.uuid4())
    client = start_client(server, tmp_path, busy)
    wait_for(lambda: states(server.session(busy)) == {"OPERATION_STATE_RUNNING"})
    time.sleep(4)
    with pytest.raises(PySparkException, match=r"INVALID_HANDLE\.SESSION_CLOSED"):
        idle.range(3).count()
    assert states(server.session(busy)) == {"OPERATION_STATE_RUNNING"}
    client.kill()
    client.wait()


def test_long_streams_end_and_are_taken_up(serve: Callable[..., Server]) -> None:
    prefix = "spark.connect.execute.reattachable."
    server = serve(**{prefix + "senderMaxStreamSize": "100k", prefix + "observerRetryBufferSize": "1k"})
    session = server.session()
    stub = session.client._stub
    calls: list[str] = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            calls.append(name)
            return getattr(stub, name)

    session.client._stub = Counting()  # type: ignore[assignment]
    assert session.range(200_000).toArrow().num_rows == 200_000
    assert calls.count("ReattachExecute") > 5


def engine_directories(directory: Path) -> set[Path]:
    """Return the directories of engines, dead or alive."""
    return set(directory.glob("firesteel-*"))


def test_killed_server_leaves_nothing_behind(serve: Callable[..., Server], tmp_path: Path) -> None:
    living, killed = serve(), serve()
    (first,) = [path for path in engine_directories(tmp_path) if is_locked_by(path, living)]
    session_id = str(uuid.uuid4())
    upload = "spark.createDataFrame([(i, 'x' * 100) for i in range(20_000)], 'a int, b string').count()"
    client = start_client(killed, tmp_path, session_id, before=upload)
    wait_for(lambda: "OPERATION_STATE_RUNNING" in states(killed.session(session_id)))
    (left,) = engine_directories(tmp_path) - {first}
    assert any(path.is_file() and path.stat().st_size > 100_000 for path in left.rglob("*"))
    killed.process.send_signal(signal.SIGKILL)
    killed.process.wait()
    client.kill()
    client.wait()
    assert left.exists()
    (tmp_path / "firesteel-notes").mkdir()
    next_one = serve()
    wait_for(lambda: not left.exists())
    assert first.exists()
    assert (tmp_path / "firesteel-notes").exists()
    assert living.session().range(2).count() == 2
    for server in [living, next_one]:
        server.process.terminate()
        assert_ends(server.process.pid)
    assert engine_directories(tmp_path) == {tmp_path / "firesteel-notes"}


def is_locked_by(directory: Path, server: Server) -> bool:
    """Whether the server has files of the directory open."""
    opened = [os.readlink(path) for path in Path(f"/proc/{server.process.pid}/fd").iterdir() if path.is_symlink()]
    return any(path.startswith(f"{directory}/") for path in opened)
