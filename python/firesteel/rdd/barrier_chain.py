"""Which RDDs may stand in a barrier stage: what Spark's scheduler checks before it starts one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from firesteel.core.barrier import check_slots
from firesteel.rdd.lineage import ShuffleNode, StepNode

if TYPE_CHECKING:
    from firesteel.rdd.core import RDD


def check(rdd: RDD[Any], n_tasks: int | None = None) -> None:
    """Refuse the stage that computes `rdd`, if it is a barrier stage that Spark refuses.

    All RDDs back to the shuffles behind it must have as many partitions as it has tasks, and none may stand on two that
    are in barrier stages.

    Parameters
    ----------
    rdd : RDD
        The last of the stage.
    n_tasks : int, optional
        How many of its partitions are computed; by default all.

    Raises
    ------
    SparkException
        With Spark's number of the error: 24819 or 24820.
    """
    if not rdd.ctx._has_barriers:
        return
    chain = _within_stage(rdd)
    barriers: dict[int, int] = {}
    for one in chain:
        node = one._node
        n_parents = sum(map(bool, (barriers[id(parent)] for parent in _narrow_parents(node))))
        barriers[id(one)] = n_parents or int(isinstance(node, StepNode) and node.barrier)
    if not barriers[id(rdd)]:
        return
    n_partitions = rdd.getNumPartitions()
    check_slots(rdd.ctx, n_partitions)
    n_tasks = n_partitions if n_tasks is None else n_tasks
    # A step has as many partitions as what it stands on.
    differs = any(not isinstance(one._node, StepNode) and one.getNumPartitions() != n_tasks for one in chain)
    if differs or max(barriers[id(one)] for one in chain) > 1:
        from pyspark.errors.exceptions.connect import SparkException

        raise SparkException(
            "[SPARK-24820][SPARK-24821]: Barrier execution mode does not allow the following pattern of RDD chain within "
            f"a barrier stage: RDDs whose numbers of partitions are not its number of tasks, {n_tasks} (union, coalesce, "
            "first, take), or an RDD of several RDDs in barrier stages (zip). Instead of first() use collect()[0]."
        )


def _within_stage(rdd: RDD[Any]) -> list[RDD[Any]]:
    """Return the RDDs back to the shuffles, each after those it stands on."""
    found: dict[int, RDD[Any]] = {}
    waiting = [(rdd, False)]
    while waiting:
        one, parents_are_done = waiting.pop()
        if parents_are_done:
            found.setdefault(id(one), one)
        elif id(one) not in found:
            waiting.append((one, True))
            waiting += [(parent, False) for parent in _narrow_parents(one._node)]
    return list(found.values())


def _narrow_parents(node: Any) -> list[RDD[Any]]:
    return [] if isinstance(node, ShuffleNode) else list(node.parents())
