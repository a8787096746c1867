"""Which target partition pairs go to: whole columns at a time."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np

from firesteel.rdd.worker.columns import column, is_array, taken
from firesteel.rdd.worker.hashing import SEEDED, portable_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from firesteel.rdd.worker.columns import Column

# Python's hash of a smaller integer is the integer.
_HASH_MODULUS = (1 << 61) - 1


class RangeHash:
    """The partition function of a sorted RDD.

    Parameters
    ----------
    bounds : list
        Keys that end ranges, ascending.
    key_function : callable, optional
        What keys are ordered by.
    ascending : bool
        Whether the first range is the lowest.
    n_partitions : int
        Number of ranges.
    """

    def __init__(
        self, bounds: list[Any], key_function: Callable[[Any], Any] | None, ascending: bool, n_partitions: int
    ) -> None:
        self.bounds = [key_function(bound) for bound in bounds] if key_function else bounds
        self.key_function = key_function
        self.ascending = ascending
        self.n_partitions = n_partitions

    def __call__(self, key: Any) -> int:
        """Return the key's partition."""
        place = bisect_left(self.bounds, self.key_function(key) if self.key_function else key)
        return place if self.ascending else self.n_partitions - 1 - place


def deal(
    keys: list[Any], values: list[Any], n: int, function: Callable[[Any], int] | None
) -> Iterator[tuple[int, Column, Column]]:
    """Yield the keys and values of each target that gets some, in their order.

    Parameters
    ----------
    keys, values : list
        Of the same length.
    n : int
        Number of targets.
    function : callable, optional
        The key's hash; by default `portable_hash`.
    """
    all_keys, all_values = column(keys), column(values)
    if n == 1:
        if keys:
            yield 0, all_keys, all_values
        return
    targets = _targets(keys, all_keys, n, function)
    order = targets.argsort(kind="stable")
    all_keys, all_values = taken(all_keys, order), taken(all_values, order)
    start = 0
    for target, end in enumerate(np.bincount(targets, minlength=n).cumsum().tolist()):
        if end > start:
            yield target, all_keys[start:end], all_values[start:end]
            start = end


def _targets(keys: list[Any], column_of_keys: Column, n: int, function: Callable[[Any], int] | None) -> Any:
    # Numbers of 16 bits are sorted without comparisons.
    kind = np.uint16 if n <= 1 << 16 else np.int64
    found = _targets_of_integers(column_of_keys, n, function) if is_array(column_of_keys) else None
    if found is not None:
        return found.astype(kind)
    if isinstance(function, RangeHash) and function.key_function is None:
        bounds = function.bounds
        targets = np.array([bisect_left(bounds, k) for k in keys], kind)
        return targets if function.ascending else (n - 1 - targets).astype(kind)
    if function is not None:
        return np.array([function(k) % n for k in keys], kind)
    if SEEDED:
        return np.array([(hash(k) if (t := type(k)) is int or t is str else portable_hash(k)) % n for k in keys], kind)
    return np.array([portable_hash(k) % n for k in keys], kind)


def _targets_of_integers(keys: Any, n: int, function: Callable[[Any], int] | None) -> Any:
    """Return the targets of an array of keys, None where that takes a look at each."""
    if keys.dtype.char == "d":
        return None
    if function is None:
        if not keys.size or keys.min() <= -_HASH_MODULUS or keys.max() >= _HASH_MODULUS:
            return None
        # The hash of -1 is -2.
        return (keys - (keys == -1)) % n
    if isinstance(function, RangeHash) and function.key_function is None:
        bounds = column(list(function.bounds))
        if is_array(bounds) and bounds.dtype == keys.dtype:
            places = np.searchsorted(bounds, keys, "left")
            return places if function.ascending else n - 1 - places
    return None
