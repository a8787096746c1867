"""RDDs of frames and frames of RDDs: rows, types, partitions, schemas given and found."""

import datetime
import decimal

import pytest
from pyspark.errors import PySparkException, PySparkNotImplementedError, PySparkTypeError, PySparkValueError
from pyspark.ml.linalg import Vectors
from pyspark.sql import Row
from pyspark.sql import functions as F
from pyspark.sql.types import IntegerType, LongType, StringType, StructField, StructType


def test_rows_and_partitions(session):
    frame = session.range(0, 6, 1, 3).withColumn("text", F.concat(F.lit("r"), "id"))
    rows = frame.rdd
    assert rows is frame.rdd
    assert rows.getNumPartitions() == 3
    assert rows.glom().map(len).collect() == [2, 2, 2]
    assert rows.first() == Row(id=0, text="r0")
    assert rows.map(lambda row: (row.text, row["id"] + row[0])).collect()[-1] == ("r5", 10)
    assert frame.filter("id < 0").rdd.getNumPartitions() == 3
    assert sorted(rows.map(lambda row: (row.id % 2, row.id)).reduceByKey(max).collect()) == [(0, 4), (1, 5)]
    assert rows.mapPartitionsWithIndex(lambda i, it: [(i, row.id) for row in it]).take(3) == [(0, 0), (0, 1), (1, 2)]


def test_intervals_of_months_have_no_form(session):
    for text in ["INTERVAL '1' MONTH", "array(INTERVAL '1-2' YEAR TO MONTH)"]:
        with pytest.raises(PySparkNotImplementedError, match=r"YearMonthIntervalType\.fromInternal"):
            session.sql(f"SELECT {text} AS m").rdd.collect()


def test_types_of_values(session):
    data = (
        *(1, 1.5, "é", None, True, b"\x00\xff", decimal.Decimal("1.20")),
        *(datetime.date(2020, 2, 29), datetime.datetime(2020, 2, 29, 12, 30, 1, 5), [1, 2], {"k": Row(a=1)}),
        Vectors.dense([1.0, 2.0]),
    )
    schema = (
        "i int, f double, s string, n string, b boolean, y binary, m decimal(10,2), d date, t timestamp, "
        "a array<int>, k map<string, struct<a: int>>"
    )
    frame = session.createDataFrame([data[:-1]], schema)
    assert frame.rdd.collect() == frame.collect()
    vectors = session.createDataFrame([(1, data[-1])], ["id", "v"])
    assert vectors.rdd.map(lambda row: row.v.toArray().tolist()).first() == [1.0, 2.0]


def test_columns_of_any_name(session):
    frame = session.sql("SELECT 1 AS a, 2 AS a, 3 AS `b c.d`, 4 AS A")
    assert [tuple(row) for row in frame.rdd.collect()] == [(1, 2, 3, 4)]
    assert frame.rdd.first().__fields__ == ["a", "a", "b c.d", "A"]


def test_frame_with_a_schema(sc, session):
    schema = StructType([StructField("name", StringType()), StructField("age", IntegerType())])
    rdd = sc.parallelize([("Ann", 1), ("Bob", None)], 2)
    for given in (schema, "name string, age int"):
        frame = session.createDataFrame(rdd, given)
        assert frame.schema == schema
        assert frame.orderBy("name").collect() == [Row(name="Ann", age=1), Row(name="Bob", age=None)]
    assert frame.where("age = 1").select("name").collect() == [Row(name="Ann")]
    assert frame.rdd.getNumPartitions() == 2
    assert session.createDataFrame(sc.parallelize([3, 4]), "int").collect() == [Row(value=3), Row(value=4)]
    assert session.createDataFrame(sc.emptyRDD(), schema).collect() == []


