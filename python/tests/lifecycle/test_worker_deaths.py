"""Jobs whose Python workers are killed at random moments: a short form of what `make chaos` does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from processes import LIMIT_S

PROGRAM = Path(__file__).with_name("worker_deaths.py")


@pytest.mark.parametrize("master", ["local[2]", "local[2,4]"])
def test_no_wrong_answer_and_nothing_left(master: str) -> None:
    command = [sys.executable, str(PROGRAM), "--jobs", "10", "--seed", "7", "--master", master]
    run = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S)
    assert run.returncode == 0, run.stdout + run.stderr[-3000:]
