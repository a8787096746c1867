"""Aggregations of RDDs that are larger than their workers may grow: right answers, and the memory they really took.

    python benchmarks/rdd_memory.py                          # 4 GB of pickled data, workers of 1 GB
    python benchmarks/rdd_memory.py --gb 0.5 --limit 256m --only group,reduce
    python benchmarks/rdd_memory.py --hard 1g                # the system refuses a worker more than this

`--limit` is `spark.python.worker.memory`: above it a worker goes to disk. `--hard` is
`spark.executor.pyspark.memory`, address space that the system refuses to exceed. Values are dicts of some 4 KB that do
not compress. Every workload has an engine of its own and its answer is compared with one that the driver computes.
Peaks are the most that a process had resident (VmHWM); `disk` is what lay in the engine's directory at a time.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random
from typing import Any

from apart import run_each_apart

MIB = 1 << 20
VALUE_BYTES = 4000
N_KEYS = 20_011
N_LARGE_KEYS = 16
MAP_PARTITIONS = 16
REDUCE_PARTITIONS = 4

# Values are pieces of it: long enough for a compressor not to see one twice.
BLOCK = Random(4).randbytes(MIB)

# Number of values, sum of their numbers, sum of their checksums.
Totals = tuple[int, int, int]


def payload(number: int) -> bytes:
    start = number * 7919 % (MIB - VALUE_BYTES)
    return BLOCK[start : start + VALUE_BYTES]


def value(number: int) -> dict[str, Any]:
    return {"number": number, "tags": ["a", "b"], "payload": payload(number)}


def totals(values: Iterable[dict[str, Any]]) -> Totals:
    count = numbers = checksums = 0
    for each in values:
        count += 1
        numbers += each["number"]
        checksums += zlib.crc32(each["payload"])
    return count, numbers, checksums


def pairs(sc: Any, options: argparse.Namespace, n_keys: int) -> Any:
    return sc.range(options.n_values, numSlices=MAP_PARTITIONS).map(lambda i: (i * 31 % n_keys, value(i)))


def group(sc: Any, options: argparse.Namespace) -> Any:
    """Many groups of some MB together."""
    return pairs(sc, options, N_KEYS).groupByKey(REDUCE_PARTITIONS).mapValues(totals)


def large_groups(sc: Any, options: argparse.Namespace) -> Any:
    """Groups of which few fit."""
    return pairs(sc, options, N_LARGE_KEYS).groupByKey(REDUCE_PARTITIONS).mapValues(totals)


def one_partition(sc: Any, options: argparse.Namespace) -> Any:
    """All groups in one worker."""
    return pairs(sc, options, N_KEYS).groupByKey(1).mapValues(totals)


def aggregate(sc: Any, options: argparse.Namespace) -> Any:
    """Combined values that grow: lists of all values."""

    def append(values: list[Any], one: Any) -> list[Any]:
        values.append(one)
        return values

    def extend(values: list[Any], more: list[Any]) -> list[Any]:
        values.extend(more)
        return values

    return pairs(sc, options, N_KEYS).aggregateByKey([], append, extend, REDUCE_PARTITIONS).mapValues(totals)


def reduce(sc: Any, options: argparse.Namespace) -> Any:
    """Nearly as many keys as values: combining frees nothing."""
    n_keys = max(options.n_values // 2, 1)

    def later(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
        return a if a["number"] > b["number"] else b

    reduced = pairs(sc, options, n_keys).reduceByKey(later, REDUCE_PARTITIONS)
    return reduced.map(lambda pair: (pair[0] % N_KEYS, pair[1])).groupByKey(REDUCE_PARTITIONS).mapValues(totals)


def cogroup(sc: Any, options: argparse.Namespace) -> Any:
    """Half of the values on either side."""
    half = options.n_values // 2
    left = sc.range(half, numSlices=MAP_PARTITIONS).map(lambda i: (i * 31 % N_KEYS, value(i)))
    right = sc.range(half, options.n_values, numSlices=MAP_PARTITIONS).map(lambda i: (i * 31 % N_KEYS, value(i)))

    def both(sides: Any) -> Totals:
        first, second = totals(sides[0]), totals(sides[1])
        return first[0] + second[0], first[1] + second[1], first[2] + second[2]

    return left.cogroup(right, numPartitions=REDUCE_PARTITIONS).mapValues(both)


def sort(sc: Any, options: argparse.Namespace) -> Any:
    """Sorted within and between partitions, then summed up by key."""

    def runs(items: Iterable[Any]) -> Iterable[Any]:
        last, batch = None, []
        for key, one in items:
            if key != last and batch:
                yield last, totals(batch)
                batch = []
            assert last is None or last <= key, "items are not sorted"
            last = key
            batch.append(one)
        if batch:
            yield last, totals(batch)

    return pairs(sc, options, N_KEYS).sortByKey(numPartitions=REDUCE_PARTITIONS).mapPartitions(runs)


WORKLOADS: dict[str, Callable[[Any, argparse.Namespace], Any]] = {
    each.__name__: each for each in (group, large_groups, one_partition, aggregate, reduce, cogroup, sort)
}


def expected(name: str, n_values: int) -> dict[int, Totals]:
    """What the driver finds without any engine."""
    n_keys = N_LARGE_KEYS if name == "large_groups" else N_KEYS
    keys: Iterable[tuple[int, int]] = ((i * 31 % n_keys, i) for i in range(n_values))
    if name == "reduce":
        n_first = max(n_values // 2, 1)
        latest = {i * 31 % n_first: i for i in range(n_values)}
        keys = ((key % N_KEYS, i) for key, i in latest.items())
    found: dict[int, Totals] = {}
    for key, i in keys:
        count, total, checksums = found.get(key, (0, 0, 0))
        found[key] = count + 1, total + i, checksums + zlib.crc32(payload(i))
    return found


class Observer:
    """Looks at the processes below the driver and at a directory while a workload runs."""

    def __init__(self, engine: int, directory: Path) -> None:
        self.peaks: dict[int, int] = {}
        self.disk_bytes = 0
        self._engine = engine
        self._directory = directory
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._is_over.wait(0.3):
            self.look()

    def look(self) -> None:
        """Note peaks and what lies on disk now."""
        for pid in descendants(self._engine):
            for line in text_of(f"/proc/{pid}/status").splitlines():
                if line.startswith("VmHWM:"):
                    self.peaks[pid] = int(line.split()[1]) * 1024
        size = 0
        for path in self._directory.rglob("*"):
            with contextlib.suppress(OSError):
                size += path.stat().st_size
        self.disk_bytes = max(self.disk_bytes, size)

    def end(self) -> tuple[int, list[int]]:
        """Return the engine's peak, and those of the two largest workers."""
        self._is_over.set()
        self._thread.join()
        self.look()
        workers = sorted((peak for pid, peak in self.peaks.items() if pid != self._engine), reverse=True)
        return self.peaks[self._engine], workers[:2]