def test_schema_found_in_the_items(sc, session):
    assert sc.parallelize([(1, "a"), (2, "b")]).toDF().collect() == [Row(_1=1, _2="a"), Row(_1=2, _2="b")]
    named = sc.parallelize([(1, "a")]).toDF(["id", "text"])
    assert named.schema == StructType([StructField("id", LongType()), StructField("text", StringType())])
    assert sc.parallelize([Row(b=1, a=2.5)]).toDF().collect() == [Row(b=1, a=2.5)]
    dicts = session.createDataFrame(sc.parallelize([{"x": 1, "y": "s"}, {"y": "t", "x": 2}]))
    assert [(row.x, row.y) for row in dicts.collect()] == [(1, "s"), (2, "t")]
    late = session.createDataFrame(sc.parallelize([(None, 1), (None, 2), ("x", 3)], 1), ["a", "b"])
    assert late.schema["a"].dataType == StringType()
    sampled = session.createDataFrame(sc.parallelize([(i, [i]) for i in range(50)]), ["a", "b"], samplingRatio=1.0)
    assert (sampled.count(), sampled.schema.simpleString()) == (50, "struct<a:bigint,b:array<bigint>>")


def test_what_does_not_fit(sc, session):
    with pytest.raises(PySparkValueError) as failure:
        sc.parallelize([(None,), (None,)]).toDF(["a"])
    assert failure.value.getCondition() == "CANNOT_DETERMINE_TYPE"
    with pytest.raises(PySparkValueError) as failure:
        sc.parallelize([()]).toDF()
    assert failure.value.getCondition() == "CANNOT_INFER_EMPTY_SCHEMA"
    with pytest.raises(PySparkTypeError):
        session.createDataFrame(sc.parallelize([(1,)]), 5)
    with pytest.raises(PySparkException, match="FIELD_DATA_TYPE_UNACCEPTABLE"):
        session.createDataFrame(sc.parallelize([("text",)]), "a int").collect()


def test_readers_take_lines(sc, session):
    lines = sc.parallelize(['{"a": 1, "b": "x"}', '{"a": 2}'])
    assert session.read.json(lines).collect() == [Row(a=1, b="x"), Row(a=2, b=None)]
    assert session.read.schema("a long").json(lines.map(str.encode)).collect() == [Row(a=1), Row(a=2)]
    table = session.read.csv(sc.parallelize(["n,t", "1,x", "2,y"], 1), header=True, schema="n int, t string")
    assert table.collect() == [Row(n=1, t="x"), Row(n=2, t="y")]


def test_rows_as_json(session):
    frame = session.createDataFrame([(2, "Al")], ["age", "name"])
    as_json = frame.toJSON()
    # An RDD, as programs for a JVM expect; a remote server's clients know a frame.
    first = as_json.first()
    assert (first if isinstance(first, str) else first[0]) == '{"age":2,"name":"Al"}'


def test_unverified_items_that_fit_no_column_are_null(session):
    rows = session.sparkContext.parallelize([(1, "a", 1.5, [1]), ("b", 2, 1, ["x", 2]), (True, None, "c", (3,))], 2)
    assert [tuple(row) for row in rows.toDF(["i", "s", "f", "l"]).collect()] == [
        *((1, "a", 1.5, [1]), (None, "2", None, [None, 2]), (None, None, None, [3])),
    ]
    items = [(300, 2**40, {"k": 1.0}), (2**70, 1.5, {1: 2}), (-129, None, "x")]
    frame = session.createDataFrame(rows.context.parallelize(items), "b byte, i int, m map<string,int>", None, False)
    assert [tuple(row) for row in frame.collect()] == [
        *((44, 0, {"k": None}), (None, None, {"1": 2}), (127, None, None)),
    ]
    texts = session.createDataFrame(rows.context.parallelize([(1.0, [None, True])]), "a string, b string", None, False)
    assert tuple(texts.first()) == ("1.0", "[null, true]")
    dates = session.createDataFrame(rows.context.parallelize([(1,)]), "d date", None, False)
    with pytest.raises(PySparkException, match="AttributeError"):
        dates.collect()
