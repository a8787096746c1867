"""Whether Python workers that nobody needs end after a minute, and a query then finds new ones; takes as long.

python python/tests/lifecycle/idle_workers.py
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

# Spark's minute, the time between two looks, and something for a busy machine.
IDLE_S = 60
LIMIT_S = IDLE_S + 30


def worker_pids(spark: Any) -> set[int]:
    """Return the ids of the processes that serve a query of two tasks."""

    def own(frames: Any) -> Any:
        import pandas as pd

        # A worker that has not read all of its input takes no other task.
        for _ in frames:
            pass
        yield pd.DataFrame({"pid": [os.getpid()]})

    return {row.pid for row in spark.range(0, 2, 1, 2).mapInPandas(own, "pid long").collect()}


def is_there(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def main() -> None:
    """Wait for the workers of one query to end."""
    import firesteel

    spark = firesteel.session(master="local[2]")
    first = worker_pids(spark)
    again = worker_pids(spark)
    assert again <= first or first <= again, f"workers {first} were not used again: {again}"
    idle = first | again
    began = time.monotonic()
    while any(map(is_there, idle)):
        waited = time.monotonic() - began
        if waited > LIMIT_S:
            sys.exit(f"workers {sorted(filter(is_there, idle))} are still there after {waited:.0f} s")
        time.sleep(1)
    waited = time.monotonic() - began
    assert waited > IDLE_S / 2, f"workers ended after {waited:.0f} s already"
    assert worker_pids(spark).isdisjoint(idle), "dead workers answer"
    print(f"{len(idle)} workers ended after {waited:.0f} s")


if __name__ == "__main__":
    main()
