"""Fixtures that start programs and commands."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from processes import FIRESTEEL, HEAD, LIMIT_S, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Program]]:
    """Start a program: a session `spark`, then the text given."""
    programs = []

    def start(text: str) -> Program:
        path = tmp_path / f"program{len(programs)}.py"
        path.write_text(HEAD + text, encoding="utf-8")
        programs.append(Program(path))
        return programs[-1]

    yield start
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
        program.process.communicate()


@pytest.fixture
def firesteel_command(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command `firesteel` in an empty directory and return what came of it."""

    def run(*arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        command = [str(FIRESTEEL), *arguments]
        return subprocess.run(command, input=typed, capture_output=True, text=True, cwd=tmp_path, timeout=LIMIT_S)

    return run
