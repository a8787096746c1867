"""What a shuffle has sent: later jobs begin behind it, as in Spark; on other servers they compute it again."""

from __future__ import annotations

from operator import add
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors.exceptions.base import PythonException


def noted(rdd: Any, path: Path) -> Any:
    """The items as pairs; a byte in a file for each that is computed."""
    name = str(path)

    def note(x: int) -> tuple[int, int]:
        with open(name, "a", encoding="ascii") as file:
            file.write("x")
        return x % 3, x

    path.write_text("")
    return rdd.map(note)


def test_later_jobs_begin_behind_it(sc: Any, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    summed = noted(sc.parallelize(range(6), 2), calls).reduceByKey(add, 2)
    again = 6 if sc._shares_files else 12
    assert sorted(summed.collect()) == [(0, 3), (1, 5), (2, 7)]
    assert calls.stat().st_size == 6
    assert summed.mapValues(lambda v: -v).values().sum() == -15
    assert calls.stat().st_size == again
    # A shuffle on top, and partitions alone.
    assert sorted(summed.map(lambda pair: (pair[1] % 2, 1)).reduceByKey(add).collect()) == [(1, 3)]
    assert sc.runJob(summed, list, [0]) == summed.glom().collect()[0]
    assert calls.stat().st_size == (6 if sc._shares_files else 30)


def test_cleaned_shuffles_are_computed_again(sc: Any, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    grouped = noted(sc.parallelize(range(6), 2), calls).groupByKey(2)
    last = grouped.mapValues(len).partitionBy(3)
    assert last.count() == last.count() == 3
    before = calls.stat().st_size
    last.cleanShuffleDependencies()
    assert last.count() == 3
    assert calls.stat().st_size == before + 6


def test_persisted_rdds_do_without(sc: Any, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    kept = noted(sc.parallelize(range(6), 2), calls).reduceByKey(add, 2).persist()
    assert kept.count() == kept.count() == 3
    assert calls.stat().st_size == 6
    kept.unpersist()
    assert kept.count() == 3
    assert calls.stat().st_size == 12


def test_after_a_failure_it_begins_anew(sc: Any, tmp_path: Path) -> None:
    flag = tmp_path / "works"
    name = str(flag)

    def fails_at_first(x: int) -> tuple[int, int]:
        from os.path import exists

        if not exists(name):
            raise ArithmeticError("not yet")
        return x, x

    pairs = sc.parallelize(range(4), 2).map(fails_at_first).groupByKey(2)
    with pytest.raises(PythonException, match="not yet"):
        pairs.count()
    flag.touch()
    assert pairs.count() == 4


def test_accumulators_count_once(sc: Any) -> None:
    seen = sc.accumulator(0)

    def count(x: int) -> tuple[int, int]:
        seen.add(1)
        return x % 2, x

    summed = sc.parallelize(range(10), 2).map(count).reduceByKey(add)
    assert sorted(summed.collect()) == [(0, 20), (1, 25)]
    assert seen.value == 10
    assert summed.count() == 2
    assert seen.value == (10 if sc._shares_files else 20)
