"""Engines take turns at the same Python workloads: each in a process and an environment of its own, warm.

A script of workloads calls `main` with a function that opens an engine and a table of workloads. Started as
`SCRIPT --child ENGINE` it runs them and prints one JSON line each; started without it runs the children, checks that
their answers are equal and writes the table.
"""

from __future__ import annotations

import argparse
import json
import operator
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compare import HERE, interpreter, version, write

Workload = Callable[[Any, argparse.Namespace], Any]


class AbsentError(Exception):
    """Raised by a workload that an engine has no program for."""


@dataclass
class Suite:
    """What a script compares.

    Parameters
    ----------
    title : str
        Head of its section in RESULTS.md.
    about : str
        What stands under it.
    engines : dict of str to callable
        Opens an engine and gives what its workloads take; the first is ours.
    workloads : dict of str to callable
        Runs once and gives an answer that JSON can hold, or a function that gives it and is not measured.
    prepare : callable
        Makes the data, before anything is measured.
    same : callable
        Whether an answer is as good as that of Spark (default: they are equal).
    """

    title: str
    about: str
    engines: dict[str, Callable[[argparse.Namespace], Any]]
    workloads: dict[str, Workload]
    prepare: Callable[[argparse.Namespace], None]
    same: Callable[[Any, Any], bool] = operator.eq


def child(suite: Suite, options: argparse.Namespace) -> None:
    """Run the workloads on one engine; a JSON line each."""
    opened = suite.engines[options.child](options)
    for name, workload in suite.workloads.items():
        if not _is_chosen(name, options):
            continue
        seconds, answer, note = [], None, ""
        try:
            for _ in range(options.runs):
                start = time.perf_counter()
                answer = workload(opened, options)
                seconds.append(time.perf_counter() - start)
                answer = answer() if callable(answer) else answer
        except AbsentError:
            continue
        except Exception as error:
            note = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        print(json.dumps({"name": name, "seconds": seconds, "answer": answer, "note": note}), flush=True)
    # Servers' threads would keep the process; ours ends when this process does.
    sys.stdout.flush()
    os._exit(0)


def _is_chosen(name: str, options: argparse.Namespace) -> bool:
    return not options.workloads or name.startswith(tuple(options.workloads.split(";")))


def run_child(script: str, engine: str, options: argparse.Namespace, arguments: list[str]) -> list[dict[str, Any]]:
    """What one engine reports."""
    python = interpreter("firesteel" if engine == "floor" else engine)
    if python is None:
        return []
    command = [str(python), script, *arguments, "--child", engine]
    # Real Spark fixes the seed of hash() for its workers only if nobody else has.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYSPARK_PYTHON": str(python)}
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    reports = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    for report in reports:
        times = " ".join(f"{second:.3f}" for second in report["seconds"])
        print(f"{engine:<10}{report['name']:<28}{times} {report['note']}", flush=True)
    return reports


def main(suite: Suite, script: str, parser: argparse.ArgumentParser) -> None:
    """Parse the command line and run as a child or as the one that compares."""
    parser.add_argument(
        "--runs", type=int, default=3, help="runs of each workload in a process; the first warms up (default: 3)"
    )
    parser.add_argument("--rounds", type=int, default=1, help="processes of each engine (default: 1)")
    parser.add_argument("--only", help="engines, comma-separated (default: all that are installed)")
    parser.add_argument(
        "--apart", action="store_true", help="a process for each workload: engines' runs of one follow each other"
    )
    parser.add_argument("--workloads", help="beginnings of names, separated by semicolons (default: all)")
    parser.add_argument("--out", type=Path, default=HERE / "RESULTS.md")
    parser.add_argument("--child", choices=list(suite.engines), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(suite, options)
        return
    suite.prepare(options)
    chosen = options.only.split(",") if options.only else list(suite.engines)
    best: dict[str, dict[str, float]] = {}
    answers: dict[str, dict[str, Any]] = {}
    notes: list[str] = []
    # The last of a repeated option counts.
    parts = [["--workloads", name] for name in suite.workloads if _is_chosen(name, options)] if options.apart else [[]]
    for arguments in [sys.argv[1:] + part for _ in range(options.rounds) for part in parts]:
        for engine in [engine for engine in suite.engines if engine in chosen]:
            for report in run_child(script, engine, options, arguments):
                name = report["name"]
                if report["note"]:
                    notes.append(f"{engine}, {name}: {report['note']}")
                    continue
                # The first run pays for starting workers and compiling; a user's second query does not.
                warm = report["seconds"][1:] or report["seconds"]
                best.setdefault(name, {})[engine] = min([*warm, best.get(name, {}).get(engine, float("inf"))])
                answers.setdefault(name, {})[engine] = report["answer"]
    for name, found in answers.items():
        oracle = found.get("spark", next(iter(found.values())))
        notes += [
            f"{engine}, {name}: {answer}, not {oracle}"
            for engine, answer in found.items()
            if not suite.same(answer, oracle)
        ]
    section = _table(suite, [engine for engine in suite.engines if engine in chosen], best, notes, options)
    print(section)
    # A run of a part is for looking, not for the record.
    if not options.only and not options.workloads:
        write(options.out, section.splitlines()[0], section)


def _table(
    suite: Suite, engines: list[str], best: dict[str, dict[str, float]], notes: list[str], options: argparse.Namespace
) -> str:
    ours = engines[0]
    heads = []
    for engine in engines:
        python = interpreter(engine) if engine != "floor" else None
        heads.append(f"{engine} {version(engine, python)}" if python else engine)
    lines = [
        f"## {suite.title}",
        "",
        f"{suite.about} Seconds, the best warm run of {options.rounds} times {options.runs}; in brackets how many times "
        f"Firesteel's. Scale {options.scale:g}, {os.cpu_count()} cores.",
        "",
        "| | " + " | ".join(heads) + " |",
        "|---|" + "---:|" * len(heads),
    ]
    for name in suite.workloads:
        found = best.get(name, {})
        cells = []
        for engine in engines:
            seconds = found.get(engine)
            if seconds is None:
                cells.append("-")
            elif engine == ours or ours != "firesteel" or ours not in found:
                cells.append(f"{seconds:.3f}")
            else:
                cells.append(f"{seconds:.3f} ({seconds / found[ours]:.2f})")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", "Answers: " + ("; ".join(notes) or "all equal") + ".", ""]
    return "\n".join(lines)
