"""All 22 TPC-H queries at SF 0.01 give the rows that real Spark gave (`answers/sf0.01`, written by `make bless`)."""

import json
from pathlib import Path

import pytest

from spark_answer import different, plain_rows, schema_text, sort_key
from tpch_tables import HERE, QUERIES, generate, query_text, register

# The position of the columns that each query's ORDER BY names. Rows that tie on them may come in any order.
ORDER_BY = {
    "q01": [0, 1], "q02": [0, 2, 1, 3], "q03": [1, 2], "q04": [0], "q05": [1], "q06": [], "q07": [0, 1, 2], "q08": [0],
    "q09": [0, 1], "q10": [2], "q11": [1], "q12": [0], "q13": [1, 0], "q14": [], "q15": [0], "q16": [3, 0, 1, 2],
    "q17": [], "q18": [4, 3], "q19": [], "q20": [0], "q21": [1, 0], "q22": [0],
}  # fmt: skip


@pytest.fixture(scope="module")
def tpch(spark, request):
    cache = Path(request.config.cache.mkdir("tpch"))
    register(spark, generate(cache / "sf0.01", 0.01))
    return spark


@pytest.mark.parametrize("name", QUERIES)
def test_query(tpch, name):
    answer = json.loads((HERE / "answers" / "sf0.01" / f"{name}.json").read_text())
    result = tpch.sql(query_text(name))
    assert schema_text(result.schema) == answer["schema"]

    ours, spark = plain_rows(result.collect()), answer["rows"]
    keys = ORDER_BY[name]
    assert different([[r[k] for k in keys] for r in ours], [[r[k] for k in keys] for r in spark]) is None
    assert different(sorted(ours, key=sort_key), sorted(spark, key=sort_key)) is None
