"""Queries under a memory limit: whether they finish, with right rows, and how much memory the engine really took.

    python benchmarks/memory.py                              # SF 1 under 256m: sort, aggregate, window, joins
    python benchmarks/memory.py --limit 2g --sf 10 --tpch answers.json      # all 22 queries of TPC-H
    python benchmarks/memory.py --only sort,join

Every workload has an engine of its own. Its rows go to Parquet files, whose sums are compared with those that pyarrow
finds in the source. `answers.json` is what `queries.py duckdb --sf 10 --dump answers.json` writes. Peak is the most that
the process of the engine had resident (VmHWM), beyond the limit by what nobody accounts for: code, readers, network.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from apart import run_each_apart

TESTS = Path(__file__).resolve().parent.parent / "python" / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "tpch"), str(Path(__file__).resolve().parent)]

MIB = 1 << 20


def total(values: Any) -> float:
    return round(float(pc.sum(values).as_py() or 0), 2)


def by_key(data: Path, key: str, value: str) -> tuple[Any, Any]:
    """Rows and sum of `value` for each key of lineitem."""
    rows = pq.read_table(data / "lineitem.parquet", columns=[key, value])
    rows = rows.set_column(1, value, pc.cast(rows[value], pa.float64()))
    groups = rows.group_by(key).aggregate([(value, "count"), (value, "sum")])
    return groups[f"{value}_count"], groups[f"{value}_sum"]


def check_sort(data: Path, out: pa.Table) -> None:
    price, key = pc.cast(out["l_extendedprice"], pa.float64()), out["l_orderkey"]
    for column in (price, key):
        assert len(column) == out.num_rows
    before, after = price[:-1], price[1:]
    same = pc.equal(before, after)
    in_order = pc.or_(pc.less(before, after), pc.and_(same, pc.less_equal(key[:-1], key[1:])))
    assert pc.all(in_order).as_py(), "rows are not sorted"
    source = pq.read_table(data / "lineitem.parquet", columns=["l_extendedprice", "l_orderkey"])
    assert source.num_rows == out.num_rows
    assert total(source["l_extendedprice"]) == total(out["l_extendedprice"])
    assert total(source["l_orderkey"]) == total(key)


def check_aggregate(data: Path, out: pa.Table) -> None:
    source = pq.read_table(data / "lineitem.parquet", columns=["l_orderkey", "l_partkey", "l_quantity"])
    groups = source.group_by(["l_orderkey", "l_partkey"]).aggregate([("l_quantity", "sum")])
    assert groups.num_rows == out.num_rows
    assert total(source["l_quantity"]) == total(out["quantity"])
    assert source.num_rows == pc.sum(out["n"]).as_py()
    assert total(groups["l_partkey"]) == total(out["l_partkey"])


def check_distinct(data: Path, out: pa.Table) -> None:
    source = pq.read_table(data / "lineitem.parquet", columns=["l_orderkey", "l_suppkey"])
    groups = source.group_by(["l_orderkey", "l_suppkey"]).aggregate([])
    assert groups.num_rows == out.num_rows
    assert total(groups["l_orderkey"]) == total(out["l_orderkey"])


def check_window(data: Path, out: pa.Table) -> None:
    counts, sums = by_key(data, "l_suppkey", "l_quantity")
    assert total(pc.divide(pc.multiply(counts, pc.add(counts, 1)), 2)) == total(out["number"])
    assert total(pc.multiply(sums, counts)) == total(out["quantity"])


def check_join(data: Path, out: pa.Table) -> None:
    orders = pq.read_table(data / "orders.parquet", columns=["o_orderkey", "o_custkey"])
    lines = pq.read_table(data / "lineitem.parquet", columns=["l_orderkey"])
    customers = lines.join(orders, "l_orderkey", "o_orderkey", "inner")
    assert lines.num_rows == out.num_rows
    assert total(customers["o_custkey"]) == total(out["o_custkey"])


def check_self_join(data: Path, out: pa.Table) -> None:
    counts, sums = by_key(data, "l_orderkey", "l_linenumber")
    assert pc.sum(pc.multiply(counts, counts)).as_py() == pc.sum(out["n"]).as_py()
    assert total(pc.multiply(sums, counts)) == total(out["lines"])


WORKLOADS: dict[str, tuple[str, Callable[[Path, pa.Table], None]]] = {
    "sort": ("SELECT * FROM lineitem ORDER BY l_extendedprice, l_orderkey", check_sort),
    "aggregate": (
        "SELECT l_orderkey, l_partkey, sum(l_quantity) AS quantity, count(*) AS n, max(l_comment) AS comment "
        "FROM lineitem GROUP BY l_orderkey, l_partkey",
        check_aggregate,
    ),
    "distinct": ("SELECT DISTINCT l_orderkey, l_suppkey FROM lineitem", check_distinct),
    "window": (
        "SELECT l_orderkey, l_comment, row_number() OVER (PARTITION BY l_suppkey ORDER BY l_orderkey) AS number, "
        "sum(l_quantity) OVER (PARTITION BY l_suppkey) AS quantity FROM lineitem",
        check_window,
    ),
    "join": (
        "SELECT l_orderkey, l_comment, o_custkey, o_comment FROM lineitem JOIN orders ON l_orderkey = o_orderkey",
        check_join,
    ),
    "self_join": (
        "SELECT a.l_suppkey, count(*) AS n, sum(b.l_linenumber) AS lines, max(a.l_comment) AS comment "
        "FROM lineitem a JOIN lineitem b ON a.l_orderkey = b.l_orderkey GROUP BY a.l_suppkey",
        check_self_join,
    ),
}


def peak_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def session(options: argparse.Namespace) -> tuple[Any, int]:
    import firesteel
    from firesteel import _connect
    from tpch_tables import register

    spark = firesteel.session(master="local[2]", conf={"spark.executor.memory": options.limit})
    register(spark, options.data)
    return spark, _connect.engine_of(spark).pid


def run_workload(name: str, options: argparse.Namespace) -> None:
    spark, pid = session(options)
    text, check = WORKLOADS[name]
    with tempfile.TemporaryDirectory(dir=options.scratch) as directory:
        start = time.perf_counter()
        spark.sql(text).write.parquet(f"{directory}/out")
        seconds, peak = time.perf_counter() - start, peak_bytes(pid)
        spark.stop()
        files = sorted(Path(directory, "out").glob("*.parquet"))
        check(options.data, pa.concat_tables([pq.read_table(file) for file in files]))
    print(f"{name:<10} {seconds:8.1f} s   peak {peak / MIB:7.0f} MiB   right rows", flush=True)


def run_tpch(name: str, options: argparse.Namespace) -> None:
    from queries import verdict
    from spark_answer import plain_rows
    from tpch_tables import query_text

    spark, pid = session(options)
    expected = json.loads(options.tpch.read_text())[name]
    start = time.perf_counter()
    rows = [tuple(row) for row in spark.sql(query_text(name)).collect()]
    seconds, peak = time.perf_counter() - start, peak_bytes(pid)
    spark.stop()
    note = verdict(plain_rows(rows), expected, exact=False)
    assert note == "same rows", note
    print(f"{name:<10} {seconds:8.1f} s   peak {peak / MIB:7.0f} MiB   right rows", flush=True)


def main() -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", default="256m", help="spark.executor.memory (default: 256m)")
    parser.add_argument("--sf", type=float, default=1, help="scale factor (default: 1)")
    parser.add_argument("--data", type=Path, help="directory of the tables; generated where missing")
    parser.add_argument("--tpch", type=Path, metavar="FILE", help="run the queries of TPC-H and compare with this file")
    parser.add_argument("--only", help="names of workloads or queries, e.g. sort,join or q09")
    parser.add_argument("--scratch", type=Path, help="where results are written (default: the system's)")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()

    from tpch_tables import QUERIES, generate

    options.data = generate(options.data or cache / "firesteel" / f"tpch-sf{options.sf:g}", options.sf)
    run = run_tpch if options.tpch else run_workload
    if options.one:
        run(options.one, options)
        return
    names = options.only.split(",") if options.only else QUERIES if options.tpch else list(WORKLOADS)
    run_each_apart(names, 10)


if __name__ == "__main__":
    main()
