"""persist, checkpoint and what belongs to them; the numbers are those of real Spark 4.2.0 (classic)."""

import gc
import os

import pytest
from pyspark import StorageLevel
from pyspark.errors import PySparkException


@pytest.fixture
def counted(sc):
    """An RDD of four numbers, and an accumulator that counts how often one is computed."""
    computed = sc.accumulator(0)

    def look(x):
        computed.add(1)
        return x * 10

    return sc.parallelize(range(4), 2).map(look), computed


def test_persisted_items_are_computed_once(counted):
    rdd, computed = counted
    assert (rdd.is_cached, rdd.getStorageLevel()) == (False, StorageLevel.NONE)
    assert rdd.cache() is rdd
    assert (rdd.is_cached, str(rdd.getStorageLevel())) == (True, "Memory Serialized 1x Replicated")
    assert rdd.getNumPartitions() == 2
    assert computed.value == 0
    assert rdd.collect() == [0, 10, 20, 30]
    assert rdd.map(lambda x: x + 1).glom().collect() == [[1, 11], [21, 31]]
    assert rdd.sum() == 60
    assert computed.value == 4
    rdd.unpersist()
    assert (rdd.is_cached, rdd.getStorageLevel()) == (False, StorageLevel.NONE)
    assert rdd.collect() == [0, 10, 20, 30]
    assert computed.value == 8


def test_children_of_an_rdd_that_is_kept_no_longer_compute_it(counted):
    rdd, computed = counted
    child = rdd.cache().map(lambda x: x)
    rdd.count()
    rdd.unpersist(blocking=True)
    assert (child.count(), computed.value) == (4, 8)


def test_a_level_stays(sc):
    rdd = sc.parallelize([1]).persist(StorageLevel.DISK_ONLY)
    assert rdd.persist(StorageLevel.DISK_ONLY) is rdd
    with pytest.raises(PySparkException, match="Cannot change storage level of an RDD after it was already assigned"):
        rdd.persist(StorageLevel.MEMORY_ONLY)
    assert rdd.unpersist().persist(StorageLevel.MEMORY_AND_DISK_2).getStorageLevel() == StorageLevel.MEMORY_AND_DISK_2
    assert rdd.collect() == [1]


@pytest.mark.parametrize("level", ["DISK_ONLY", "MEMORY_AND_DISK", "OFF_HEAP", "MEMORY_AND_DISK_DESER", "DISK_ONLY_3"])
def test_levels(sc, level):
    rdd = sc.parallelize([(i % 3, {"x": i}) for i in range(1000)], 4).persist(getattr(StorageLevel, level))
    assert rdd.count() == rdd.count() == 1000
    assert rdd.groupByKey().mapValues(len).collectAsMap() == {0: 334, 1: 333, 2: 333}
    assert rdd.first() == (0, {"x": 0})
    rdd.unpersist()


def test_empty_rdds_and_partitions(sc):
    assert sc.emptyRDD().cache().collect() == []
    rdd = sc.parallelize([1], 3).cache()
    assert rdd.glom().collect() == rdd.glom().collect() == [[], [], [1]]


def test_shuffles_and_unions_of_persisted_rdds(sc, counted):
    rdd, computed = counted
    rdd.cache()
    pairs = rdd.map(lambda x: (x % 20, x))
    assert sorted(pairs.reduceByKey(lambda a, b: a + b).collect()) == [(0, 20), (10, 40)]
    assert rdd.union(rdd).glom().collect() == [[0, 10], [20, 30]] * 2
    assert computed.value == 4


def test_the_server_drops_what_nobody_has(backend, sc):
    if backend != "firesteel":
        pytest.skip("real Spark does not tell what it keeps")
    rdd = sc.parallelize(range(10)).cache()
    rdd.count()
    kept = rdd._kept.relation
    del rdd
    gc.collect()
    import pyspark.sql.connect.proto as proto

    plan = proto.Plan()
    plan.root.CopyFrom(kept)
    with pytest.raises(PySparkException, match=r"(?i)not found|no dataframe"):
        sc._session.client.to_table(plan, {})


def test_checkpoints_need_a_directory(sc):
    if sc.getCheckpointDir():
        pytest.skip("another test has set it")
    with pytest.raises(PySparkException, match="Checkpoint directory has not been set in the SparkContext"):
        sc.parallelize([1]).checkpoint()


def test_a_checkpoint_is_a_second_computation(sc, counted, tmp_path):
    sc.setCheckpointDir(str(tmp_path))
    (directory,) = os.listdir(tmp_path)
    assert sc.getCheckpointDir() == f"file:{tmp_path}/{directory}"
    rdd, computed = counted
    rdd.checkpoint()
    assert (rdd.isCheckpointed(), rdd.getCheckpointFile()) == (False, None)
    child = rdd.map(lambda x: x + 1)
    assert (child.sum(), computed.value) == (64, 8)
    assert rdd.isCheckpointed()
    assert rdd.getCheckpointFile() == f"file:{tmp_path}/{directory}/rdd-{rdd.id()}"
    assert sorted(os.listdir(rdd.getCheckpointFile()[5:])) == ["part-00000", "part-00001"]
    assert rdd.glom().collect() == [[0, 10], [20, 30]]
    assert (child.collect(), computed.value) == ([1, 11, 21, 31], 8)


def test_a_persisted_rdd_is_checkpointed_from_what_is_kept(sc, counted, tmp_path):
    sc.setCheckpointDir(str(tmp_path))
    rdd, computed = counted
    rdd.cache().checkpoint()
    assert (rdd.count(), computed.value, rdd.isCheckpointed()) == (4, 4, True)
    rdd.unpersist()
    assert (rdd.collect(), computed.value) == ([0, 10, 20, 30], 4)


def test_local_checkpoints(counted):
    rdd, computed = counted
    rdd.localCheckpoint()
    assert rdd.isLocallyCheckpointed()
    assert str(rdd.getStorageLevel()) == "Disk Memory Deserialized 1x Replicated"
    assert (rdd.count(), rdd.collect(), computed.value) == (4, [0, 10, 20, 30], 4)
    assert rdd.isCheckpointed()
    assert rdd.getCheckpointFile() is None


def test_a_local_checkpoint_of_a_persisted_rdd_goes_to_disk_too(sc):
    rdd = sc.parallelize(range(3)).cache()
    rdd.localCheckpoint()
    assert str(rdd.getStorageLevel()) == "Disk Memory Serialized 1x Replicated"
    assert rdd.collect() == [0, 1, 2]


def test_a_failed_job_is_no_kept_result(sc, tmp_path):
    flag = tmp_path / "fail"
    flag.touch()

    def look(x):
        if x == 3 and flag.exists():
            raise ValueError("no")
        return x

    rdd = sc.parallelize(range(4), 2).map(look).cache()
    for _ in range(2):
        with pytest.raises(PySparkException, match="ValueError: no"):
            rdd.collect()
    flag.unlink()
    assert rdd.collect() == rdd.collect() == [0, 1, 2, 3]


def test_clean_shuffle_dependencies(sc):
    rdd = sc.parallelize([(1, 2)]).reduceByKey(lambda a, b: a + b)
    assert (rdd.collect(), rdd.cleanShuffleDependencies(), rdd.collect()) == ([(1, 2)], None, [(1, 2)])
