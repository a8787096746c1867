"""The regularized incomplete gamma function, for p-values."""

from __future__ import annotations

import math

_STEPS = 10_000
_TINY = 1e-300


def upper(shape: float, bound: float) -> float:
    """Return the part of a gamma distribution that lies above `bound`: Q(shape, bound).

    A power series below the mean, a continued fraction (Lentz) above it; both to the last digits.
    """
    if math.isnan(bound):
        return math.nan
    if bound <= 0:
        return 1.0
    if math.isinf(bound):
        return 0.0
    scale = math.exp(shape * math.log(bound) - bound - math.lgamma(shape))
    if bound < shape + 1:
        term = total = 1 / shape
        for step in range(1, _STEPS):
            term *= bound / (shape + step)
            total += term
            if term < total * 1e-17:
                break
        return 1 - total * scale
    below = bound + 1 - shape
    left, right = 1 / _TINY, 1 / below
    value = right
    for step in range(1, _STEPS):
        factor = -step * (step - shape)
        below += 2
        right = 1 / (factor * right + below or _TINY)
        left = below + factor / left or _TINY
        change = left * right
        value *= change
        if abs(change - 1) < 1e-16:
            break
    return scale * value
