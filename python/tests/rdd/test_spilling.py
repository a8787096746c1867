"""Shuffles that have no memory go to disk and answer the same."""

from __future__ import annotations

from typing import Any

import pytest

N = 6000


@pytest.fixture
def small(sc: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A context whose workers are above their limit from the start."""
    monkeypatch.setitem(sc._conf, "spark.python.worker.memory", "1m")
    return sc


def pairs(sc: Any) -> Any:
    return sc.parallelize(range(N), 3).map(lambda i: (f"k{i * 7919 % 700}", i))


def expected() -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for i in range(N):
        groups.setdefault(f"k{i * 7919 % 700}", []).append(i)
    return groups


def test_combining(small: Any) -> None:
    assert dict(pairs(small).reduceByKey(lambda a, b: a + b, 2).collect()) == {k: sum(v) for k, v in expected().items()}


def test_grouping(small: Any) -> None:
    groups = pairs(small).groupByKey(2).mapValues(lambda values: (len(values), sorted(values))).collect()
    assert len(groups) == 700
    assert dict(groups) == {k: (len(v), v) for k, v in expected().items()}


def test_distinct(small: Any) -> None:
    assert sorted(pairs(small).keys().distinct(2).collect()) == sorted(expected())


def test_joining(small: Any) -> None:
    right = small.parallelize([(f"k{i}", -i) for i in range(690, 710)], 2)
    joined = pairs(small).fullOuterJoin(right, 2).collect()
    rest = {f"k{i}": -i for i in range(690, 710)}
    want = [(k, (v, rest.get(k))) for k, values in expected().items() for v in values]
    want += [(k, (None, w)) for k, w in rest.items() if k not in expected()]
    assert sorted(joined, key=repr) == sorted(want, key=repr)


def test_sorting(small: Any) -> None:
    items = pairs(small).map(lambda kv: (-kv[1], "x" * 300)).sortByKey(numPartitions=2).collect()
    assert items == [(-i, "x" * 300) for i in reversed(range(N))]


def test_large_groups(small: Any) -> None:
    """One item makes more than a task would hold."""
    rdd = small.parallelize(range(2), 2).flatMap(lambda i: ((j % 3, b"x" * 5000) for j in range(3000)))
    assert sorted(rdd.groupByKey(2).mapValues(len).collect()) == [(0, 2000), (1, 2000), (2, 2000)]
