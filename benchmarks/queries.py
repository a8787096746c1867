"""TPC-H on a named engine: seconds per query, best of several, and optionally the rows checked against a dump.

    python benchmarks/tpch.py firesteel                          # SF 1, best of three
    python benchmarks/tpch.py spark --dump spark.json --runs 1   # write the answers down
    python benchmarks/tpch.py firesteel --check spark.json       # compare ours with them
    python benchmarks/tpch.py duckdb --sf 10 --queries 1,9,21

Engines: firesteel, spark, sail, duckdb, datafusion; each must be importable in the environment that runs this. The
tables are Parquet made by `tpchgen-cli`, kept in `--data` (default: the user's cache directory) for the next time.
A query's time runs from its text to its last row in Python. Texts and comparison are those of `python/tests/tpch`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent / "python" / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "tpch")]

from spark_answer import plain, sort_key  # noqa: E402
from tpch_tables import QUERIES, TABLES, generate, query_text, register  # noqa: E402

Run = Callable[[str], list[tuple[Any, ...]]]


def firesteel(data: Path) -> Run:
    import firesteel as engine

    return _through_pyspark(engine.session(), data)


def spark(data: Path) -> Run:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "8g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return _through_pyspark(session, data)


def sail(data: Path) -> Run:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start()
    host, port = server.listening_address
    run = _through_pyspark(SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate(), data)
    # The server ends when nobody holds it.
    return lambda text, server=server: run(text)


def _through_pyspark(session: Any, data: Path) -> Run:
    register(session, data)
    return lambda text: [tuple(row) for row in session.sql(text).collect()]


def duckdb(data: Path) -> Run:
    import duckdb as engine

    connection = engine.connect()
    for table in TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{data}/{table}.parquet'")
    return lambda text: connection.execute(text).fetchall()


def datafusion(data: Path) -> Run:
    from datafusion import SessionContext

    context = SessionContext()
    for table in TABLES:
        context.register_parquet(table, str(data / f"{table}.parquet"))

    def run(text: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for batch in context.sql(text).collect() for row in batch.to_pylist()]

    return run


ENGINES = {"firesteel": firesteel, "spark": spark, "sail": sail, "duckdb": duckdb, "datafusion": datafusion}


def loose(value: Any) -> Any:
    """A value as engines with other type rules may give it: whatever reads as a number a double, dates as text."""
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()[:10]
    if isinstance(value, (Decimal, float, int, str)) and not isinstance(value, bool):
        try:
            return {"f": repr(float(value))}
        except ValueError:
            return value
    return value


def check(ours: list[Any], theirs: list[Any], exact: bool) -> str:
    from spark_answer import different

    if exact:
        return different(sorted(ours, key=sort_key), sorted(theirs, key=sort_key)) or "same rows"
    return different(sorted(ours, key=sort_key), sorted(theirs, key=sort_key), rel_tol=1e-4) or "same rows"


def main() -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=sorted(ENGINES))
    parser.add_argument("--sf", type=float, default=1, help="scale factor (default: 1)")
    parser.add_argument("--data", type=Path, help="directory of the tables; generated where missing")
    parser.add_argument("--runs", type=int, default=3, help="runs per query, of which the best counts (default: 3)")
    parser.add_argument("--queries", help="numbers, e.g. 1,9,21 (default: all)")
    parser.add_argument("--dump", type=Path, metavar="FILE", help="write the rows of every query to a JSON file")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write seconds and verdicts to a JSON file")
    parser.add_argument("--check", type=Path, metavar="FILE", help="compare the rows with such a file")
    options = parser.parse_args()

    data = generate(options.data or cache / "firesteel" / f"tpch-sf{options.sf:g}", options.sf)
    names = [f"q{int(n):02}" for n in options.queries.split(",")] if options.queries else QUERIES
    expected = json.loads(options.check.read_text()) if options.check else {}
    # The others have types of their own.
    exact = {options.engine, expected.get("engine", "spark")} <= {"firesteel", "spark", "sail"}

    run = ENGINES[options.engine](data)
    dumped: dict[str, Any] = {"engine": options.engine}
    report: dict[str, dict[str, Any]] = {}
    total = n_wrong = 0.0
    for name in names:
        best, note, rows = float("inf"), "", []
        try:
            for _ in range(options.runs):
                start = time.perf_counter()
                rows = run(query_text(name))
                best = min(best, time.perf_counter() - start)
        except Exception as error:  # one query's failure must not hide the others' times
            note, best = f"FAILED {type(error).__name__}: {str(error).strip().splitlines()[0][:150]}", 0.0
            n_wrong += 1
        else:
            if name in expected:
                form = plain if exact else loose
                theirs = expected[name] if exact else [[loose(v) for v in row] for row in expected[name]]
                note = check([[form(v) for v in row] for row in rows], theirs, exact)
                n_wrong += note != "same rows"
            dumped[name] = [[plain(v) for v in row] for row in rows]
        total += best
        report[name] = {"seconds": best, "rows": len(rows), "note": note}
        print(f"{name}  {best:8.3f} s  {len(rows):>6} rows  {note}", flush=True)
    print(f"total{total:8.3f} s  ({options.engine}, SF {options.sf:g}, best of {options.runs})")

    if options.dump:
        options.dump.write_text(json.dumps(dumped, ensure_ascii=False))
    if options.report:
        options.report.write_text(json.dumps(report))
    if n_wrong:
        print(f"{n_wrong:g} queries failed or differ", file=sys.stderr)
    # Threads of a server within this process (Sail's) would keep it.
    sys.stdout.flush()
    os._exit(int(n_wrong > 0))


if __name__ == "__main__":
    main()
