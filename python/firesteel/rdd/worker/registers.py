"""Counting different items approximately: HyperLogLog (Flajolet et al., 2007) with registers kept sparse."""

from __future__ import annotations

from math import ceil, log, log2
from typing import TYPE_CHECKING, Any

from firesteel.rdd.worker.hashing import portable_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MASK = (1 << 64) - 1


class Registers:
    """Registers of one partition, or of all.

    Parameters
    ----------
    relative_deviation : float
        Standard deviation of the estimate as a part of it.
    """

    def __init__(self, relative_deviation: float) -> None:
        # The number of registers is Spark's.
        self.bits = max(ceil(2.0 * log2(1.054 / relative_deviation)), 4)
        self.ranks: dict[int, int] = {}

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[dict[int, int]]:
        """Yield the registers of a partition's items."""
        ranks: dict[int, int] = {}
        rest = 64 - self.bits
        for item in items:
            mixed = _mixed(portable_hash(item))
            register = mixed >> rest
            rank = rest - (mixed & ((1 << rest) - 1)).bit_length() + 1
            if ranks.get(register, 0) < rank:
                ranks[register] = rank
        yield ranks

    def merge(self, ranks: dict[int, int]) -> None:
        """Add the registers of a partition."""
        for register, rank in ranks.items():
            if self.ranks.get(register, 0) < rank:
                self.ranks[register] = rank

    def estimate(self) -> int:
        """Return how many different items there were."""
        m = 1 << self.bits
        empty = m - len(self.ranks)
        alpha = {4: 0.673, 5: 0.697, 6: 0.709}.get(self.bits, 0.7213 / (1 + 1.079 / m))
        raw = alpha * m * m / (empty + sum(2.0**-rank for rank in self.ranks.values()))
        if raw <= 2.5 * m and empty:
            return round(m * log(m / empty))
        return round(raw)


def _mixed(value: int) -> int:
    """Return 64 well mixed bits of a hash: integers are their own hashes in Python (SplitMix64's finish)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & _MASK
    return value ^ value >> 31
