"""Class RDD: what one is. What it can do stands in its base classes, by topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from pyspark.errors import PySparkRuntimeError

from firesteel.rdd.actions import Actions
from firesteel.rdd.approximate import Approximate
from firesteel.rdd.joins import Joins
from firesteel.rdd.lineage import LeafNode, Node, ShuffleNode, StepNode
from firesteel.rdd.narrow import Narrow
from firesteel.rdd.numeric import Numeric
from firesteel.rdd.pair import Pairs
from firesteel.rdd.sampling import Sampling
from firesteel.rdd.saving import Saving
from firesteel.rdd.sets import Sets
from firesteel.rdd.sorting import Sorting
from firesteel.rdd.storage import Storage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pyspark.resource import ResourceProfile

    from firesteel.core.context import SparkContext
    from firesteel.rdd.partitioner import Partitioner

T_co = TypeVar("T_co", covariant=True)

# Of `spark.python.worker.memory`, at which a worker goes to disk.
_SOFT_SHARE = 0.9
# Of `spark.executor.pyspark.memory`, beyond which the system refuses memory. It counts addresses, of which libraries
# reserve a few hundred MiB without using them.
_HARD_SHARE = 0.5


class RDD(Narrow, Pairs, Joins, Sorting, Sets, Sampling, Actions, Numeric, Approximate, Storage, Saving, Generic[T_co]):
    """A resilient distributed dataset; see PySpark's ``RDD``. Made by SparkContext and by other RDDs.

    Parameters
    ----------
    ctx : SparkContext
        The context it belongs to.
    node : Node
        How it comes to be.
    partitioner : Partitioner, optional
        Where keys are, if that is known.
    kind : str
        What Spark calls it: ``ParallelCollectionRDD`` and the like.
    """

    def __init__(
        self, ctx: SparkContext, node: Node, partitioner: Partitioner | None = None, kind: str = "PythonRDD"
    ) -> None:
        self.ctx: Any = ctx
        self._node = node
        self.partitioner = partitioner
        # Where keys are indeed: Spark's JVM knows it also where its Python forgets, as after SparkContext.union.
        self._placed = partitioner
        self._kind = kind
        self._id: int = ctx._next_rdd_id()
        self._name: str | None = None
        self.is_cached = False
        self.is_checkpointed = False
        self.has_resource_profile = False
        self._profile: ResourceProfile | None = None
        self._profile_id: int | None = None

    def id(self) -> int:
        """Return the RDD's number in its context."""
        return self._id

    @property
    def context(self) -> SparkContext:
        """The context it belongs to."""
        context: SparkContext = self.ctx
        return context

    def getNumPartitions(self) -> int:
        """Return the number of partitions."""
        return (self._stored_node() or self._node).n_partitions()

    def name(self) -> str | None:
        """Return the name that `setName` gave, None if none."""
        return self._name

    def setName(self, name: str) -> Any:
        """Give the RDD a name."""
        self._name = name
        return self

    def toDebugString(self) -> bytes | None:
        """Return a description of the RDD and of what it is made of, an RDD a line."""
        return "\n".join(self._described(set())).encode()

    def getResourceProfile(self) -> ResourceProfile | None:
        """Return the resource profile that `withResources` set, None if none."""
        return self._profile

    def withResources(self, profile: ResourceProfile) -> Any:
        """Run the RDD's Python functions with a resource profile."""
        self.has_resource_profile = True
        self._profile = profile
        if not self.ctx._shares_files:
            # An embedded engine has one executor, itself: as in Spark's local mode there is nothing to choose.
            self._profile_id = profile.id
        return self

    def toDF(self, schema: Any = None, sampleRatio: float | None = None) -> Any:
        """Return a frame of the items: ``spark.createDataFrame(rdd, schema, sampleRatio)``."""
        from firesteel.rdd.frames import frame_of_rdd

        return frame_of_rdd(self.ctx._session, self, schema, sampleRatio)

    def __repr__(self) -> str:
        name = f"{self._name} " if self._name else ""
        return f"{name}{self._kind}[{self._id}] at {_MADE_AT.get(self._kind, 'RDD at PythonRDD.scala:58')}"

    def __getnewargs__(self) -> NoReturn:
        # Asked for when a function that names the RDD is pickled.
        raise PySparkRuntimeError(errorClass="RDD_TRANSFORM_ONLY_VALID_ON_DRIVER", messageParameters={})

    def __reduce__(self) -> NoReturn:
        self.__getnewargs__()

    # For the topics and for the modules beside this one

    def _derive(self, node: Node, partitioner: Partitioner | None = None, kind: str = "PythonRDD") -> Any:
        return RDD(self.ctx, node, partitioner, kind)

    def _step(self, preserves: bool, *step: Any) -> Any:
        """Return the RDD with one more narrow step (`worker.pipeline`)."""
        rdd = PipelinedRDD[Any](self.ctx, StepNode(self, step), self.partitioner if preserves else None)
        rdd._placed = self._placed if preserves else None
        return rdd

    def _map_partitions(self, function: Callable[[int, Iterable[Any]], Iterable[Any]], preserves: bool) -> Any:
        """Return the RDD of what ``function(index, items)`` makes of each partition."""
        return self._step(preserves, "parts", function)

    def _memory_limit(self) -> float:
        """MiB that a worker may take before it goes to disk: less than its limits, which it would reach meanwhile."""
        limit = memory_mib(self.ctx._conf_get("spark.python.worker.memory") or "512m") * _SOFT_SHARE
        refused = self.ctx._conf_get("spark.executor.pyspark.memory")
        if not refused:
            return limit
        refused = refused.lower().removesuffix("b")
        # Without a unit MiB, as for all memory of executors.
        return min(limit, memory_mib(f"{refused}m" if refused.isdigit() else refused) * _HARD_SHARE)

    def _default_reduce_partitions(self) -> int:
        if self.ctx._default_parallelism_is_set:
            count: int = self.ctx.defaultParallelism
            return count
        return self.getNumPartitions()

    def _described(self, known: set[int]) -> list[str]:
        head = f"({self.getNumPartitions()}) {self!r} []"
        lines = [head]
        if self._id not in known:
            known.add(self._id)
            bar = "+-" if isinstance(self._node, ShuffleNode) else "| "
            if isinstance(self._node, LeafNode) and self._kind == "PythonRDD":
                # A range: in Spark a function on empty partitions.
                lines.append(f" |  ParallelCollectionRDD[{self._id}] at {_MADE_AT['ParallelCollectionRDD']} []")
            for parent in self._node.parents():
                lines += [f" {bar}{line}" for line in parent._described(known)]
        return lines


