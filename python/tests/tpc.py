"""What the tables of TPC-H and of TPC-DS have in common: a generator makes them, sessions see them as views.

`tpch_tables` and `tpcds_tables` offer the same names, so that a program may import either: `TABLES`, `QUERIES`,
`query_text(name)`, `generate(directory, scale_factor)`, `register(spark, directory)`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any


def generate(command: list[str], directory: Path, scale_factor: float) -> Path:
    """Let the generator write `<table>.parquet` files into `directory`; data that is already there is kept."""
    done = directory / "_DONE"
    if not done.exists():
        directory.mkdir(parents=True, exist_ok=True)
        tool = str(Path(sys.executable).with_name(command[0]))
        options = ["-s", f"{scale_factor:g}", "--output-dir", str(directory), "--quiet", "--overwrite"]
        subprocess.run([tool, *command[1:], *options], check=True)
        done.touch()
    return directory


def register(spark: Any, directory: Path, tables: list[str]) -> None:
    for table in tables:
        spark.read.parquet(str(directory / f"{table}.parquet")).createOrReplaceTempView(table)