def text_of(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, text_of(str(children)).split())
    return found


def run(name: str, options: argparse.Namespace) -> None:
    import firesteel
    from firesteel import _connect

    conf = {"spark.python.worker.memory": options.limit, "spark.executor.memory": options.engine}
    if options.hard:
        conf["spark.executor.pyspark.memory"] = options.hard
    with tempfile.TemporaryDirectory(dir=options.scratch) as directory:
        conf["spark.local.dir"] = directory
        spark = firesteel.session(master="local[2]", conf=conf)
        sc = spark.sparkContext
        observer = Observer(_connect.engine_of(spark).pid, Path(directory))
        start = time.perf_counter()
        rows = WORKLOADS[name](sc, options).collect()
        seconds = time.perf_counter() - start
        engine, workers = observer.end()
        spark.stop()
    found = dict(rows)
    if name == "sort":
        assert len(found) == len(rows), "a key is in two runs"
    assert len(found) == len(rows), f"{len(rows)} rows of {len(found)} keys"
    assert found == expected(name, options.n_values), "wrong answer"
    peaks = ", ".join(f"{peak / MIB:.0f}" for peak in workers)
    print(
        f"{name:<14} {seconds:7.1f} s   workers {peaks} MiB   engine {engine / MIB:.0f} MiB   "
        f"disk {observer.disk_bytes / MIB:.0f} MiB   right",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gb", type=float, default=4, help="pickled data, in 10^9 bytes (default: 4)")
    parser.add_argument("--limit", default="1g", help="spark.python.worker.memory (default: 1g)")
    parser.add_argument("--hard", help="spark.executor.pyspark.memory (default: none)")
    parser.add_argument("--engine", default="1g", help="spark.executor.memory (default: 1g)")
    parser.add_argument("--only", help="names of workloads, e.g. group,reduce")
    parser.add_argument("--scratch", type=Path, help="where spills are written (default: the system's)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.n_values = int(options.gb * 1e9 / VALUE_BYTES)
    if options.one:
        run(options.one, options)
        return
    names = options.only.split(",") if options.only else list(WORKLOADS)
    run_each_apart(names, 14)


if __name__ == "__main__":
    main()
