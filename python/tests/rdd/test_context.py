"""SparkContext: what it is, and what it refuses. Begin and end are in ../compat: they need processes of their own."""

import pickle

import pytest
from pyspark import SparkConf
from pyspark.errors import IllegalArgumentException, PySparkAttributeError, PySparkRuntimeError
from pyspark.resource import ResourceProfileBuilder, TaskResourceRequests


def test_what_it_is(sc, session):
    assert sc is session.sparkContext
    assert (sc.master, sc.defaultParallelism, sc.defaultMinPartitions) == ("local[2]", 2, 2)
    assert sc.version == session.version
    assert sc.applicationId.startswith("local-")
    assert sc.startTime > 1_700_000_000_000
    assert sc.pythonVer.startswith("3.")
    assert sc.resources == {}
    assert sc.sparkUser()
    conf = sc.getConf()
    assert isinstance(conf, SparkConf)
    assert conf.get("spark.app.name") == sc.appName
    conf.setAppName("another")
    assert sc.appName != "another"
    assert repr(sc) == f"<SparkContext master=local[2] appName={sc.appName}>"


def test_there_is_one(sc):
    assert type(sc).getOrCreate() is sc
    with pytest.raises(ValueError, match="Cannot run multiple SparkContexts at once"):
        type(sc)("local", "second")


def test_log_levels(sc):
    sc.setLogLevel("error")
    with pytest.raises(
        IllegalArgumentException, match="did not match one of: ALL,DEBUG,ERROR,FATAL,INFO,OFF,TRACE,WARN"
    ):
        sc.setLogLevel("loud")


@pytest.mark.parametrize("name", ["_jvm", "_jsc", "_gateway"])
def test_a_jvm_is_refused_by_name(sc, name):
    assert getattr(type(sc), name) is None
    with pytest.raises(PySparkAttributeError, match=rf"SparkContext\.{name} is not supported by Firesteel"):
        getattr(sc, name)


def test_it_stays_on_the_driver(sc):
    with pytest.raises(PySparkRuntimeError) as failure:
        pickle.dumps(sc)
    assert failure.value.getCondition() == "CONTEXT_ONLY_VALID_ON_DRIVER"
    with pytest.raises(Exception, match="CONTEXT_ONLY_VALID_ON_DRIVER"):
        sc.parallelize([1]).map(lambda _: sc.parallelize([2]).count()).collect()


def test_profiles_need_the_configuration(sc):
    with pytest.raises(PySparkRuntimeError) as failure:
        sc.show_profiles()
    assert failure.value.getCondition() == "INCORRECT_CONF_FOR_PROFILE"


def test_run_job(sc):
    squares = sc.runJob(sc.parallelize(range(6), 3), lambda part: [x * x for x in part])
    assert squares == [0, 1, 4, 9, 16, 25]
    assert sc.runJob(sc.parallelize(range(6), 3), lambda part: [x * x for x in part], [0, 2], True) == [0, 1, 16, 25]


def test_sources(sc):
    assert sc.range(5).collect() == [0, 1, 2, 3, 4]
    assert sc.range(7, 1, -2, 2).glom().collect() == [[7], [5, 3]]
    assert (sc.emptyRDD().getNumPartitions(), sc.emptyRDD().collect()) == (0, [])
    both = sc.union([sc.parallelize([1, 2], 2), sc.parallelize([3], 1)])
    assert both.glom().collect() == [[1], [2], [3]]


def test_resource_profiles_are_numbered(spark):
    cpus = TaskResourceRequests().cpus(1)
    profiles = [ResourceProfileBuilder().require(cpus).build for _ in range(2)]
    assert profiles[0].id < profiles[1].id
    rdd = spark.sparkContext.parallelize(range(4), 2).withResources(profiles[1])
    assert rdd.getResourceProfile() is profiles[1]
    assert rdd.map(lambda x: x + 1).sum() == 10