class PipelinedRDD(RDD[T_co]):
    """An RDD that is a Python function of another's partitions."""


_MADE_AT = {
    "ParallelCollectionRDD": "readRDDFromFile at PythonRDD.scala:297",
    "EmptyRDD": "emptyRDD at NativeMethodAccessorImpl.java:0",
    "PartitionerAwareUnionRDD": "union at NativeMethodAccessorImpl.java:0",
    "UnionRDD": "union at NativeMethodAccessorImpl.java:0",
    "CoalescedRDD": "coalesce at NativeMethodAccessorImpl.java:0",
    "CartesianRDD": "cartesian at NativeMethodAccessorImpl.java:0",
    "ZippedPartitionsRDD2": "zip at NativeMethodAccessorImpl.java:0",
    "MapPartitionsRDD": "mapPartitions at PythonRDD.scala:168",
}

_UNITS = {"k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0 * 1024}


def memory_mib(text: str) -> int:
    """Return a size such as ``512m`` in MiB.

    Raises
    ------
    ValueError
        It is no size.

    Examples
    --------
    >>> memory_mib("2g")
    2048
    """
    unit = text[-1:].lower()
    if unit not in _UNITS:
        raise ValueError("invalid format: " + text)
    return int(float(text[:-1]) * _UNITS[unit])


# Programs see PySpark's names.
for _class in (RDD, PipelinedRDD):
    _class.__module__ = "pyspark.core.rdd"
