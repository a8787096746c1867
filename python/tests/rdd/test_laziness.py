"""What runs when: pipelines item by item, actions on no more partitions than they need; and what fails."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from pyspark.errors import PySparkRuntimeError
from pyspark.errors.exceptions.base import PythonException


def from_three_on() -> Any:
    """A function that fails; not by its name, which workers could not import."""

    def failing(x: int) -> int:
        if x >= 3:
            raise ArithmeticError(f"item {x}")
        return x

    return failing


def test_take_computes_no_more_than_it_needs(sc: Any) -> None:
    assert sc.parallelize(range(8), 4).map(from_three_on()).take(3) == [0, 1, 2]
    assert sc.parallelize(range(8), 1).map(from_three_on()).first() == 0


def test_items_go_through_the_steps_one_by_one(sc: Any) -> None:
    rdd = sc.parallelize([0, 1], 1).flatMap(lambda i: iter(int, 1)).map(lambda x: x + 5)
    assert rdd.take(4) == [5, 5, 5, 5]


def test_chosen_partitions_alone_are_computed(sc: Any) -> None:
    rdd = sc.parallelize(range(8), 4).map(from_three_on())
    assert sc.runJob(rdd, list, [0]) == [0, 1]
    assert next(rdd.toLocalIterator()) == 0


def test_failures_carry_the_traceback(sc: Any) -> None:
    with pytest.raises(PythonException, match="ArithmeticError: item 3"):
        sc.parallelize(range(8), 4).map(from_three_on()).count()
    failing = from_three_on()
    with pytest.raises(PythonException, match="in failing"):
        sc.parallelize(range(8), 4).map(lambda x: (failing(x), 1)).reduceByKey(max).collect()


@pytest.mark.parametrize("method", ["map", "filter", "flatMap", "foreach", "keyBy"])
def test_stop_iteration_is_an_error(sc: Any, method: str) -> None:
    def stop(x: int) -> Any:
        raise StopIteration

    with pytest.raises(PythonException, match="STOP_ITERATION_OCCURRED"):
        getattr(sc.parallelize(range(3), 1), method)(stop).count()


@pytest.mark.parametrize("method", ["reduce", "treeReduce"])
def test_stop_iteration_in_reducers(sc: Any, method: str) -> None:
    def stop(a: int, b: int) -> int:
        raise StopIteration

    with pytest.raises(PythonException, match="STOP_ITERATION_OCCURRED"):
        getattr(sc.parallelize(range(30), 2), method)(stop)
    with pytest.raises(PythonException, match="STOP_ITERATION_OCCURRED"):
        sc.parallelize(range(30), 2).map(lambda x: (1, x)).reduceByKey(stop).collect()


def test_partitions_zipped_must_have_as_many_items(sc: Any) -> None:
    with pytest.raises(PythonException, match="same number of elements in each partition"):
        sc.parallelize([1, 2, 3], 1).zip(sc.parallelize([1, 2], 1)).collect()


def test_rdds_stay_on_the_driver(sc: Any) -> None:
    rdd = sc.parallelize([1, 2])
    with pytest.raises(PySparkRuntimeError) as caught:
        pickle.dumps(rdd)
    assert caught.value.getCondition() == "RDD_TRANSFORM_ONLY_VALID_ON_DRIVER"
    with pytest.raises(Exception, match="RDD_TRANSFORM_ONLY_VALID_ON_DRIVER"):
        rdd.map(lambda x: rdd.count() + x).collect()


def test_collections_are_copied_when_they_are_parallelized(sc: Any) -> None:
    items = [[1], [2]]
    rdd = sc.parallelize(items, 2)
    items[0].append(5)
    assert rdd.collect() == [[1], [2]]


def test_large_collections_are_sent_once(sc: Any) -> None:
    rdd = sc.parallelize([b"x" * 100_000] * 60, 3)
    assert rdd.map(len).sum() == 6_000_000
    assert rdd.glom().map(len).collect() == [20, 20, 20]


def test_description(sc: Any) -> None:
    rdd = sc.parallelize([("a", 1)], 2).map(lambda x: x).reduceByKey(max, 3)
    lines = rdd.toDebugString().decode().splitlines()
    assert lines[0].startswith("(3) PythonRDD[")
    assert "ParallelCollectionRDD" in lines[-1]
    assert repr(sc.parallelize([1])).startswith("ParallelCollectionRDD[")
    assert rdd.id() < sc.emptyRDD().id()
    assert isinstance(rdd, __import__("pyspark").RDD)
