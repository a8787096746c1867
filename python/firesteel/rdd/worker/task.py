"""The function of one ``mapInArrow``: partitions in, steps, chunks out."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

from firesteel.core.task import BarrierOfDriver, current_context, joined, report_updates, take_updates
from firesteel.rdd.worker import rows
from firesteel.rdd.worker.pipeline import final_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firesteel.core.task import Stage
    from firesteel.rdd.worker.inputs import Input
    from firesteel.rdd.worker.writers import Sink

# How many tasks each process has begun; processes are forked.
_begun: dict[int, int] = {}


class Task:
    """What a worker does.

    Parameters
    ----------
    source : Input
        Where partitions come from.
    sink : Sink
        Where items go.
    stage : firesteel.core.task.Stage, optional
        Local properties, files, barrier: what surrounds the user's functions. Most jobs need none.
    """

    def __init__(self, source: Input, sink: Sink, stage: Stage | None = None) -> None:
        self.source = source
        self.sink = sink
        self.stage = stage

    def __call__(self, batches: Iterable[Any]) -> Iterator[Any]:
        """Run on the Arrow batches of one physical partition."""
        _set_aside_imports()
        thresholds = gc.get_threshold()
        # Data are many objects without cycles, which full collections walk again and again while they grow.
        gc.set_threshold(50_000, 50, 10_000)
        try:
            yield from self._run(batches)
        except RuntimeError as error:
            if isinstance(error.__cause__, StopIteration):
                raise _stop_iteration(error.__cause__) from error
            raise
        finally:
            gc.set_threshold(*thresholds)

    def _run(self, batches: Iterable[Any]) -> Iterator[Any]:
        updates: list[bytes] = []
        out = rows.Writer(self.sink.keys)
        context = current_context() if self.stage is None else self.stage.enter()
        for index, items, steps in self.source.partitions(batches, self.sink.eager, updates):
            final = final_index(index, steps)
            # Which physical partition runs it is the engine's affair.
            context._partitionId = final
            written = self.sink.write(out, index, items, steps, final)
            if isinstance(context, BarrierOfDriver):
                written = joined(context, written)
            if self.stage is not None and self.stage.profiler is not None:
                written = self.stage.profiler.profile(list, written)
            yield from written
        if not self.sink.carries_updates:
            report_updates(updates)
            return
        own = take_updates()
        for data in (*updates, own) if own else updates:
            yield from out.add(rows.UPDATES, 0, data)
        yield from out.finish()


def _set_aside_imports() -> None:
    """Let the collection of garbage pass over what this worker has imported.

    PySpark's daemon collects after every task, and to look through the modules takes 40 ms. The first task still
    imports some.
    """
    begun = _begun[os.getpid()] = _begun.get(os.getpid(), 0) + 1
    if begun <= 2:
        gc.freeze()


def _stop_iteration(error: StopIteration) -> Exception:
    from pyspark.errors import PySparkRuntimeError

    return PySparkRuntimeError(errorClass="STOP_ITERATION_OCCURRED", messageParameters={"exc": str(error)})
