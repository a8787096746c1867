"""All queries of TPC-DS at SF 0.01 give the rows that real Spark gave (`answers/sf0.01`, written by `make bless`).

Their ORDER BY leaves few ties, and these come as in Spark too: rows are compared in order.
"""

import json
from pathlib import Path

import pytest
from pyspark.errors import PySparkException

from spark_answer import different, error_text, plain_rows, schema_text
from tpcds_tables import HERE, QUERIES, generate, query_text, register


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
    else:
        assert different(plain_rows(result.collect()), answer["rows"]) is None
