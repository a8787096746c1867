"""Columns of numbers do what loops over Python's objects would: placed, written, sorted; and Spark's samples in one look."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.rddsampler import RDDSampler

from firesteel.rdd.worker import codec
from firesteel.rdd.worker.columns import column, is_array, sorted_places
from firesteel.rdd.worker.dealing import RangeHash, deal
from firesteel.rdd.worker.hashing import portable_hash

KEYS: dict[str, list[Any]] = {
    "integers": [7, -1, -2, 3, -1, 0, 7, -10, 12, 3],
    "large": [2**61 - 1, -(2**61) + 1, 2**61, -1, 2**63 - 1, -(2**63), 5],
    "larger": [2**64, 1, -(2**70)],
    "floats": [1.5, -0.0, 0.0, -2.0, 1.5, float("inf")],
    "nan": [1.5, float("nan"), 0.5],
    "truths": [True, False, True],
    "texts": ["b", "a", "", "cc", "a"],
    "tuples": [(1, None), (0, "x"), (1, None)],
    "mixed": [1, "1", 1.0, None, True, (1,)],
    "none": [],
}


@pytest.mark.parametrize("n", [1, 2, 3, 300])
@pytest.mark.parametrize("name", KEYS)
def test_pairs_are_dealt_as_one_by_one(name: str, n: int) -> None:
    keys = KEYS[name]
    functions: list[Any] = [None, lambda key: hash(key) * 3]
    if name not in ("nan", "tuples", "mixed"):
        bounds = sorted(keys)[: n - 1]
        functions += [RangeHash(bounds, None, ascending, n) for ascending in (True, False)]
        functions.append(RangeHash(bounds, lambda key: key, True, n))
    for function in functions:
        expected: dict[int, list[Any]] = {}
        for value, key in enumerate(keys):
            expected.setdefault((function or portable_hash)(key) % n, []).append((key, str(value)))
        dealt = deal(list(keys), [str(value) for value in range(len(keys))], n, function)
        found = {target: list(codec.decode(codec.encode_pairs(*columns))) for target, *columns in dealt}
        # As text: 1 is not True, and NaN is itself.
        assert repr(sorted(found.items())) == repr(sorted(expected.items()))


@pytest.mark.parametrize("ascending", [True, False])
@pytest.mark.parametrize("name", KEYS)
def test_order_is_python_s(name: str, ascending: bool) -> None:
    keys = KEYS[name]
    places = sorted_places(column(list(keys)), ascending)
    assert (places is not None) == (name in ("integers", "large", "floats"))
    if places is not None:
        assert places.tolist() == sorted(range(len(keys)), key=keys.__getitem__, reverse=not ascending)


def test_only_numbers_of_one_type_are_arrays() -> None:
    assert [name for name, keys in KEYS.items() if is_array(column(list(keys)))] == [
        *("integers", "large", "floats", "nan"),
    ]


def test_one_look_gives_spark_s_sample() -> None:
    from firesteel.rdd.worker.key_samples import KeySampleSink

    class Out:
        def add(self, partition: int, order: int, data: bytes) -> Any:
            del partition, order
            yield list(codec.decode(data))

    n_items, wanted = 30_000, 40.0
    kept = []
    for split in range(3):
        batches = [range(start, start + 100) for start in range(0, n_items, 100)]
        steps: Any = (("map", lambda x: (x, None)),)
        ((found,),) = KeySampleSink(wanted, 1).write(Out(), split, batches, steps, split)  # type: ignore[arg-type]
        assert found[0] == n_items
        kept.append([key for number, key in found[1] if number < wanted / (3 * n_items)])
    sampler: Any = RDDSampler(False, wanted / (3 * n_items), 1)
    assert kept == [list(sampler.func(split, range(n_items))) for split in range(3)]
    assert sum(map(len, kept)) > 20
