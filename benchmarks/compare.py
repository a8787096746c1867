"""Engines beside one another in one run on one machine: TPC-H or TPC-DS, first answer, peak memory; written to RESULTS.md.

    python benchmarks/compare.py                         # SF 1, every engine that is installed
    python benchmarks/compare.py --sf 10 --only firesteel,duckdb
    python benchmarks/compare.py --suite tpcds

Each engine runs in a process and an environment of its own: `build/bench/ENGINE/bin/python`, for Firesteel the one
that runs this. `make bench` installs them. Engines take turns, round by round, and of all runs of a query the best
counts; ratios of one run can be compared, seconds of two runs cannot. Rows are compared with Spark's where Spark
takes part, else with DuckDB's.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
TESTS = ROOT / "python" / "tests"
sys.path += [str(TESTS), str(TESTS / "tpch"), str(TESTS / "tpcds")]
TITLES = {"tpch": "TPC-H", "tpcds": "TPC-DS"}

# The oracle first: the others are compared with its rows.
ENGINES = ["spark", "duckdb", "datafusion", "sail", "firesteel"]
PACKAGES = {"spark": "pyspark", "sail": "pysail"}
# Looking costs time that the engines would have.
SAMPLE_S = 0.25


@dataclass
class Result:
    """What was measured of one engine."""

    version: str
    first_answer_s: list[float] = field(default_factory=list)
    peak_bytes: int = 0
    queries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def take(self, report: dict[str, dict[str, Any]]) -> None:
        """Keep the better time of each query."""
        for name, new in report.items():
            old = self.queries.get(name)
            if old is None or new["seconds"] < old["seconds"] or new["note"].startswith("FAILED"):
                self.queries[name] = new

    @property
    def total(self) -> float:
        """Seconds of all queries."""
        return sum(query["seconds"] for query in self.queries.values())


def interpreter(engine: str) -> Path | None:
    """The Python that has the engine, or None."""
    own = ROOT / "build" / "bench" / engine / "bin" / "python"
    if engine == "firesteel":
        return Path(sys.executable)
    return own if own.exists() else None


def version(engine: str, python: Path) -> str:
    package = PACKAGES.get(engine, engine)
    if engine == "firesteel":
        return importlib.metadata.version(package)
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def family_bytes(pid: int) -> int:
    """Resident memory of a process and all that it started, in bytes; 0 where the system does not tell."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
        except OSError:  # it has ended
            continue
        parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    total, queue = 0, [pid]
    while queue:
        one = queue.pop()
        queue.extend(parents.get(one, []))
        try:
            total += int((Path("/proc") / str(one) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            continue
    return total


def run(command: list[str]) -> tuple[float, int]:
    """Run a command; its seconds and the peak memory of its processes."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(SAMPLE_S):
            peak = max(peak, family_bytes(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    process.wait()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return seconds, peak


def queries(engine: str, python: Path, options: argparse.Namespace, scratch: Path) -> tuple[dict[str, Any], int]:
    """One process of the engine that runs the queries; its report and peak memory."""
    report, oracle = scratch / f"{engine}.json", scratch / "rows.json"
    report.unlink(missing_ok=True)
    command = [
        str(python),
        str(HERE / "queries.py"),
        engine,
        "--suite",
        options.suite,
        "--data",
        str(options.data),
        "--runs",
        str(options.runs),
    ]
    command += ["--report", str(report), *(["--check", str(oracle)] if oracle.exists() else ["--dump", str(oracle)])]
    _, peak = run(command)
    if not report.exists():
        sys.exit(f"{engine} failed: {' '.join(command)}")
    return json.loads(report.read_text()), peak


def table(results: dict[str, Result], sf: float, options: argparse.Namespace) -> str:
    """The section of RESULTS.md for one scale factor."""
    ours = results["firesteel"]
    others = [engine for engine in ENGINES if engine in results and engine != "firesteel"]
    names = ["firesteel", *others]
    lines = [
        f"## {TITLES[options.suite]}, scale factor {sf:g}",
        "",
        f"Seconds, the best of {options.rounds} times {options.runs} runs of each query; in brackets how many times Firesteel's. "
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}.",
        "",
        "| | " + " | ".join(f"{engine} {results[engine].version}" for engine in names) + " |",
        "|---|" + "---:|" * len(names),
    ]

    def row(title: str, value: Any, unit: float = 1) -> str:
        base = value(ours)
        cells = [f"{base / unit:.3f}"]
        for engine in others:
            theirs = value(results[engine])
            cells.append(f"{theirs / unit:.3f} ({theirs / base:.2f})" if base and theirs else "-")
        return f"| {title} | " + " | ".join(cells) + " |"

    lines += [row(name, lambda one, name=name: one.queries.get(name, {}).get("seconds", 0)) for name in ours.queries]
    lines.append(row("**total**", lambda result: result.total))
    lines.append(row("process start to first answer, s", lambda result: min(result.first_answer_s)))
    lines.append(row("peak memory of the process, GB", lambda result: result.peak_bytes, 1e9))
    wrong = [
        f"{engine} {name}: {query['note']}"
        for engine, result in results.items()
        for name, query in result.queries.items()
        if query["note"] not in ("", "same rows")
    ]
    oracle = next(iter(results))
    lines += ["", f"Rows: compared with {oracle}'s; " + ("; ".join(wrong) or "all equal") + ".", ""]
    return "\n".join(lines)


def write(path: Path, title: str, section: str) -> None:
    """Replace the section that begins with the same title, keep the others."""
    head = "# Results\n\nMade by `make bench` (benchmarks/compare.py), which says what is measured.\n"
    sections = path.read_text().split("\n## ")[1:] if path.exists() else []
    kept = [f"## {old.strip()}\n" for old in sections if not f"## {old}".startswith(f"{title}\n")]
    path.write_text("\n".join([head, *sorted([*kept, section])]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", choices=sorted(TITLES), default="tpch", help="whose queries (default: tpch)")
    parser.add_argument("--sf", type=float, default=1, help="scale factor (default: 1)")
    parser.add_argument("--data", type=Path, help="directory of the tables; generated where missing")
    parser.add_argument("--runs", type=int, default=3, help="runs of each query in a process (default: 3)")
    parser.add_argument("--rounds", type=int, default=2, help="processes of each engine (default: 2)")
    parser.add_argument("--only", help="engines, comma-separated (default: all that are installed)")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    options = parser.parse_args()

    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    tables = importlib.import_module(f"{options.suite}_tables")
    options.data = tables.generate(
        options.data or cache / "firesteel" / f"{options.suite}-sf{options.sf:g}", options.sf
    )
    chosen = options.only.split(",") if options.only else ENGINES
    pythons = {engine: path for engine in ENGINES if engine in chosen and (path := interpreter(engine))}
    results = {engine: Result(version(engine, python)) for engine, python in pythons.items()}
    with tempfile.TemporaryDirectory() as scratch:
        for round_ in range(options.rounds):
            for engine, python in pythons.items():
                # Spark is an order of magnitude slower; once is enough to see that.
                if engine == "spark" and round_ > 0:
                    continue
                result = results[engine]
                result.first_answer_s.append(run([str(python), str(HERE / "first_answer.py"), engine])[0])
                report, peak = queries(engine, python, options, Path(scratch))
                result.take(report)
                result.peak_bytes = max(result.peak_bytes, peak)
                seconds = sum(query["seconds"] for query in report.values())
                print(f"round {round_ + 1}: {engine:<11}{seconds:8.3f} s, peak {peak / 1e9:.2f} GB", flush=True)
    if "firesteel" in results:
        section = table(results, options.sf, options)
        write(options.out, section.splitlines()[0], section)
        print(section)


if __name__ == "__main__":
    main()
