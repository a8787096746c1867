"""Runs a job: one call to the server, whose rows are the partitions' chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyspark.sql.connect.proto as proto
from pyspark.errors import IllegalArgumentException

from firesteel.core.attempts import with_attempts
from firesteel.core.call_site import call_site
from firesteel.rdd import barrier_chain, lineage, plans
from firesteel.rdd.kept import short_call_client
from firesteel.rdd.storage import write_checkpoints
from firesteel.rdd.worker import codec, rows
from firesteel.rdd.worker.results import ItemsSink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from firesteel.core.jobs import Job
    from firesteel.rdd.core import RDD
    from firesteel.rdd.worker.writers import Sink


def run(rdd: RDD[Any], sink: Sink | None = None, partitions: Sequence[int] | None = None) -> dict[int, list[Any]]:
    """Compute partitions of an RDD.

    Parameters
    ----------
    rdd : RDD[Any]
        The RDD.
    sink : Sink, optional
        What becomes of the items in the worker; by default they come back.
    partitions : sequence of int, optional
        The partitions, by default all.

    Returns
    -------
    dict of int to list
        Per partition what the sink wrote; partitions for which it wrote nothing are missing.
    """
    name = "{0.function} at {0.file}:{0.line}".format(call_site())

    def attempt(number: int) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        with rdd.ctx._job(name, number) as job:
            for partition, items in _stream(job, rdd, sink or ItemsSink(), partitions):
                known = found.get(partition)
                if known is None:
                    found[partition] = items if type(items) is list else list(items)
                else:
                    known.extend(items)
        return found

    found = with_attempts(rdd.ctx, attempt)
    write_checkpoints(rdd)
    return found


def collect(rdd: RDD[Any], partitions: Sequence[int] | None = None, sink: Sink | None = None) -> list[Any]:
    """Return the items of partitions, in the order of `partitions`."""
    # One that is wanted several times is computed once.
    found = run(rdd, sink, partitions if partitions is None else list(dict.fromkeys(partitions)))
    order = sorted(found) if partitions is None else [partition for partition in partitions if partition in found]
    if len(order) == 1:
        return found[order[0]]
    return [item for partition in order for item in found[partition]]


def run_job(
    context: Any,
    rdd: RDD[Any],
    function: Callable[[Iterable[Any]], Iterable[Any]],
    partitions: Sequence[int] | None = None,
) -> list[Any]:
    """Return what `function` makes of partitions: ``SparkContext.runJob``.

    Raises
    ------
    IllegalArgumentException
        There is no such partition.
    """
    del context
    wanted = None if partitions is None else list(partitions)
    if wanted:
        count = rdd.getNumPartitions()
        for partition in wanted:
            if not 0 <= partition < count:
                raise IllegalArgumentException(
                    f"Attempting to access a non-existent partition: {partition}. Total number of partitions: {count}"
                )
    return collect(rdd.mapPartitions(function), wanted)


def _stream(
    job: Job, rdd: RDD[Any], sink: Sink, partitions: Sequence[int] | None
) -> Iterator[tuple[int, Iterable[Any]]]:
    if partitions is not None and not partitions:
        return
    barrier_chain.check(rdd, None if partitions is None else len(set(partitions)))
    branches = lineage.branches_of(rdd, job)
    if not branches:
        return
    plan = proto.Plan()
    plan.root.CopyFrom(lineage.close(job, rdd.ctx, branches, sink, plans.RESULT, partitions))
    client = short_call_client(rdd.ctx)
    last = -1
    for table in client.to_table_as_iterator(plan, {}):
        if not hasattr(table, "to_batches"):
            continue
        for batch in table.to_batches():
            for partition, data in rows.read_results(batch):
                if partition < 0:
                    job.apply(bytes(data))
                    continue
                if partition != last:
                    last = partition
                    job.task_done()
                yield partition, codec.decode(data)
