"""An unmodified PySpark program, of the kind written for a JVM: every way to name a context and a session."""

import pyspark
import pyspark.context
import pyspark.core.broadcast
import pyspark.rdd
from pyspark import *  # noqa: F403
from pyspark import RDD, Broadcast, SparkConf, SparkContext, SparkFiles, StorageLevel
from pyspark.core.files import SparkFiles as CoreSparkFiles
from pyspark.rdd import PipelinedRDD, portable_hash
from pyspark.sql import HiveContext, Row, SparkSession, SQLContext
from pyspark.sql.functions import udf
from pyspark.status import StatusTracker

assert pyspark.SparkContext is SparkContext is pyspark.context.SparkContext
assert pyspark.rdd.RDD is RDD
assert pyspark.core.broadcast.Broadcast is Broadcast
assert CoreSparkFiles is SparkFiles
assert all(hasattr(pyspark, name) for name in pyspark.__all__)

conf = SparkConf().setMaster("local[2]").setAppName("program").set("spark.executorEnv.PROGRAM", "in a worker")
sc = SparkContext(conf=conf)
assert (sc.master, sc.appName, sc.defaultParallelism) == ("local[2]", "program", 2)
assert sc.getConf().get("spark.executorEnv.PROGRAM") == "in a worker"
assert SparkContext.getOrCreate() is sc
try:
    SparkContext("local", "second")
except ValueError as error:
    print(str(error).partition(";")[0])

lines = sc.parallelize(["a b", "b c", "c c"])
counts = lines.flatMap(str.split).map(lambda word: (word, 1)).reduceByKey(lambda a, b: a + b)
assert isinstance(counts, RDD)
assert isinstance(lines.map(len), PipelinedRDD)
print(sorted(counts.collect()))
names = sc.broadcast({"a": "Ann"})
assert isinstance(names, Broadcast)
assert lines.map(lambda line: names.value.get(line[0])).first() == "Ann"
bad = sc.accumulator(0)
lines.foreach(lambda line: bad.add("c" in line))
assert bad.value == 2
assert isinstance(sc.statusTracker(), StatusTracker)
assert lines.persist(StorageLevel.MEMORY_ONLY).count() == 3
assert portable_hash(None) == 0


def variable(_):
    import os

    return os.environ["PROGRAM"]


assert sc.parallelize([0]).map(variable).collect() == ["in a worker"]

spark = SparkSession.builder.master("local[2]").config("spark.x", "y").enableHiveSupport().getOrCreate()
assert spark.sparkContext is sc
assert SparkSession(sc) is spark
assert spark.conf.get("spark.x") == "y"
people = spark.createDataFrame(counts.map(lambda pair: Row(word=pair[0], n=pair[1])))
people.createOrReplaceTempView("people")
print(spark.sql("SELECT word FROM people WHERE n > 1 ORDER BY word").rdd.map(lambda row: row.word).collect())
double = udf(lambda n: 2 * n, "long")
assert sorted(row[0] for row in people.select(double("n")).collect()) == [2, 4, 6]
assert counts.toDF(["word", "n"]).count() == 3
assert min(people.toJSON().collect()) == '{"word":"a","n":1}'
total = sc.accumulator(0)
people.foreach(lambda row: total.add(row.n))
people.foreachPartition(lambda rows: total.add(sum(100 for _ in rows)))
assert total.value == 306
assert SQLContext(sc).sql("SELECT 1").first()[0] == 1
assert HiveContext(sc, spark).tables().count() == 1
assert spark.newSession().sparkContext is sc
spark.stop()
try:
    sc.parallelize([1])
except Exception as error:
    assert "NO_ACTIVE_SESSION" in str(error), error  # noqa: PT017  (a program, not a test)
else:
    raise AssertionError("a stopped context makes RDDs")

with SparkContext("local", "another") as sc:
    assert (sc.defaultParallelism, sc.range(4).sum()) == (1, 6)
assert SparkContext._active_spark_context is None
print("done")
