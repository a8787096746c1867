"""RDDs of random numbers: ``RandomRDDs``."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Any

from firesteel.mllib.worker.samples import Sampler, VectorSampler
from firesteel.mllib.worker.xorshift import longs

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext
    from firesteel.rdd.core import RDD


def _seeds(sc: SparkContext, size: int, partitions: int | None, seed: int | None) -> RDD[Any]:
    """Return an RDD of one item per partition: how many numbers, and the seed."""
    if size <= 0:
        raise ValueError("requirement failed: Positive RDD size required.")
    count = sc.defaultParallelism if partitions is None else partitions
    if count <= 0:
        raise ValueError("requirement failed: Positive number of partitions required")
    sizes = [(part + 1) * size // count - part * size // count for part in range(count)]
    found = longs(secrets.randbits(63) if seed is None else seed, count)
    return sc.parallelize(list(zip(sizes, found, strict=True)), count)


def _numbers(kind: str, parameters: int, sc: SparkContext, *rest: Any) -> RDD[float]:
    given = rest[:parameters]
    size, partitions, seed = rest[parameters:]
    sampler = Sampler(kind, given)
    return _seeds(sc, size, partitions, seed).mapPartitions(sampler)


def _vectors(kind: str, parameters: int, sc: SparkContext, *rest: Any) -> RDD[Any]:
    given = rest[:parameters]
    rows, columns, partitions, seed = rest[parameters:]
    sampler = Sampler(kind, given)
    return _seeds(sc, rows, partitions, seed).mapPartitions(VectorSampler(sampler, columns))


# Name, method, number of parameters.
_KINDS = (
    ("uniform", "uniform", 0),
    ("normal", "normal", 0),
    ("logNormal", "lognormal", 2),
    ("poisson", "poisson", 1),
    ("exponential", "exponential", 1),
    ("gamma", "gamma", 2),
)
FUNCTIONS = {
    **{f"{name}RDD": partial(_numbers, method, count) for name, method, count in _KINDS},
    **{f"{name}VectorRDD": partial(_vectors, method, count) for name, method, count in _KINDS},
}
