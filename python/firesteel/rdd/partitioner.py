"""Which partition a key belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Partitioner:
    """Number of partitions, and the function that places a key; equal when both are.

    Parameters
    ----------
    numPartitions : int
        Number of partitions.
    partitionFunc : callable
        Key to a number, which is taken modulo `numPartitions`.
    """

    def __init__(self, numPartitions: int, partitionFunc: Callable[[Any], int]) -> None:
        self.numPartitions = numPartitions
        self.partitionFunc = partitionFunc

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Partitioner)
            and self.numPartitions == other.numPartitions
            and self.partitionFunc == other.partitionFunc
        )

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, k: Any) -> int:
        """Return the partition of a key."""
        return self.partitionFunc(k) % self.numPartitions
