"""Random numbers of distributions, partition by partition; in workers.

Numbers are Spark's for the same seed, but for those of Poisson's and gamma distributions: NumPy draws these.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.mllib.linalg import DenseVector

from firesteel.mllib.worker.well19937c import Well19937c
from firesteel.mllib.worker.xorshift import XORShiftRandom

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Sampler:
    """Numbers of a partition that is described by its size and seed.

    Parameters
    ----------
    kind : str
        ``uniform``, ``normal``, ``exponential``, ``lognormal``, or a method of NumPy's generator.
    parameters : tuple of float
        Of the distribution.
    """

    def __init__(self, kind: str, parameters: tuple[float, ...]) -> None:
        self.kind, self.parameters = kind, parameters

    def __call__(self, partitions: Iterable[tuple[int, int]]) -> Iterator[float]:
        """Return the numbers."""
        for size, seed in partitions:
            yield from self.numbers(size, seed)

    def numbers(self, count: int, seed: int) -> Iterator[float]:
        """Return `count` numbers."""
        if self.kind in ("uniform", "normal"):
            draw = getattr(XORShiftRandom(seed), self.kind)
            for _ in range(count):
                yield draw()
            return
        if self.kind in ("exponential", "lognormal"):
            draw = partial(getattr(Well19937c(seed), self.kind), *self.parameters)
            for _ in range(count):
                yield draw()
            return
        generator = np.random.Generator(np.random.PCG64(seed & 0xFFFFFFFFFFFFFFFF))
        method = getattr(generator, self.kind)
        while count:
            batch = min(count, 4096)
            yield from map(float, method(*self.parameters, size=batch))
            count -= batch


class VectorSampler:
    """Vectors of a partition that is described by its number of rows and its seed.

    Parameters
    ----------
    sampler : Sampler
        What draws their values.
    columns : int
        Size of a vector.
    """

    def __init__(self, sampler: Sampler, columns: int) -> None:
        self.sampler, self.columns = sampler, columns

    def __call__(self, partitions: Iterable[tuple[int, int]]) -> Iterator[Any]:
        """Return the vectors."""
        for rows, seed in partitions:
            numbers = self.sampler.numbers(rows * self.columns, seed)
            for _ in range(rows):
                yield DenseVector([next(numbers) for _ in range(self.columns)])
