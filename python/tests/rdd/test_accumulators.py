"""Accumulators: each successful task counts once, whatever lies between it and the driver."""

import pytest
from pyspark import AccumulatorParam
from pyspark.errors import PySparkException
from pyspark.sql.functions import udf


def joined_sets():
    """An own kind of addition; made here, so that it travels by value: workers cannot import tests."""

    class Joined(AccumulatorParam):
        def zero(self, value):
            return set()

        def addInPlace(self, a, b):
            return a | (b if isinstance(b, set) else {b})

    return Joined()


def test_in_foreach_and_map(sc):
    total, count = sc.accumulator(1), sc.accumulator(0.5)

    def add(x):
        nonlocal total
        total += x
        count.add(1)

    sc.parallelize(range(10), 3).foreach(add)
    assert (total.value, count.value) == (46, 10.5)
    doubled = sc.parallelize(range(10), 3).map(lambda x: (add(x), 2 * x)[1])
    assert doubled.sum() == 90
    assert total.value == 91
    # A transformation runs again with every action.
    doubled.count()
    assert total.value == 136


def test_in_partitions_and_beyond_shuffles(sc):
    seen = sc.accumulator(set(), joined_sets())
    before, behind = sc.accumulator(0), sc.accumulator(0)

    def note(x):
        before.add(1)
        seen.add(f"w{x % 3}")
        return x % 3, 1

    def sum_up(a):
        behind.add(1)
        return a

    counts = sc.parallelize(range(30), 4).map(note).reduceByKey(lambda a, b: a + b, 3).map(sum_up)
    assert sorted(counts.collect()) == [(0, 10), (1, 10), (2, 10)]
    assert (before.value, behind.value, seen.value) == (30, 3, {"w0", "w1", "w2"})
    sc.parallelize(range(5), 2).foreachPartition(lambda items: behind.add(sum(items)))
    assert behind.value == 13


def test_kept_data_counts_once(sc):
    count = sc.accumulator(0)
    kept = sc.parallelize(range(8), 2).map(lambda x: (count.add(1), x)[1]).cache()
    for _ in range(3):
        assert kept.sum() == 28
    assert count.value == 8
    kept.unpersist()


def test_a_failed_job_and_a_partial_one(sc):
    count = sc.accumulator(0)

    def add(x):
        count.add(1)
        if x == 3:
            raise ValueError("three")

    with pytest.raises(Exception, match="three"):
        sc.parallelize(range(4), 1).foreach(add)
    assert count.value == 0
    assert sc.parallelize(range(100), 10).map(lambda x: (count.add(1), x)[1]).take(3) == [0, 1, 2]
    assert 3 <= count.value <= 10


def test_values_belong_to_the_driver(sc):
    count = sc.accumulator(0)
    with pytest.raises(Exception, match="VALUE_NOT_ACCESSIBLE"):
        sc.parallelize([1]).map(lambda _: count.value).collect()

    def assign(_):
        count.value = 7

    with pytest.raises(Exception, match="VALUE_NOT_ACCESSIBLE"):
        sc.parallelize([1]).foreach(assign)
    count.value = 3
    assert count.value == 3
    assert repr(count) == f"Accumulator<id={count.aid}, value=3>"


def test_types_need_to_be_known(sc):
    assert (sc.accumulator(1j).value, sc.accumulator(True).value) == (1j, True)
    with pytest.raises(TypeError, match="No default accumulator param for type <class 'list'>"):
        sc.accumulator([1.0])
    with pytest.raises((TypeError, PySparkException)):
        sc.accumulator("text")


def test_in_frames(sc, session):
    count, total = sc.accumulator(0), sc.accumulator(0)
    frame = session.range(0, 10, 1, 3)
    frame.foreach(lambda row: count.add(row.id))
    frame.foreachPartition(lambda rows: total.add(sum(1 for _ in rows)))
    assert (count.value, total.value) == (45, 10)

    @udf("long")
    def add(x):
        count.add(1)
        return x

    assert frame.select(add("id")).agg({"add(id)": "sum"}).first()[0] == 45
    assert count.value == 55
    assert frame.repartition(2).rdd.map(lambda row: (total.add(1), row.id)[1]).sum() == 45
    assert total.value == 20


def test_in_frames_of_rdds(sc, session):
    """Also before the last shuffle, whose rows are a frame's; each time the frame is computed, as in Spark."""
    mapped, reduced = sc.accumulator(0), sc.accumulator(0)
    pairs = sc.parallelize(range(6), 3).map(lambda i: (mapped.add(1), (i % 2, i))[1]).reduceByKey(lambda a, b: a + b, 2)
    frame = pairs.map(lambda pair: (reduced.add(1), pair)[1]).toDF("key long, total long")
    assert (mapped.value, reduced.value) == (0, 0)
    for times in (1, 2):
        assert sorted(frame.collect()) == [(0, 6), (1, 9)]
        assert (mapped.value, reduced.value) == (6 * times, 2 * times)
