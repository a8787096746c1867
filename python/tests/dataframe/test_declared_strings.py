"""Strings with a collation and columns of CHAR(n), as schemas and through the DataFrame API; answers of Spark 4.2.0."""

import json

import pytest
from pyspark.errors import AnalysisException, SparkRuntimeException, UnsupportedOperationException
from pyspark.sql import functions as F
from pyspark.sql import types as T

LCASE = T.StringType("UTF8_LCASE")


@pytest.fixture
def words(spark):
    schema = T.StructType([T.StructField("c", LCASE), T.StructField("n", T.IntegerType())])
    return spark.createDataFrame([("a", 1), ("A", 2), ("b", 3), (None, 4)], schema)


def test_schema_keeps_the_collation(spark, words):
    assert words.schema["c"].dataType == LCASE
    assert words.dtypes == [("c", "string collate UTF8_LCASE"), ("n", "int")]
    fields = json.loads(words.schema.json())["fields"]
    assert fields[0]["metadata"] == {"__COLLATIONS": {"c": "spark.UTF8_LCASE"}}
    plain = spark.createDataFrame([("a",), ("A",)], "c string")
    assert plain.select(F.col("c").cast(LCASE)).schema["c"].dataType == LCASE
    assert plain.select(F.collation(F.collate("c", "utf8_lcase"))).first()[0] == "SYSTEM.BUILTIN.UTF8_LCASE"


def test_groups_and_duplicates(words):
    groups = words.groupBy("c").agg(F.count("*"), F.sum("n")).collect()
    assert sorted((c.lower() if c else "", k, n) for c, k, n in groups) == [("", 1, 4), ("a", 2, 3), ("b", 1, 3)]
    assert words.select("c").distinct().count() == 3
    assert words.dropDuplicates(["c"]).count() == 3
    assert words.filter(F.col("c").isin("A")).count() == 2
    assert words.alias("x").join(words.alias("y"), "c").count() == 5
    assert [row.n for row in words.orderBy(F.desc("c"), "n").collect()] == [3, 1, 2, 4]


def test_orders_without_a_table_are_refused_by_name(words):
    with pytest.raises(UnsupportedOperationException, match="yi_CI"):
        words.filter(F.collate("c", "yi_ci") == "A").count()


def test_char_and_varchar_of_a_table(spark):
    spark.sql("DROP TABLE IF EXISTS declared_strings")
    spark.sql("CREATE TABLE declared_strings (c CHAR(5), a ARRAY<VARCHAR(2)>) USING parquet")
    try:
        spark.sql("INSERT INTO declared_strings VALUES ('ab', array('x '))")
        table = spark.table("declared_strings")
        declared = [field.metadata["__CHAR_VARCHAR_TYPE_STRING"] for field in table.schema]
        assert declared == ["char(5)", "array<varchar(2)>"]
        assert table.dtypes == [("c", "string"), ("a", "array<string>")]
        assert table.first().c == "ab   "
        renamed = table.select(F.col("c").alias("z"))
        assert renamed.filter(F.col("z") == "ab").count() == 1
        assert renamed.filter(F.col("z").isin("x", "ab")).count() == 1
        with pytest.raises(SparkRuntimeException) as raised:
            spark.sql("INSERT INTO declared_strings VALUES ('x', array('abc'))")
        assert raised.value.getCondition() == "EXCEED_LIMIT_LENGTH"
        with pytest.raises(AnalysisException) as refused:
            spark.range(1).select(F.from_json(F.lit("{}"), "a char(3)")).collect()
        assert refused.value.getCondition() == "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING"
    finally:
        spark.sql("DROP TABLE declared_strings")
