"""RDD: set operations on items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.rdd.worker import combiners

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD


class Sets:
    """Methods of `RDD` that compare items of two. See PySpark's ``RDD`` for what they mean."""

    def intersection(self: Any, other: RDD[Any]) -> RDD[Any]:
        """Return an RDD of the items that both have, each once."""
        mine, theirs = self.map(combiners.with_none), other.map(combiners.with_none)
        return mine.cogroup(theirs).filter(combiners.all_sides).keys()

    def subtract(self: Any, other: RDD[Any], numPartitions: int | None = None) -> RDD[Any]:
        """Return an RDD of the items that the other lacks, as often as they are there."""
        mine, theirs = self.map(combiners.with_true), other.map(combiners.with_true)
        return mine.subtractByKey(theirs, numPartitions).keys()
