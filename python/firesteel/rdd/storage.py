"""RDDs that are kept: ``persist``, ``checkpoint`` and what belongs to them.

A persisted RDD is a relation of its chunks that the server keeps under an id (Connect's checkpoint command, not eager):
the first job that needs it fills it. The server drops it on `unpersist`, when the RDD is garbage-collected and when
the session ends. A checkpointed RDD is files of its pickled items, written by a second computation after the first
job, as in Spark.
"""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Any, cast

from pyspark import StorageLevel

from firesteel.rdd import lineage
from firesteel.rdd.hadoop.committer import JobOutput
from firesteel.rdd.hadoop.errors import Py4JJavaError, spark_error
from firesteel.rdd.hadoop.file_leaf import FileLeaf
from firesteel.rdd.hadoop.output_formats import PickleFile
from firesteel.rdd.hadoop.paths import local_path, uri
from firesteel.rdd.hadoop.pickled_batches import unpickled_items
from firesteel.rdd.hadoop.splits import FileSplit
from firesteel.rdd.kept import KeptRelation

if TYPE_CHECKING:
    from firesteel.core.jobs import Job
    from firesteel.rdd.core import RDD
    from firesteel.rdd.lineage import Node

# What `localCheckpoint` keeps an RDD on.
_LOCAL_LEVEL = StorageLevel.MEMORY_AND_DISK_DESER


class Storage:
    """Methods of `RDD` that keep its items. See PySpark's ``RDD`` for what they mean."""

    _level: StorageLevel = StorageLevel.NONE
    _kept: KeptRelation | None = None
    _checkpoint: CheckpointFiles | None = None
    _is_local: bool = False

    def cache(self) -> Any:
        """Keep the items from the first job on, in memory."""
        return self.persist()

    def persist(self, storageLevel: StorageLevel = StorageLevel.MEMORY_ONLY) -> Any:
        """Keep the items from the first job on.

        Parameters
        ----------
        storageLevel : StorageLevel
            Where. Items are always serialised, and what does not fit into memory goes to disk.

        Raises
        ------
        Py4JJavaError
            ``SparkUnsupportedOperationException`` for another level than the RDD has.
        TypeError
            It is no ``StorageLevel``.
        """
        if not isinstance(storageLevel, StorageLevel):
            raise TypeError("storageLevel must be of type pyspark.StorageLevel")
        rdd = cast("RDD[Any]", self)
        rdd.is_cached = True
        if self._is_local:
            return self
        if self._level not in (StorageLevel.NONE, storageLevel):
            raise Py4JJavaError(
                "org.apache.spark.SparkUnsupportedOperationException",
                "Cannot change storage level of an RDD after it was already assigned a level",
            )
        self._level = storageLevel
        return self

    def unpersist(self, blocking: bool = False) -> Any:
        """Keep the items no longer; whoever needs them computes them again.

        Parameters
        ----------
        blocking : bool
            Without a meaning here: the server drops them before this returns.
        """
        del blocking
        cast("RDD[Any]", self).is_cached = False
        self._level = StorageLevel.NONE
        kept, self._kept = self._kept, None
        if kept is not None:
            kept.release()
        return self

    def getStorageLevel(self) -> StorageLevel:
        """Return where the items are kept."""
        return self._level

    def checkpoint(self) -> None:
        """Write the items to the checkpoint directory after the next job, by computing them once more.

        Raises
        ------
        Py4JJavaError
            ``SparkException`` if `SparkContext.setCheckpointDir` was not called.
        """
        rdd = cast("RDD[Any]", self)
        directory = rdd.ctx.getCheckpointDir()
        if not directory:
            raise spark_error("Checkpoint directory has not been set in the SparkContext")
        rdd.is_checkpointed = True
        if self._checkpoint is None:
            self._checkpoint = CheckpointFiles(os.path.join(local_path(directory), f"rdd-{rdd.id()}"))
            _mark(rdd.ctx)

    def isCheckpointed(self) -> bool:
        """Whether the items have been written, or kept by `localCheckpoint`."""
        if self._is_local:
            return self._kept is not None
        return self._checkpoint is not None and self._checkpoint.leaf is not None

    def localCheckpoint(self) -> None:
        """Keep the items from the first job on, on the server's memory and disk, and forget how they came to be."""
        self._is_local = True
        if self._level == StorageLevel.NONE:
            self._level = _LOCAL_LEVEL
        else:
            old = self._level
            self._level = StorageLevel(True, old.useMemory, old.useOffHeap, old.deserialized, old.replication)

    def isLocallyCheckpointed(self) -> bool:
        """Whether the RDD is marked by `localCheckpoint`."""
        return self._is_local

    def getCheckpointFile(self) -> str | None:
        """Return the directory that holds the checkpoint, None before it is written."""
        if self._checkpoint is None or self._checkpoint.leaf is None:
            return None
        return uri(self._checkpoint.directory)

    def cleanShuffleDependencies(self, blocking: bool = False) -> None:
        """Remove what the shuffles below this RDD have left.

        Parameters
        ----------
        blocking : bool
            Without a meaning here: the server drops it before this returns.
        """
        del blocking
        rdds = [cast("RDD[Any]", self)]
        while rdds:
            node = rdds.pop()._node
            if isinstance(node, lineage.ShuffleNode):
                node.forget()
            rdds.extend(node.parents())

    def _stored_node(self, job: Job | None = None) -> Node | None:
        """Return the node of the kept items, None where they are computed.

        Parameters
        ----------
        job : Job, optional
            The job that is about to read them: it makes the server keep them. Without it this only looks.
        """
        rdd = cast("RDD[Any]", self)
        if self._kept is None and self._level != StorageLevel.NONE and job is not None and rdd._node.n_partitions():
            self._kept = _keep(rdd, job, self._level)
        if self._kept is not None and not self._kept.is_filling:
            return lineage.ChunkSource(self._kept.relation, self._kept.count)
        if self._checkpoint is not None and self._checkpoint.leaf is not None:
            return lineage.LeafNode(self._checkpoint.leaf, len(self._checkpoint.leaf.parts))
        return None


