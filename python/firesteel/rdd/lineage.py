"""Lineage: the nodes behind RDDs, and how they become relations.

A node answers with *branches*. Each is a source (leaves to compute, or a relation) and the steps piled on it; a union
has several. Closing branches with a sink gives the relation of a job or of a shuffle's map side.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pyspark import StorageLevel

from firesteel.rdd import plans, shipping
from firesteel.rdd.kept import KeptRelation
from firesteel.rdd.partition_keys import partition_keys
from firesteel.rdd.worker import codec
from firesteel.rdd.worker.inputs import ChunkInput, LeafInput, RelationInput, StoredInput
from firesteel.rdd.worker.leaves import CoalescedLeaf, Computed, InlineLeaf, ProductLeaf, ZippedLeaf
from firesteel.rdd.worker.readers import Reader, SidesReader
from firesteel.rdd.worker.results import StoreSink
from firesteel.rdd.worker.rows import EXCHANGE
from firesteel.rdd.worker.task import Task
from firesteel.rdd.worker.writers import RouteWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyspark.sql.types import StructType

    from firesteel.core.jobs import Job
    from firesteel.rdd.core import RDD
    from firesteel.rdd.worker.leaves import Leaf
    from firesteel.rdd.worker.writers import Sink

    Steps = tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Branch:
    """Some partitions of an RDD: a source, and steps on it.

    Parameters
    ----------
    count : int or callable
        How many, or a function that finds it: a job of its own, which is put off until the number matters.
    steps : tuple
        See `worker.pipeline`.
    leaf : Leaf, optional
        Computes the partitions in the worker; or else:
    relation : Relation, optional
        Rows of the partitions.
    reader : Reader, optional
        The rows are an exchange's chunks, which it reads.
    decode : callable, optional
        The rows are anything, which it reads. With neither, they are stored chunks.
    columns : tuple of str
        The relation's columns.
    barrier : bool
        All tasks run at the same time.
    profile_id : int, optional
        Resource profile.
    """

    count: int | Callable[[], int]
    steps: Steps = ()
    leaf: Leaf | None = None
    relation: Any = None
    reader: Reader | None = None
    decode: Callable[[Iterable[Any]], Iterable[Any]] | None = None
    columns: tuple[str, ...] = EXCHANGE
    barrier: bool = False
    profile_id: int | None = None

    @property
    def n_partitions(self) -> int:
        """How many partitions."""
        return self.count if isinstance(self.count, int) else self.count()

    def then(self, *steps: tuple[Any, ...]) -> Branch:
        """Return the branch with more steps."""
        return replace(self, steps=(*self.steps, *steps))


class Node:
    """How an RDD comes to be."""

    def n_partitions(self) -> int:
        """Return the number of partitions."""
        raise NotImplementedError

    def branches(self, job: Job | None) -> list[Branch]:
        """Return the branches, in the order of their partitions."""
        raise NotImplementedError

    def parents(self) -> Sequence[RDD[Any]]:
        """Return the RDDs it is made of."""
        return ()


@dataclass
class LeafNode(Node):
    """Partitions that workers compute by themselves."""

    leaf: Leaf
    count: int

    def n_partitions(self) -> int:
        """See `Node`."""
        return self.count

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        return [Branch(self.count, leaf=self.leaf)] if self.count else []


def empty(n_partitions: int) -> LeafNode:
    """Return empty partitions."""
    return LeafNode(InlineLeaf([codec.encode([])] * n_partitions), n_partitions)


@dataclass
class ChunkSource(Node):
    """A stored RDD: rows (k, p, s, d), see `chunk_relation`."""

    relation: Any
    count: int

    def n_partitions(self) -> int:
        """See `Node`."""
        return self.count

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        return [Branch(self.count, relation=self.relation)] if self.count else []


@dataclass
class RelationNode(Node):
    """A relation of any columns; partitions are the physical ones.

    Parameters
    ----------
    relation : Relation
        The relation.
    columns : tuple of str
        Its columns.
    count : int or callable
        Number of partitions, or a function that finds it.
    decode : callable
        Arrow batches of one partition to items; runs in workers.
    """

    relation: Any
    columns: tuple[str, ...]
    count: int | Callable[[], int]
    decode: Callable[[Iterable[Any]], Iterable[Any]]

    def n_partitions(self) -> int:
        """See `Node`."""
        if not isinstance(self.count, int):
            self.count = self.count()
        return self.count

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        count = self.count if isinstance(self.count, int) else self.n_partitions
        return [Branch(count, relation=self.relation, decode=self.decode, columns=self.columns)]


@dataclass
class StepNode(Node):
    """A narrow function on another RDD."""

    parent: RDD[Any]
    step: tuple[Any, ...]
    barrier: bool = False

    def n_partitions(self) -> int:
        """See `Node`."""
        rdd = self.parent
        while isinstance(node := rdd._stored_node() or rdd._node, StepNode):
            rdd = node.parent
        return node.n_partitions()

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        branches = [branch.then(self.step) for branch in branches_of(self.parent, job)]
        if self.barrier:
            branches = [replace(branch, barrier=True) for branch in branches]
        return branches

    def parents(self) -> Sequence[RDD[Any]]:
        """See `Node`."""
        return (self.parent,)


@dataclass
class UnionNode(Node):
    """Partitions of several RDDs, one after another."""

    rdds: Sequence[RDD[Any]]

    def n_partitions(self) -> int:
        """See `Node`."""
        return sum(rdd.getNumPartitions() for rdd in self.rdds)

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        return _joined(self.rdds, job)

    def parents(self) -> Sequence[RDD[Any]]:
        """See `Node`."""
        return self.rdds


@dataclass
class ShuffleNode(Node):
    """An exchange: writers on the parents, a reader on each target partition.

    What has been sent is kept by the embedded engine, in memory or on disk, for as long as this node lives: later jobs
    begin behind the shuffle, as in Spark.

    Parameters
    ----------
    sources : sequence of RDD
        The parents, their partitions numbered one after another.
    writers : sequence of callable
        Per parent, keys of the targets to the sink.
    reader : Reader
        Makes items of chunks.
    count : int
        Number of target partitions.
    keeps : bool
        Whether later jobs find the same node again.
    """

    sources: Sequence[RDD[Any]]
    writers: Sequence[Callable[[Sequence[int]], Sink]]
    reader: Reader
    count: int
    keeps: bool = True
    kept: KeptRelation | None = None

    def forget(self) -> None:
        """Let the engine drop what has been sent."""
        self.kept = None

    def n_partitions(self) -> int:
        """See `Node`."""
        return max(self.count, 0)

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        if self.count <= 0:
            # As in Spark nothing is sent then.
            return []
        kept = self.kept
        if kept is None:
            relation, keepable = self._exchange(job)
            if relation is None:
                return empty(self.count).branches(job)
            if job is None or not keepable or not self.keeps or not job.keeps_shuffles:
                return [Branch(self.count, relation=relation, reader=self.reader)]
            kept = KeptRelation(self.sources[0].ctx, self.count)
            kept.keep(relation, StorageLevel.MEMORY_AND_DISK)
            self.kept = kept
            # What was sent belongs to the attempt, which may have failed on the way.
            job.undo.append(self.forget)
        if job is not None:
            # For as long as it runs.
            job.used.append(kept)
        return [Branch(self.count, relation=kept.relation, reader=self.reader)]

    def _exchange(self, job: Job | None) -> tuple[Any, bool]:
        """Return the relation, None if there is nothing to send; and whether later jobs could use what it gives."""
        from firesteel.rdd import barrier_chain

        keepable = True
        keys = partition_keys(self.count)
        relations = []
        offset = 0
        for number, (rdd, writer) in enumerate(zip(self.sources, self.writers, strict=True)):
            if number:
                offset += self.sources[number - 1].getNumPartitions()
            if self.keeps:
                # Of this class are also parts of stages, which have it to be able to run here.
                barrier_chain.check(rdd)
            branches = [branch.then(("shift", offset)) if offset else branch for branch in branches_of(rdd, job)]
            if branches:
                # Barriers are of one job.
                keepable = keepable and not any(branch.barrier for branch in branches)
                relations.append(close(job, rdd.ctx, branches, writer(keys), plans.EXCHANGE))
        return (plans.exchange(plans.union(relations), self.count) if relations else None), keepable

    def parents(self) -> Sequence[RDD[Any]]:
        """See `Node`."""
        return self.sources


@dataclass
class CoalesceNode(Node):
    """Neighbouring partitions as one, without a shuffle where nothing is stored in the engine."""

    parent: RDD[Any]
    count: int

    def n_partitions(self) -> int:
        """See `Node`."""
        return self.count

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        n = self.parent.getNumPartitions()
        bounds = [i * n // self.count for i in range(self.count + 1)]
        branches = branches_of(self.parent, job)
        computed = computed_of(branches)
        if computed is not None:
            return [Branch(self.count, leaf=CoalescedLeaf(computed, bounds))]
        targets = [(target,) for target in range(self.count) for _ in range(bounds[target], bounds[target + 1])]
        writers = [lambda keys: RouteWriter(keys, targets)]
        return ShuffleNode([self.parent], writers, Reader(), self.count, keeps=False).branches(job)

    def parents(self) -> Sequence[RDD[Any]]:
        """See `Node`."""
        return (self.parent,)


@dataclass
class SidesNode(Node):
    """Two RDDs zipped, or their Cartesian product."""

    left: RDD[Any]
    right: RDD[Any]
    product: bool

    def n_partitions(self) -> int:
        """See `Node`."""
        n = self.left.getNumPartitions()
        return n * self.right.getNumPartitions() if self.product else n

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        n, m = self.left.getNumPartitions(), self.right.getNumPartitions()
        count = self.n_partitions()
        if not count:
            return []
        left, right = computed_of(branches_of(self.left, job)), computed_of(branches_of(self.right, job))
        if left is not None and right is not None:
            leaf = ProductLeaf(left, right, m) if self.product else ZippedLeaf(left, right)
            return [Branch(count, leaf=leaf)]
        if self.product:
            left_targets = [tuple(range(i * m, (i + 1) * m)) for i in range(n)]
            right_targets = [tuple(range(j, count, m)) for j in range(m)]
        else:
            left_targets = right_targets = [(i,) for i in range(n)]
        writers = [
            lambda keys: RouteWriter(keys, left_targets),
            # Its sources are numbered after those of the first.
            lambda keys: RouteWriter(keys, [()] * n + right_targets),
        ]
        reader = SidesReader(n, self.product)
        return ShuffleNode([self.left, self.right], writers, reader, count, keeps=False).branches(job)

    def parents(self) -> Sequence[RDD[Any]]:
        """See `Node`."""
        return (self.left, self.right)


def branches_of(rdd: RDD[Any], job: Job | None) -> list[Branch]:
    """Return the branches of an RDD: of its stored form if there is one."""
    steps: list[tuple[Any, ...]] = []
    barrier = False
    # A loop, not a recursion: programs that iterate pile up hundreds of steps.
    while True:
        node = rdd._stored_node(job) or rdd._node
        if not isinstance(node, StepNode) or rdd._profile_id is not None:
            break
        steps.append(node.step)
        barrier = barrier or node.barrier
        rdd = node.parent
    branches = node.branches(job)
    if rdd._profile_id is not None:
        branches = [replace(branch, profile_id=rdd._profile_id) for branch in branches]
    if steps:
        steps.reverse()
        branches = [branch.then(*steps) for branch in branches]
    return [replace(branch, barrier=True) for branch in branches] if barrier else branches


def chunk_relation(rdd: RDD[Any], job: Job | None = None) -> Any:
    """Return the relation (k, p, s, d) of all partitions of `rdd`, to be stored; `ChunkSource` reads it again."""
    n = rdd.getNumPartitions()
    keys = partition_keys(max(n, 1))
    branches = branches_of(rdd, job) or empty(1).branches(job)
    return close(job, rdd.ctx, branches, StoreSink(keys), plans.EXCHANGE)


@dataclass
class _Choice:
    """Which partitions of a branch are wanted."""

    branch: Branch
    chosen: list[int] | None = field(default=None)


def close(
    job: Job | None,
    context: Any,
    branches: list[Branch],
    sink: Sink,
    schema: StructType,
    partitions: Sequence[int] | None = None,
) -> Any:
    """Return the relation of what `sink` writes for `branches`.

    Parameters
    ----------
    job : Job, optional
        What the relation is for; without it none is known of yet.
    context : SparkContext
        Whose session runs it.
    branches : list of Branch
        The partitions.
    sink : Sink
        Where items go.
    schema : StructType
        Of the rows that it writes.
    partitions : sequence of int, optional
        Those to compute, by default all.
    """
    relations = []
    leaves: list[_Choice] = []

    def close_leaves() -> None:
        if leaves:
            relations.append(_close_leaves(job, context, leaves, sink, schema))
            leaves.clear()

    for choice in _choose(branches, partitions):
        branch = choice.branch
        if branch.leaf is not None:
            if leaves and (leaves[0].branch.barrier, leaves[0].branch.profile_id) != (
                branch.barrier,
                branch.profile_id,
            ):
                close_leaves()
            leaves.append(choice)
            continue
        close_leaves()
        source, relation = _relation_input(choice)
        if choice.chosen is not None:
            count = len(choice.chosen)
        else:
            # Only barriers need to know; the status tracker does without.
            count = branch.n_partitions if branch.barrier or isinstance(branch.count, int) else 0
        stage = job.stage(count, barrier=branch.barrier) if job else None
        command = shipping.command(Task(source, sink, stage), schema, context._shares_files)
        relations.append(
            plans.map_in_arrow(relation, branch.columns, command, schema, branch.barrier, branch.profile_id)
        )
    close_leaves()
    return plans.union(relations)


def _choose(branches: list[Branch], partitions: Sequence[int] | None) -> list[_Choice]:
    """Split wanted partitions by branch; their order within a branch is theirs."""
    if partitions is None:
        return [_Choice(branch) for branch in branches]
    choices = []
    start = 0
    for branch in branches:
        end = start + branch.n_partitions
        chosen = [partition - start for partition in partitions if start <= partition < end]
        if chosen:
            choices.append(_Choice(branch, None if chosen == list(range(branch.n_partitions)) else chosen))
        start = end
    return choices


def _close_leaves(job: Job | None, context: Any, choices: list[_Choice], sink: Sink, schema: StructType) -> Any:
    parts: list[tuple[Leaf, int, Steps]] = []
    numbers: list[int] = []
    offset = 0
    for choice in choices:
        branch = choice.branch
        assert branch.leaf is not None
        parts.append((branch.leaf, branch.n_partitions, branch.steps))
        chosen = range(branch.n_partitions) if choice.chosen is None else choice.chosen
        numbers += [offset + partition for partition in chosen]
        offset += branch.n_partitions
    wanted = None if len(numbers) == offset else numbers
    branch = choices[0].branch
    stage = job.stage(len(numbers), barrier=branch.barrier) if job else None
    command = shipping.command(Task(LeafInput(Computed(parts), wanted), sink, stage), schema, context._shares_files)
    return plans.map_in_arrow(plans.numbers(len(numbers)), ("id",), command, schema, branch.barrier, branch.profile_id)


def _relation_input(choice: _Choice) -> tuple[Any, Any]:
    branch, chosen = choice.branch, choice.chosen
    if branch.decode is not None:
        return RelationInput(branch.decode, branch.steps, chosen), branch.relation
    relation = branch.relation
    if chosen is not None:
        keys = partition_keys(branch.n_partitions)
        relation = plans.only_keys(relation, [keys[partition] for partition in chosen])
    if branch.reader is not None:
        return ChunkInput(branch.reader, branch.steps), relation
    return StoredInput(branch.steps, chosen), relation


def computed_of(branches: list[Branch]) -> Computed | None:
    """Return the RDD as one that needs no data from the engine, or None when it does."""
    if any(branch.leaf is None or branch.barrier or branch.profile_id is not None for branch in branches):
        return None
    return Computed([(branch.leaf, branch.n_partitions, branch.steps) for branch in branches if branch.leaf])


def _joined(rdds: Sequence[RDD[Any]], job: Job | None) -> list[Branch]:
    joined = []
    offset = 0
    for number, rdd in enumerate(rdds):
        if number:
            offset += rdds[number - 1].getNumPartitions()
        joined += [branch.then(("shift", offset)) if offset else branch for branch in branches_of(rdd, job)]
    return joined
