"""RDDs of the program's own data, and of leaves and relations that other modules make."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from firesteel.rdd import lineage, stored_items
from firesteel.rdd.core import RDD
from firesteel.rdd.worker import codec
from firesteel.rdd.worker.leaves import InlineLeaf, RangeLeaf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from firesteel.core.context import SparkContext
    from firesteel.rdd.worker.leaves import Leaf

# Collections travel inside the task up to this size, larger ones as data.
_INLINE_BYTES = 32 * 1024
# Spark writes a collection in batches of at most so many items, and deals those to partitions.
_BATCH_ITEMS = 1024


def parallelize(context: SparkContext, items: Iterable[Any], n_partitions: int | None = None) -> RDD[Any]:
    """Return an RDD of a collection: ``SparkContext.parallelize``.

    Parameters
    ----------
    context : SparkContext
        The context.
    items : iterable
        A `range` stays one; all else is pickled now, so that later changes do not matter.
    n_partitions : int, optional
        Number of partitions, by default the context's.
    """
    count = context.defaultParallelism if n_partitions is None else int(n_partitions)
    if count < 1:
        from pyspark.errors import IllegalArgumentException

        raise IllegalArgumentException("Positive number of partitions required")
    if isinstance(items, range):
        node: lineage.Node = lineage.LeafNode(RangeLeaf(items, count), count)
        return RDD(context, node, kind="PythonRDD")
    if not hasattr(items, "__len__"):
        items = list(items)
    return RDD(context, _of_items(context, items, count), kind="ParallelCollectionRDD")


def empty(context: SparkContext) -> RDD[Any]:
    """Return an RDD without partitions."""
    return RDD(context, lineage.empty(0), kind="EmptyRDD")


def from_leaf(context: SparkContext, leaf: Leaf, n_partitions: int, name: str = "MapPartitionsRDD") -> RDD[Any]:
    """Return an RDD whose partitions workers read by themselves, ``leaf.read(index)``."""
    del name
    return RDD(context, lineage.LeafNode(leaf, n_partitions), kind="MapPartitionsRDD")


def from_relation(
    context: SparkContext,
    relation: Any,
    columns: Sequence[str],
    n_partitions: int | Callable[[], int],
    decode: Callable[[Iterable[Any]], Iterable[Any]],
) -> RDD[Any]:
    """Return an RDD of a relation; see `lineage.RelationNode`."""
    return RDD(context, lineage.RelationNode(relation, tuple(columns), n_partitions, decode), kind="MapPartitionsRDD")


def _of_items(context: SparkContext, items: Any, count: int) -> lineage.Node:
    parts = _slices(items, count)
    first = [codec.encode(part[:_BATCH_ITEMS]) for part in parts]
    inline = sum(map(len, first)) <= _INLINE_BYTES
    if inline and all(len(part) <= _BATCH_ITEMS for part in parts):
        return lineage.LeafNode(InlineLeaf(first), count)
    return stored_items.chunk_source(context, [codec.chunks(part) for part in parts])


def _slices(items: Any, count: int) -> list[list[Any]]:
    """Cut a collection as Spark does: into batches, and those evenly."""
    items = items if isinstance(items, list) else list(items)
    size = max(1, min(len(items) // count, _BATCH_ITEMS))
    n_batches = -(-len(items) // size)
    bounds = [i * n_batches // count * size for i in range(count + 1)]
    return [items[start:end] for start, end in pairwise(bounds)]
