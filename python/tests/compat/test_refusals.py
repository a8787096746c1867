"""What needs a JVM raises one clear error that names the alternative."""

import pytest
from pyspark.errors import PySparkAttributeError
from pyspark.sql import SparkSession


@pytest.mark.parametrize(
    ("feature", "reach"),
    [
        ("SparkContext._jsc", lambda spark: spark.sparkContext._jsc.hadoopConfiguration()),
        ("SparkSession._jsparkSession", lambda spark: spark._jsparkSession),
        ("DataFrame._jdf", lambda spark: spark.range(1)._jdf),
        ("spark.udf.registerJavaFunction", lambda spark: spark.udf.registerJavaFunction("f", "org.example.F")),
        ("spark.udf.registerJavaUDAF", lambda spark: spark.udf.registerJavaUDAF("f", "org.example.F")),
        ("SparkContext(gateway=…, jsc=…)", lambda spark: type(spark.sparkContext)("local", "x", gateway=object())),
        ("spark.jars=a.jar", lambda _: SparkSession.builder.config("spark.jars", "a.jar").create()),
        ("Files at hdfs://", lambda spark: spark.sparkContext.addFile("hdfs://host/file")),
    ],
)
def test_refused_by_name(spark, feature, reach):
    with pytest.raises(PySparkAttributeError, match="is not supported by Firesteel") as failure:
        reach(spark)
    assert failure.value.getMessageParameters()["feature"] == feature
    assert failure.value.getMessageParameters()["alternative"]
    assert failure.value.getSqlState() == "0A000"
