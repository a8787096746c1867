"""All queries of TPC-DS at SF 0.01 give the rows that real Spark gave (`answers/sf0.01`, written by `make bless`).

Rows are compared in order: Spark's ties come as ours, but for those of `TIES`.
"""

import json
from pathlib import Path

import pytest
from pyspark.errors import PySparkException

from spark_answer import different, error_text, plain_rows, schema_text, sort_key
from tpcds_tables import HERE, QUERIES, generate, query_text, register

# Queries whose rows tie on all that they sort by, at these positions: subtotals of ROLLUP and groups of nulls.
TIES = {"q05": [0, 1], "q77": [0, 1], "q80": [0, 1]}


@pytest.fixture(scope="module")
def tpcds(spark, request):
    cache = Path(request.config.cache.mkdir("tpcds"))
    register(spark, generate(cache / "sf0.01", 0.01))
    return spark


@pytest.mark.parametrize("name", QUERIES)
def test_query(tpcds, name):
    answer = json.loads((HERE / "answers" / "sf0.01" / f"{name}.json").read_text(encoding="utf-8"))
    result = tpcds.sql(query_text(name))
    assert schema_text(result.schema) == answer["schema"]
    if "error" in answer:
        with pytest.raises(PySparkException) as raised:
            result.collect()
        assert error_text(raised.value) == answer["error"]
        return
    ours, spark = plain_rows(result.collect()), answer["rows"]
    if name in TIES:
        assert (
            different([[r[k] for k in TIES[name]] for r in ours], [[r[k] for k in TIES[name]] for r in spark]) is None
        )
        ours, spark = sorted(ours, key=sort_key), sorted(spark, key=sort_key)
    assert different(ours, spark) is None
