"""Runs each of a benchmark's workloads in a process of its own, so that one's memory is not the next one's."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def run_each_apart(names: Iterable[str], width: int) -> None:
    """Run this program again with `--one NAME` for each name; failures are printed, the name `width` wide.

    Raises
    ------
    SystemExit
        Some failed.
    """
    names, failed = list(names), []
    for name in names:
        command = [sys.executable, *sys.argv, "--one", name]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            failed.append(name)
            print(f"{name:<{width}} FAILED {done.stderr.strip()[-600:]}", flush=True)
    if failed:
        raise SystemExit(f"{len(failed)} of {len(names)} failed: {', '.join(failed)}")
