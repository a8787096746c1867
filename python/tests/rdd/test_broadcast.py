"""Broadcast variables of all sizes, in all functions; what may not be done with them, and where."""

import io
import os
import pickle
import uuid

import pytest
from pyspark.errors import PySparkException, PySparkRuntimeError

from firesteel.core.broadcast import INLINE_BYTES_MAX


@pytest.mark.parametrize("count", [5, INLINE_BYTES_MAX, 400_000])
def test_value_in_tasks(sc, count):
    variable = sc.broadcast(list(range(count)))
    assert variable.value == list(range(count))
    assert sc.parallelize([0, 1, 2], 3).map(lambda x: (len(variable.value), variable.value[x])).collect() == [
        (count, 0),
        (count, 1),
        (count, 2),
    ]


def test_through_a_shuffle_and_two_variables(sc):
    names, weights = sc.broadcast({1: "a", 2: "b"}), sc.broadcast([10] * 20_000)
    pairs = sc.parallelize([1, 2, 1, 2, 2]).map(lambda x: (names.value[x], weights.value[x]))
    assert sorted(pairs.reduceByKey(lambda a, b: a + b + weights.value[0] * 0).collect()) == [("a", 20), ("b", 30)]


class DifferentEachTime:
    """Unpickled it is another value each time."""

    def __reduce__(self):
        return uuid.uuid4, ()


@pytest.mark.parametrize("padding", [0, 50_000])
def test_a_worker_unpickles_once(sc, padding):
    variable = sc.broadcast((DifferentEachTime(), b"x" * padding))
    seen = [sc.parallelize(range(4), 4).map(lambda _: (os.getpid(), variable.value[0])).collect() for _ in range(2)]
    assert len({value for pairs in seen for _, value in pairs}) == len({pid for pairs in seen for pid, _ in pairs})


def test_unpersist_and_destroy(sc):
    variable = sc.broadcast([1] * 10_000)
    assert sc.parallelize([0]).map(lambda _: len(variable.value)).first() == 10_000
    variable.unpersist()
    assert sc.parallelize([0]).map(lambda _: len(variable.value)).first() == 10_000
    variable.destroy()
    for use in (
        lambda: variable.value,
        variable.destroy,
        variable.unpersist,
        lambda: sc.parallelize([0]).map(lambda _: variable.value).count(),
    ):
        with pytest.raises(
            (PySparkException, pickle.PicklingError), match=r"Attempted to use Broadcast\(\d+\) after it was destroyed"
        ):
            use()


@pytest.mark.parametrize(
    ("operation", "use"),
    [
        ("unpersisted", lambda variable: variable.unpersist()),
        ("destroyed", lambda variable: variable.destroy()),
        ("serialized", pickle.dumps),
    ],
)
def test_what_a_task_may_not(sc, operation, use):
    variable = sc.broadcast(1)

    def condition(_):
        try:
            use(variable)
        except PySparkRuntimeError as error:
            return error.getCondition(), error.getMessageParameters()
        return None

    assert sc.parallelize([0]).map(condition).first() == ("INVALID_BROADCAST_OPERATION", {"operation": operation})


def test_what_cannot_be_pickled(sc):
    with pytest.raises(pickle.PicklingError, match=r"Could not serialize broadcast: \w+: .*"):
        sc.broadcast(lambda: io.StringIO())


def test_dump_and_load(sc, tmp_path):
    variable, other = sc.broadcast([1, 2, 3]), sc.broadcast(1)
    path = tmp_path / "value"
    with path.open("wb") as file:
        variable.dump(variable.value, file)
    assert other.load_from_path(str(path)) == [1, 2, 3]
    with path.open("rb") as file:
        assert other.load(file) == [1, 2, 3]
