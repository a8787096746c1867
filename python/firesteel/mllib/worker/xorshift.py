"""Java's and Spark's random generators, number for number; in workers and at the driver."""

from __future__ import annotations

import math

_WORD = 0xFFFFFFFF
_LONG = 0xFFFFFFFFFFFFFFFF
_ARRAY_SEED = 0x3C074A61


def signed(value: int, bits: int) -> int:
    """Return the number that the lowest bits are in two's complement."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def longs(seed: int, count: int) -> list[int]:
    """Return what ``new java.util.Random(seed).nextLong()`` gives, `count` times."""
    state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)
    found = []
    for _ in range(count):
        halves = []
        for _ in range(2):
            state = (state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
            halves.append(signed(state >> 16, 32))
        found.append(signed((halves[0] << 32) + halves[1], 64))
    return found


def _mixed(data: bytes, seed: int) -> int:
    """Return the 32-bit murmur hash of bytes, of whole words, as Scala's ``bytesHash``."""
    found = seed
    for at in range(0, len(data), 4):
        word = int.from_bytes(data[at : at + 4], "little") * 0xCC9E2D51 & _WORD
        word = (word << 15 | word >> 17) & _WORD
        found ^= word * 0x1B873593 & _WORD
        found = (found << 13 | found >> 19) & _WORD
        found = (found * 5 + 0xE6546B64) & _WORD
    found ^= len(data)
    found = (found ^ found >> 16) * 0x85EBCA6B & _WORD
    found = (found ^ found >> 13) * 0xC2B2AE35 & _WORD
    return found ^ found >> 16


class XORShiftRandom:
    """Spark's generator.

    Parameters
    ----------
    seed : int
        A long.
    """

    def __init__(self, seed: int) -> None:
        data = (seed & _LONG).to_bytes(8, "big")
        low = _mixed(data, _ARRAY_SEED)
        self._state = _mixed(data, low) << 32 | low
        self._spare: float | None = None

    def bits(self, count: int) -> int:
        """Return that many random bits."""
        state = self._state
        state ^= (state << 21) & _LONG
        state ^= state >> 35
        state ^= (state << 4) & _LONG
        self._state = state
        return state & ((1 << count) - 1)

    def uniform(self) -> float:
        """Return a number from 0, up to but not including 1."""
        return ((self.bits(26) << 27) + self.bits(27)) * 2.0**-53

    def normal(self) -> float:
        """Return a number of the standard normal distribution, by the polar method."""
        if self._spare is not None:
            found, self._spare = self._spare, None
            return found
        while True:
            first, second = 2 * self.uniform() - 1, 2 * self.uniform() - 1
            square = first * first + second * second
            if 0 < square < 1:
                factor = math.sqrt(-2 * math.log(square) / square)
                self._spare = second * factor
                return first * factor
