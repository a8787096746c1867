"""Barrier stages: all tasks run at the same time and wait for one another."""

import os
import signal
import time

import pytest
from pyspark import BarrierTaskContext
from pyspark.errors import PySparkException


def test_all_gather_and_barrier(sc):
    def talk(index, items):
        context = BarrierTaskContext.get()
        assert context.partitionId() == index
        messages = context.allGather(f"{index}:{sum(items)}")
        time.sleep(0.3 * index)
        before = time.time()
        context.barrier()
        after = time.time()
        yield messages, before, after, len(context.getTaskInfos())

    seen = sc.parallelize(range(4), 2).barrier().mapPartitionsWithIndex(talk).collect()
    assert [messages for messages, *_ in seen] == [["0:1", "1:5"]] * 2
    assert {count for *_, count in seen} == {2}
    # Nobody passes before the last one has come.
    assert min(after for _, _, after, _ in seen) >= max(before for _, before, _, _ in seen)


def test_behind_a_shuffle(sc):
    pairs = sc.parallelize([(i, i) for i in range(6)], 2).partitionBy(2)

    def gather(items):
        yield BarrierTaskContext.get().allGather(str(sum(value for _, value in items)))

    assert pairs.barrier().mapPartitions(gather).collect() == [["6", "9"]] * 2


def test_more_tasks_than_slots(sc):
    rdd = sc.parallelize(range(9), 9).barrier().mapPartitions(lambda items: items)
    with pytest.raises(PySparkException, match="SPARK-24819"):
        rdd.collect()


def test_outside_of_a_barrier_stage(sc):
    with pytest.raises(Exception, match="NOT_IN_BARRIER_STAGE"):
        sc.parallelize([1]).map(lambda _: BarrierTaskContext.get()).collect()


def test_a_task_that_fails_fails_all(sc):
    def fail(items):
        if BarrierTaskContext.get().partitionId() == 1:
            raise ValueError("one of two")
        BarrierTaskContext.get().barrier()
        yield from items

    with pytest.raises(PySparkException, match="one of two"):
        sc.parallelize(range(2), 2).barrier().mapPartitions(fail).collect()
    assert sc.parallelize(range(2), 2).sum() == 1


def test_a_worker_that_dies_fails_all(sc):
    def die(items):
        if BarrierTaskContext.get().partitionId() == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        BarrierTaskContext.get().barrier()
        yield from items

    with pytest.raises(PySparkException):
        sc.parallelize(range(2), 2).barrier().mapPartitions(die).collect()
    assert sc.parallelize(range(2), 2).sum() == 1


def test_chains_of_one_stage(sc, backend):
    def gang(n_partitions):
        return sc.parallelize(range(4), n_partitions).barrier().mapPartitions(lambda items: items)

    refused = [
        *(lambda: gang(2).coalesce(1).collect(), lambda: gang(2).first(), lambda: gang(2).isEmpty()),
        *(
            lambda: gang(1).union(gang(1)).collect(),
            lambda: gang(2).cartesian(sc.parallelize([1, 2], 2)).coalesce(2).count(),
        ),
        *(lambda: gang(1).zip(gang(1)).count(), lambda: gang(1).union(sc.parallelize([], 1)).groupBy(bool).count()),
    ]
    for run in refused:
        with pytest.raises(PySparkException, match=r"SPARK-2482[01]"):
            run()
    assert gang(1).take(1) == [0]
    if backend == "firesteel":
        # Over real Spark Connect both sides of a zip are partitions of one frame: more than it has slots.
        assert gang(2).zip(sc.parallelize("abcd", 2)).count() == 4
    assert gang(2).repartition(1).map(lambda item: item + 1).first() in {1, 2, 3, 4}
