"""Jobs whose Python workers are killed at random moments, and what that leaves behind.

    python python/tests/lifecycle/worker_deaths.py --jobs 1000 --seed 1                     # local[2]
    python python/tests/lifecycle/worker_deaths.py --jobs 1000 --seed 1 --master 'local[2,4]'

While a job runs, one worker is killed (now and then the daemon that forks them), at a moment of the time that such a
job took before. With retries (`local[2,4]`) 95 % of the jobs must end right; without, a job is right, if the kill came
too late to matter, or fails with Spark's error. Never may an answer be wrong, a process remain as a zombie, a file be
left in the engine's directory, or a session be harmed: at the end each job runs once more, undisturbed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import add
from pathlib import Path
from typing import Any

import pandas as pd

N = 20_000
# Of a thousand kills so many hit the daemon.
DAEMON_KILLS_PERMILLE = 50
RIGHT_SHARE_MIN = 0.95
# Spark's words for a task that failed because its worker is gone.
DEATH = re.compile("Python worker exited unexpectedly|Cannot start a Python worker")
SETTLE_S = 60

# --------------------------------------------------------------------------------------------------------------
# Jobs: each asserts its answer
# --------------------------------------------------------------------------------------------------------------


def narrow(spark: Any) -> None:
    numbers = spark.sparkContext.range(N, numSlices=4)
    assert numbers.map(lambda i: i * 3).filter(lambda i: i % 2).count() == N // 2


def shuffled(spark: Any) -> None:
    pairs = spark.sparkContext.range(N, numSlices=4).map(lambda i: (i % 100, i))
    reduced = dict(pairs.reduceByKey(add, 3).collect())
    assert reduced == {key: sum(range(key, N, 100)) for key in range(100)}


def joined(spark: Any) -> None:
    sc = spark.sparkContext
    left = sc.range(N // 4, numSlices=3).map(lambda i: (i, i * 2))
    right = sc.range(N // 4, numSlices=2).map(lambda i: (i, i))
    assert left.join(right, 3).map(lambda pair: pair[1][0] - pair[1][1]).sum() == sum(range(N // 4))


def ordered(spark: Any) -> None:
    pairs = spark.sparkContext.range(N // 4, numSlices=3).map(lambda i: (i * 7919 % 5003, i))
    assert pairs.sortByKey(numPartitions=3).collect() == sorted((i * 7919 % 5003, i) for i in range(N // 4))


def spilled(spark: Any) -> None:
    """Far more than the worker may hold, so that it goes to disk again and again."""
    pairs = spark.sparkContext.range(N // 4, numSlices=2).map(lambda i: (i % 50, "x" * 2000))
    assert sorted(pairs.groupByKey(2).mapValues(len).collect()) == [(key, N // 200) for key in range(50)]


def counted(spark: Any) -> None:
    """Accumulators count each task once, however often it was tried; broadcast values arrive."""
    sc = spark.sparkContext
    seen, names = sc.accumulator(0), sc.broadcast({i: str(i) * 100 for i in range(500)})
    try:
        _counted(sc, seen, names)
    finally:
        names.destroy()


def _counted(sc: Any, seen: Any, names: Any) -> None:
    def look(i: int) -> tuple[int, int]:
        seen.add(1)
        return i % 7, len(names.value[i % 500])

    found = dict(sc.range(N // 4, numSlices=4).map(look).reduceByKey(add, 2).collect())
    want: Counter[int] = Counter()
    for i in range(N // 4):
        want[i % 7] += len(str(i % 500)) * 100
    assert (found, seen.value) == (want, N // 4)


def scalar(spark: Any) -> None:
    from pyspark.sql import functions as F

    triple = F.udf(lambda i: i * 3, "long", useArrow=False)
    frame = spark.range(0, N, 1, 4).select(triple("id").alias("x"))
    assert frame.agg(F.sum("x")).first()[0] == 3 * sum(range(N))


def arrow_scalar(spark: Any) -> None:
    from pyspark.sql import functions as F

    triple = F.udf(lambda i: f"{i}", "string", useArrow=True)
    rows = spark.range(0, N // 4, 1, 3).select(triple("id")).collect()
    assert [row[0] for row in rows] == [str(i) for i in range(N // 4)]


def pandas_scalar(spark: Any) -> None:
    from pyspark.sql import functions as F

    @F.pandas_udf("long")
    def triple(values: pd.Series) -> pd.Series:
        return values * 3

    frame = spark.range(0, N, 1, 4).select(triple("id").alias("x"))
    assert frame.agg(F.sum("x")).first()[0] == 3 * sum(range(N))


def pandas_groups(spark: Any) -> None:
    def summed(group: Any) -> Any:
        return group.assign(total=group["id"].sum())

    frame = spark.range(0, N // 4, 1, 3).selectExpr("id % 20 AS k", "id")
    rows = frame.groupBy("k").applyInPandas(summed, "k long, id long, total long").collect()
    assert sorted(map(tuple, rows)) == sorted((i % 20, i, sum(range(i % 20, N // 4, 20))) for i in range(N // 4))


def pandas_aggregate(spark: Any) -> None:
    from pyspark.sql import functions as F

    @F.pandas_udf("double")
    def mean(values: pd.Series) -> float:
        return float(values.mean())

    rows = spark.range(0, N, 1, 4).selectExpr("id % 5 AS k", "id").groupBy("k").agg(mean("id")).collect()
    assert sorted(map(tuple, rows)) == [(k, (k + N - 5 + k) / 2) for k in range(5)]


def arrow_map(spark: Any) -> None:
    def doubled(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            yield batch
            yield batch

    rows = spark.range(0, N, 1, 4).mapInArrow(doubled, "id long").selectExpr("sum(id)", "count(*)").collect()
    assert [tuple(row) for row in rows] == [(2 * sum(range(N)), 2 * N)]


def pandas_map(spark: Any) -> None:
    def even(parts: Iterable[Any]) -> Iterator[Any]:
        for part in parts:
            yield part[part["id"] % 2 == 0]

    rows = spark.range(0, N // 4, 1, 3).mapInPandas(even, "id long").collect()
    assert [row[0] for row in rows] == list(range(0, N // 4, 2))


JOBS: tuple[Callable[[Any], None], ...] = (
    *(narrow, shuffled, joined, ordered, spilled, counted),
    *(scalar, arrow_scalar, pandas_scalar, pandas_groups, pandas_aggregate, arrow_map, pandas_map),
)

# --------------------------------------------------------------------------------------------------------------
# Processes and files
# --------------------------------------------------------------------------------------------------------------


def status(pid: int) -> tuple[str, int]:
    """Return the state of a process, and its parent; ``X`` if it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "X", 0
    state, parent = text.rpartition(")")[2].split()[:2]
    return state, int(parent)


