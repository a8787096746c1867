"""WELL19937c (Panneton, L'Ecuyer and Matsumoto, 2006) as Apache Commons Math seeds it, and Spark's numbers out of it.

In workers: it imports nothing of ours.
"""

from __future__ import annotations

import math

_SIZE, _M1, _M2, _M3 = 624, 70, 179, 449
_MASK = 0xFFFFFFFF


def _exponential_sums() -> list[float]:
    """Return the sums of ``ln(2)**k / k!``, up to one."""
    sums = [math.log(2)]
    term, k = sums[0], 1
    while sums[-1] < 1:
        k += 1
        term *= math.log(2) / k
        sums.append(sums[-1] + term)
        if term < 1e-17:
            sums[-1] = 1.0
    return sums


_SUMS = _exponential_sums()


class Well19937c:
    """A generator of 32 bits at a time.

    Parameters
    ----------
    seed : int
        64 bits, signed or not.
    """

    def __init__(self, seed: int) -> None:
        state = [seed >> 32 & _MASK, seed & _MASK]
        for i in range(2, _SIZE):
            signed = state[i - 2] - (state[i - 2] >> 31 << 32)
            state.append((1812433253 * (signed ^ signed >> 30) + i) & _MASK)
        self._state, self._index = state, 0
        self._second: float | None = None

    def _next(self, bits: int) -> int:
        state, index = self._state, self._index
        before = index - 1 if index else _SIZE - 1
        twice = before - 1 if before else _SIZE - 1
        own, first = state[index], state[(index + _M1) % _SIZE]
        second, third = state[(index + _M2) % _SIZE], state[(index + _M3) % _SIZE]
        z0 = (state[before] & 0x80000000) ^ (state[twice] & 0x7FFFFFFF)
        z1 = own ^ (own << 25 & _MASK) ^ first ^ first >> 27
        z2 = second >> 9 ^ third ^ third >> 1
        z3 = z1 ^ z2
        z4 = z0 ^ z1 ^ (z1 << 9 & _MASK) ^ z2 ^ (z2 << 21 & _MASK) ^ z3 ^ z3 >> 21
        state[index], state[before] = z3, z4
        state[twice] &= 0x80000000
        self._index = before
        z4 ^= z4 << 7 & 0xE46E1700
        z4 ^= z4 << 15 & 0x9B868000
        return z4 >> 32 - bits

    def uniform(self) -> float:
        """Return a number from zero to below one."""
        high = self._next(26) << 26
        return (high | self._next(26)) * 2.0**-52

    def normal(self) -> float:
        """Return a number of the standard normal distribution."""
        if self._second is not None:
            found, self._second = self._second, None
            return found
        angle = 2 * math.pi * self.uniform()
        length = math.sqrt(-2 * math.log(self.uniform()))
        self._second = length * math.sin(angle)
        return length * math.cos(angle)

    def exponential(self, mean: float) -> float:
        """Return a number of an exponential distribution, by Ahrens and Dieter (1972)."""
        whole, drawn = 0.0, self.uniform()
        while drawn < 0.5:
            whole += _SUMS[0]
            drawn *= 2
        drawn += drawn - 1
        if drawn <= _SUMS[0]:
            return mean * (whole + drawn)
        least, i = self.uniform(), 0
        while True:
            i += 1
            least = min(least, self.uniform())
            if drawn <= _SUMS[i]:
                return mean * (whole + least * _SUMS[0])

    def lognormal(self, mean: float, deviation: float) -> float:
        """Return a number whose logarithm is normal."""
        return math.exp(mean + deviation * self.normal())