def _keep(rdd: RDD[Any], job: Job, level: StorageLevel) -> KeptRelation:
    kept = KeptRelation(rdd.ctx, rdd._node.n_partitions())
    # While its own plan is made, the RDD is not kept yet.
    storage = cast("Storage", rdd)
    storage._kept = kept
    try:
        # What is kept needs no shuffle's output a second time.
        with job.keeping(False):
            relation = lineage.chunk_relation(rdd, job)
        kept.keep(relation, level)
    except BaseException:
        storage._kept = None
        raise
    return kept


class CheckpointFiles:
    """The files of a checkpointed RDD.

    Parameters
    ----------
    directory : str
        Where they are or will be.
    """

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.leaf: FileLeaf | None = None
        self._is_writing = False

    def write(self, rdd: RDD[Any]) -> None:
        """Compute the RDD and write it."""
        if self.leaf is not None or self._is_writing:
            return
        self._is_writing = True
        output = JobOutput(self.directory)
        try:
            rdd._map_partitions(PickleFile(output.for_tasks(), 0), False).collect()
            output.commit(mark_success=False)
        except BaseException:
            output.abort()
            raise
        finally:
            self._is_writing = False
        paths = [os.path.join(self.directory, f"part-{index:05d}") for index in range(rdd.getNumPartitions())]
        self.leaf = FileLeaf([FileSplit(path, 0, os.path.getsize(path)) for path in paths], unpickled_items)


def checkpoint_directory(path: str) -> str:
    """Make a directory of this application under `path` and return its URI: ``SparkContext.setCheckpointDir``."""
    directory = os.path.join(local_path(path), str(uuid.uuid4()))
    os.makedirs(directory)
    return uri(directory)


def write_checkpoints(rdd: RDD[Any]) -> None:
    """Write what is marked by `checkpoint` among an RDD that a job has computed and those it is made of."""
    if not rdd.ctx.__dict__.get("_has_checkpoints"):
        return
    seen: set[int] = set()
    queue: list[RDD[Any]] = [rdd]
    while queue:
        one = queue.pop()
        if one.id() in seen:
            continue
        seen.add(one.id())
        checkpoint = cast("Storage", one)._checkpoint
        if checkpoint is None:
            queue.extend(one._node.parents())
        else:
            checkpoint.write(one)


def _mark(context: Any) -> None:
    """Note that jobs have to look for marked RDDs: programs without any do not pay for it."""
    context.__dict__["_has_checkpoints"] = True
