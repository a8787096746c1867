"""Numbers that an exchange sends to given partitions.

``repartition(n, k)`` puts a row into partition ``pmod(murmur3(k, 42), n)``. For each partition we find a bigint that
lands there; a column of such numbers places rows exactly, on any server that hashes as Spark does.
"""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_MASK = 0xFFFFFFFF
_SEED = 42


@lru_cache(maxsize=256)
def partition_keys(n_partitions: int) -> Sequence[int]:
    """Return for each of `n_partitions` partitions a number that an exchange puts there.

    Examples
    --------
    >>> [hash_long(key) % 4 for key in partition_keys(4)]
    [0, 1, 2, 3]
    """
    keys: list[int | None] = [None] * n_partitions
    missing = n_partitions
    start = 0
    while missing:
        count = max(64, 4 * n_partitions)
        for key, target in zip(range(start, start + count), _targets(start, count, n_partitions), strict=True):
            if keys[target] is None:
                keys[target] = key
                missing -= 1
        start += count
    return array("q", (key for key in keys if key is not None))


def hash_long(value: int) -> int:
    """Spark's hash of a non-negative bigint: Murmur3 with seed 42, as a number without sign."""
    h = _mix(_SEED, value & _MASK)
    h = _mix(h, value >> 32)
    h ^= 8
    h = ((h ^ h >> 16) * 0x85EBCA6B) & _MASK
    h = ((h ^ h >> 13) * 0xC2B2AE35) & _MASK
    return h ^ h >> 16


def _mix(h: int, k: int) -> int:
    k = (k * 0xCC9E2D51) & _MASK
    k = ((k << 15 | k >> 17) * 0x1B873593) & _MASK
    h ^= k
    h = (h << 13 | h >> 19) & _MASK
    return (h * 5 + 0xE6546B64) & _MASK


def _targets(start: int, count: int, n_partitions: int) -> Any:
    """Partitions of the `count` numbers from `start` on."""
    hashes = (hash_long(value) for value in range(start, start + count))
    # Spark's hash has a sign: pmod of the signed number.
    return ((h - (h >> 31 << 32)) % n_partitions for h in hashes)