def tree(engine: int) -> dict[int, list[int]]:
    """Return the engine's children, which are daemons, each with its workers."""
    parents = {int(path.name): status(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    daemons = [pid for pid, (_, parent) in parents.items() if parent == engine]
    return {daemon: [pid for pid, (_, parent) in parents.items() if parent == daemon] for daemon in daemons}


def zombies(engine: int) -> list[int]:
    return [pid for daemon, workers in tree(engine).items() for pid in (daemon, *workers) if status(pid)[0] == "Z"]


def files_open(engine: int) -> Counter[str]:
    """Return what the engine has open, by kind; numbers in names make no kind of their own."""
    found: Counter[str] = Counter()
    for link in Path(f"/proc/{engine}/fd").iterdir():
        # One that has just been closed has no name.
        with contextlib.suppress(OSError):
            found[re.sub(r"\d+", "", os.readlink(link))] += 1
    return found


def left_in(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


class Killer(threading.Thread):
    """Kills one of the engine's workers after a while, or its daemon."""

    def __init__(self, engine: int, delay_s: float, source: random.Random) -> None:
        super().__init__(daemon=True)
        self.hit = ""
        self._engine = engine
        self._delay_s = delay_s
        self._daemon = source.randrange(1000) < DAEMON_KILLS_PERMILLE
        self._choice = source.random()
        self._is_over = threading.Event()

    def run(self) -> None:
        """Wait, look for a worker, kill it."""
        self._is_over.wait(self._delay_s)
        while not self.hit:
            found = tree(self._engine)
            victims = [*found] if self._daemon else [pid for workers in found.values() for pid in workers]
            if victims:
                victim = victims[int(self._choice * len(victims))]
                try:
                    os.kill(victim, signal.SIGKILL)
                    self.hit = "daemon" if self._daemon else "worker"
                except ProcessLookupError:
                    continue
            if self._is_over.wait(0.01):
                return

    def end(self) -> str:
        """Wait no longer; return whom it killed."""
        self._is_over.set()
        self.join()
        return self.hit


# --------------------------------------------------------------------------------------------------------------
# The run
# --------------------------------------------------------------------------------------------------------------


class Run:
    """A session of its own whose jobs are disturbed.

    Parameters
    ----------
    master : str
        ``local[N]`` or ``local[N,F]``.
    seed : int
        Decides the jobs and the moments.
    directory : Path
        Where the engine puts its files.
    """

    def __init__(self, master: str, seed: int, directory: Path) -> None:
        import firesteel
        from firesteel import _connect

        conf = {"spark.local.dir": str(directory), "spark.python.worker.memory": "1m", "spark.ui.enabled": "false"}
        self.spark = firesteel.session(master=master, conf=conf)
        self.engine: int = _connect.engine_of(self.spark).pid
        self.outcomes: Counter[str] = Counter()
        self.problems: list[str] = []
        self._retries = "," in master
        self._directory = directory
        self._random = random.Random(seed)
        # Per job what it took last, undisturbed or not.
        self._seconds: dict[str, float] = {}
        for job in JOBS:
            self._undisturbed(job)
        self._settle()
        self._held = files_open(self.engine)
        self._files = left_in(directory)

    def _undisturbed(self, job: Callable[[Any], None]) -> None:
        start = time.monotonic()
        try:
            job(self.spark)
        except Exception as error:
            self.problems.append(f"{job.__name__}, undisturbed: {type(error).__name__} {error}")
        self._seconds[job.__name__] = time.monotonic() - start

    def disturb(self, n_jobs: int, end: float) -> None:
        """Run so many jobs, each with a kill; fewer if the time (of the monotonic clock) has come."""
        for number in range(n_jobs):
            if time.monotonic() > end:
                return
            job = self._random.choice(JOBS)
            self._one(number, job)
            if number % 50 == 49:
                print(f"{number + 1} jobs: {dict(self.outcomes)}", file=sys.stderr, flush=True)

    def _one(self, number: int, job: Callable[[Any], None]) -> None:
        known_s = self._seconds[job.__name__]
        killer = Killer(self.engine, self._random.random() * known_s, self._random)
        killer.start()
        start = time.monotonic()
        try:
            job(self.spark)
        except AssertionError as error:
            outcome = "wrong"
            self.problems.append(f"job {number}, {job.__name__}: wrong answer {str(error)[:300]}")
        except Exception as error:
            outcome = "failed"
            text = f"{type(error).__name__} {error}"
            if not DEATH.search(text):
                self.problems.append(f"job {number}, {job.__name__}: {text[:1500]}")
        else:
            outcome = "right"
            self._seconds[job.__name__] = 0.7 * known_s + 0.3 * (time.monotonic() - start)
        hit = killer.end()
        self.outcomes[f"{outcome}, {hit or 'nobody'} killed"] += 1

    def check(self) -> None:
        """Look at what is left, and run each job once more."""
        for job in JOBS:
            self._undisturbed(job)
        self._settle()
        if dead := zombies(self.engine):
            self.problems.append(f"zombies: {dead}")
        more = files_open(self.engine) - self._held
        # Connections of workers that wait for the next task come and go.
        more = Counter({kind: n for kind, n in more.items() if not kind.startswith("socket:") or n > 2})
        if more:
            self.problems.append(f"the engine has more files open: {dict(more)}")
        if new := [path for path in left_in(self._directory) if path not in self._files]:
            self.problems.append(f"{len(new)} files left in the engine's directory: {new[:10]}")
        n_right = sum(n for outcome, n in self.outcomes.items() if outcome.startswith("right"))
        n_jobs = sum(self.outcomes.values())
        if self._retries and n_right < RIGHT_SHARE_MIN * n_jobs:
            self.problems.append(f"only {n_right} of {n_jobs} jobs ended right")

    def _settle(self) -> None:
        """Give what ends by itself some time."""
        deadline = time.monotonic() + SETTLE_S
        while time.monotonic() < deadline and (zombies(self.engine) or self._spills()):
            time.sleep(0.2)

    def _spills(self) -> bool:
        """Whether files of workers lie there; what those that live have emptied may stay."""
        return any("/python/" in path for path in left_in(self._directory))


def run(master: str, n_jobs: int, seed: int, end: float) -> tuple[Counter[str], list[str]]:
    """Return how many jobs ended how, and what is wrong."""
    with tempfile.TemporaryDirectory() as directory:
        run = Run(master, seed, Path(directory))
        try:
            run.disturb(n_jobs, end)
            run.check()
        finally:
            run.spark.stop()
        return run.outcomes, run.problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="decides jobs and moments (default: 1)")
    parser.add_argument("--master", default="local[2]", help="with retries: local[2,4] (default: local[2])")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="after which no job begins (default: none)")
    options = parser.parse_args()
    start = time.monotonic()
    outcomes, problems = run(options.master, options.jobs, options.seed, start + 60 * options.minutes)
    print(f"{options.master}, seed {options.seed}: {outcomes.total()} jobs in {time.monotonic() - start:.0f} s")
    for outcome, n in outcomes.most_common():
        print(f"  {n:5} {outcome}")
    for problem in problems:
        print(f"  PROBLEM {problem}")
    if problems:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
