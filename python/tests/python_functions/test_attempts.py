"""Tasks whose worker died, or whose function raised, are tried again where the master says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).with_name("attempts_program.py")
LIMIT_S = 120

EXPECTED = """\
pickled [1999000, 2000] 2000
pandas [2001000, 2000]
aggregate [999.0, 1000.0]
groups [1000000, 2000]
table function [16, 3]
map [1999000, 2000]
different True
never True True xxx
never True True xxx
"""


def test_functions_of_frames(tmp_path: Path) -> None:
    command = [
        Path(sys.executable).with_name("firesteel"),
        "run",
        "--master",
        "local[2,3]",
        PROGRAM,
        tmp_path / "calls",
    ]
    run = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=LIMIT_S)
    assert run.stdout == EXPECTED, run.stderr[-3000:]
