"""The engine as a child process: find the binary, start it, know whether it lives, end it.

One JSON line goes to its standard input (token, parent's pid, configuration), one comes back on its
standard output (port, pid); then it serves until its standard input reaches end of file or its parent is
another process. That holds however this process ends: the pipe closes on a normal exit, on SIGTERM and on
SIGKILL alike, so nothing here is needed to stop the engine; `Engine.stop` only does it sooner.

This module knows nothing of PySpark and imports the standard library only.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import sysconfig
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

BINARY_NAME = "firesteel-engine"

# Far above what a start takes (under 0.2 s): it only has to tell a slow machine from a hung engine.
START_TIMEOUT_S = 60.0
# The engine ends by itself when its input closes; after this time it is killed.
STOP_TIMEOUT_S = 5.0


class EngineStartError(RuntimeError):
    """The engine could not be found or started; the message says what to do."""


class Engine:
    """One engine process, started at once; `port` waits until it serves.

    Parameters
    ----------
    conf : mapping of str to str
        Spark configuration the engine starts with; ``spark.master`` sets its task slots.

    Raises
    ------
    EngineStartError
        The binary is missing or cannot be executed.

    Attributes
    ----------
    token : str
        The bearer token without which the engine answers nothing.
    conf : dict of str to str
        The configuration it was started with.
    """

    def __init__(self, conf: Mapping[str, str]) -> None:
        self.token = secrets.token_urlsafe(32)
        self.conf = dict(conf)
        self._owner_pid = os.getpid()
        self._port: int | None = None
        binary = find_binary()
        try:
            self._process = subprocess.Popen(
                [binary, "embedded"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(),
                # Ctrl-C goes to the terminal's foreground group: it must interrupt the user's query,
                # not the engine.
                start_new_session=True,
            )
        except OSError as error:
            raise EngineStartError(f"cannot execute the Firesteel engine {binary}: {error.strerror or error}") from None
        _engines.add(self)
        hello = {"token": self.token, "parent_pid": self._owner_pid, "conf": self.conf}
        assert self._process.stdin is not None
        # It may have ended already; `port` tells why, for it can wait for the exit status.
        with contextlib.suppress(OSError):
            self._process.stdin.write(json.dumps(hello).encode() + b"\n")
            self._process.stdin.flush()

    @property
    def pid(self) -> int:
        """The engine's process id."""
        return self._process.pid

    @property
    def port(self) -> int:
        """The port on 127.0.0.1 that the engine serves; waits for it the first time.

        Raises
        ------
        EngineStartError
            The engine ended, or did not answer in time.
        """
        if self._port is None:
            try:
                self._port = self._read_port()
            except BaseException:
                self.stop()
                raise
        return self._port

    @property
    def is_alive(self) -> bool:
        """Whether the engine runs and belongs to this process (it never belongs to a forked child)."""
        return self._owner_pid == os.getpid() and self._process.poll() is None

    def describe_end(self) -> str:
        """Say how the engine ended, for an error message: ``was killed by SIGKILL``."""
        status = self._process.poll()
        if status is None:
            return "is running"
        if status < 0:
            try:
                name = signal.Signals(-status).name
            except ValueError:
                name = f"signal {-status}"
            if name == "SIGILL":
                name += ": it is built for processors with AVX2 (x86-64-v3); see .cargo/config.toml"
            return f"was killed by {name}"
        return f"ended with exit code {status}"

    def stop(self) -> None:
        """End the engine and wait until it is gone. Does nothing in a forked child, nor a second time."""
        if self._owner_pid != os.getpid():
            return
        self._close_pipes()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                # Closing flushes, and the other end may be gone; the descriptor is closed all the same.
                with contextlib.suppress(OSError):
                    pipe.close()

    def _read_port(self) -> int:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        deadline = time.monotonic() + START_TIMEOUT_S
        answer = b""
        while not answer.endswith(b"\n"):
            wait_s = deadline - time.monotonic()
            if wait_s <= 0 or not select.select([descriptor], [], [], wait_s)[0]:
                raise EngineStartError(
                    f"the Firesteel engine (pid {self.pid}) did not answer within {START_TIMEOUT_S:.0f} s"
                )
            chunk = os.read(descriptor, 4096)
            if not chunk:
                self._process.wait()
                raise EngineStartError(
                    f"the Firesteel engine {self.describe_end()} before it was ready; "
                    "what it said is on standard error (in a notebook: in the terminal of the notebook server)"
                )
            answer += chunk
        try:
            return int(json.loads(answer)["port"])
        except (ValueError, KeyError, TypeError):
            raise EngineStartError(
                f"{self._process.args!r} did not answer as a Firesteel engine: {answer[:200]!r}"
            ) from None


def find_binary() -> str:
    """Return the path of the engine binary.

    The environment variable ``FIRESTEEL_ENGINE`` wins; then come the script directories of this Python,
    then the one beside this package (as with ``pip install --target``).

    Raises
    ------
    EngineStartError
        There is none, or ``FIRESTEEL_ENGINE`` names no executable file.
    """
    chosen = os.environ.get("FIRESTEEL_ENGINE")
    if chosen:
        if os.path.isfile(chosen) and os.access(chosen, os.X_OK):
            return chosen
        raise EngineStartError(f"FIRESTEEL_ENGINE={chosen} is no executable file")
    places = list(dict.fromkeys(_script_directories()))
    for place in places:
        path = place / BINARY_NAME
        if path.is_file() and os.access(path, os.X_OK):
            return str(path)
    searched = ", ".join(str(place) for place in places)
    raise EngineStartError(
        f"the engine binary {BINARY_NAME} was not found in {searched}. Reinstall the package firesteel "
        "(in a source tree: run `make build`), or set FIRESTEEL_ENGINE to its path."
    )


def _script_directories() -> Iterator[Path]:
    # Not resolved: in a virtual environment the interpreter is a link to one that knows nothing of us.
    yield Path(sysconfig.get_path("scripts"))
    yield Path(sys.executable).parent
    yield Path(sysconfig.get_path("scripts", f"{os.name}_user"))
    yield Path(__file__).parent.parent / "bin"


def _environment() -> dict[str, str]:
    """Environment of the engine: ours, and which Python its workers are to run."""
    environment = dict(os.environ)
    environment.setdefault("PYSPARK_PYTHON", sys.executable)
    return environment


# Engines that this process, or the process it was forked from, has started.
_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def _stop_all() -> None:
    for engine in list(_engines):
        engine.stop()


def _disown_all_in_child() -> None:
    # The child would otherwise hold the pipe open, and the engine outlive its parent.
    for engine in list(_engines):
        engine._close_pipes()
    _engines.clear()


# Exit functions run last in, first out: the client's own, registered when it connects, still reach the
# engine.
atexit.register(_stop_all)
os.register_at_fork(after_in_child=_disown_all_in_child)
