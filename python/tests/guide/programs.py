"""The programs of this directory, and how they are started."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
LINKS = str(HERE / "links.txt")
PROGRAMS = {
    "tour": [],
    "word_count": [LINKS],
    "pi": ["4"],
    "page_rank": [LINKS, "4"],
    "transitive_closure": [],
    "k_means": [],
}


def answer(name: str) -> Path:
    """Where `make bless` records what real Spark prints."""
    return HERE / "answers" / f"{name}.spark-4.2.0.txt"


def run(command: list[str], name: str) -> subprocess.CompletedProcess[str]:
    """Run a program; `command` is what stands before its path."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_"))}
    whole = [*command, str(HERE / f"{name}.py"), *PROGRAMS[name]]
    return subprocess.run(whole, capture_output=True, text=True, encoding="utf-8", timeout=240, env=environment)
