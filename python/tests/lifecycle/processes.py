"""Programs in processes of their own, and whether a process is gone.

Nothing here asserts a time: limits only keep a broken build from hanging.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

LIMIT_S = 120
FIRESTEEL = Path(sys.executable).with_name("firesteel")

# The first line of every program's output is its engine's process id. The signals are set as a terminal's programs
# have them: a test run in the background (`nohup`, `&` of a script) passes on that they are ignored.
HEAD = """\
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
import firesteel
from firesteel import _connect
spark = firesteel.session(master="local[2]")
def engine_pid(session):
    return _connect.engine_of(session).pid
print(engine_pid(spark), flush=True)
# Runs far longer than any test, in both slots unless told otherwise.
def endless_query(n_partitions=2):
    return spark.range(0, 10**15, 1, n_partitions).filter("id % 7 = 3").count()
"""


class Program:
    """A Python program that has started its engine."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(path)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A group of its own, so that a test can send it what a terminal sends on Ctrl-C.
            start_new_session=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.strip(), self.process.communicate(timeout=LIMIT_S)[1]
        self.engine_pid = int(line)

    def wait_for(self, word: str) -> None:
        """Wait until the program prints `word`."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == word:
                return
        pytest.fail(f"ended before {word!r}: {self.process.communicate(timeout=LIMIT_S)[1]}")

    def end(self) -> tuple[str, str]:
        """Wait for the program's end and return what it printed and reported since."""
        return self.process.communicate(timeout=LIMIT_S)


def is_running(pid: int) -> bool:
    """Whether the process lives; one that only waits to be collected does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


def assert_ends(pid: int) -> None:
    """Fail unless the process ends."""
    deadline = time.monotonic() + LIMIT_S
    while is_running(pid):
        if time.monotonic() > deadline:
            os.kill(pid, 9)
            pytest.fail(f"process {pid} was left behind")
        time.sleep(0.05)
