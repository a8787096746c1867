"""Where Python functions may stand, and how they go. The answers are Spark 4.2's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pyspark.errors import AnalysisException
from pyspark.sql import functions as F
from pyspark.sql.types import BooleanType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession


@pytest.mark.parametrize("use_arrow", [False, True])
def test_order_of_what_passes_a_table_function(spark: SparkSession, use_arrow: bool) -> None:
    class Twice:
        def eval(self, n: int) -> Iterator[tuple[int]]:
            yield (n * 10,)
            yield (n * 10 + 1,)

    function: Any = F.udtf(Twice, returnType="a: int", useArrow=use_arrow)
    spark.udtf.register("twice", function)
    rows = spark.createDataFrame([(2,), (1,), (3,)], "id int").repartition(2)
    rows.createOrReplaceTempView("passing")
    found = spark.sql("SELECT id, a FROM passing, LATERAL twice(id) ORDER BY id").collect()
    assert [row.id for row in found] == [1, 1, 2, 2, 3, 3]
    assert sorted(row.a for row in found) == [10, 11, 20, 21, 30, 31]
    outer = spark.sql("SELECT id, a FROM passing LEFT JOIN LATERAL twice(0) ORDER BY 1").collect()
    assert [row.id for row in outer] == [1, 1, 2, 2, 3, 3]
    spark.catalog.dropTempView("passing")


@pytest.mark.parametrize("how", ["inner", "left"])
def test_joins_need_deterministic_functions(spark: SparkSession, how: str) -> None:
    function: Any = F.udf(lambda left, right: left == right, BooleanType())
    left, right = spark.range(3).toDF("p"), spark.range(3).toDF("q")
    assert left.join(right, function("p", "q")).count() == 3
    for condition in [
        function.asNondeterministic()("p", "q"),
        (F.col("p") == F.col("q")) & function.asNondeterministic()("p", "q"),
    ]:
        with pytest.raises(AnalysisException) as refused:
            left.join(right, condition, how).collect()
        assert refused.value.getCondition() == "INVALID_NON_DETERMINISTIC_EXPRESSIONS"
        assert refused.value.getSqlState() == "42K0E"


def test_functions_are_dropped(spark: SparkSession) -> None:
    spark.udf.register("going", lambda n: n, "long")
    assert spark.sql("SELECT going(1) AS n").collect()[0].n == 1
    assert spark.sql("DROP TEMPORARY FUNCTION going").collect() == []
    spark.sql("DROP TEMPORARY FUNCTION IF EXISTS going")
    for text, condition in [
        ("SELECT going(1)", "UNRESOLVED_ROUTINE"),
        ("DROP TEMPORARY FUNCTION going", "ROUTINE_NOT_FOUND"),
        ("DROP FUNCTION going", "ROUTINE_NOT_FOUND"),
        ("DROP TEMPORARY FUNCTION abs", "FORBIDDEN_OPERATION"),
    ]:
        with pytest.raises(AnalysisException) as refused:
            spark.sql(text).collect()
        assert refused.value.getCondition() == condition
