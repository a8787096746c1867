"""A task in a Python worker: what surrounds the user's functions there.

A `Stage` is made on the driver (`jobs.Job.stage`) and travels inside the pickled function of a stage; most jobs need
none. The partition's number comes from the data, not from Spark: other engines of the Connect protocol have no task
context of their own, and one worker may run several partitions one after another.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
from typing import TYPE_CHECKING, Any

from pyspark import accumulators, serializers
from pyspark.taskcontext import ALL_GATHER_FUNCTION, BARRIER_FUNCTION, BarrierTaskContext, TaskContext
from pyspark.util import local_connect_and_auth

from firesteel.core.worker_state import worker_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_wire: Any = serializers  # its functions have no annotations


class Stage:
    """What the tasks of one stage have beside their function. Pickled with it, so it is kept small.

    Parameters
    ----------
    n_tasks : int
        Number of the stage's tasks.
    properties : dict of str to str
        The submitting thread's local properties.
    files_root : str, optional
        Directory of ``SparkFiles``, if workers share the driver's. Default: the worker knows.
    barrier : tuple of int and str, optional
        Port and secret of the driver's `barrier.Coordinator`, for workers whose server gives them no barrier.
        Default: no barrier stage.
    profiler : pyspark.profiler.Profiler, optional
        Runs each partition (``spark.python.profile``). Default: none.
    attempt : int, default 0
        How often the job has failed, for ``TaskContext.attemptNumber``.
    """

    def __init__(
        self,
        n_tasks: int,
        properties: dict[str, str],
        files_root: str | None = None,
        barrier: tuple[int, str] | None = None,
        profiler: Any = None,
        attempt: int = 0,
    ) -> None:
        self._fields = (n_tasks, properties, files_root, barrier, profiler, attempt)

    def __reduce__(self) -> tuple[Any, ...]:
        # Fields as they are: shorter than a dictionary by name.
        return type(self), self._fields

    @property
    def profiler(self) -> Any:
        """What runs each partition, None for nothing."""
        return self._fields[4]

    def enter(self) -> Any:
        """Prepare the worker and return the task context; whoever runs a partition sets its ``_partitionId``."""
        n_tasks, properties, files_root, barrier, _, attempt = self._fields
        context = current_context()
        context._localProperties = {**(context._localProperties or {}), **properties}
        context._attemptNumber = max(context._attemptNumber or 0, attempt)
        if barrier is not None and not isinstance(context, BarrierTaskContext):
            context = _barrier_context(context, n_tasks, *barrier)
        worker_state().files_root = files_root
        return context


def current_context() -> Any:
    """Return the worker's task context; one with zeros where the engine of the other side told nothing.

    Also where the worker forgets broadcast values that its present function does not name, as Spark's workers do.
    """
    state = worker_state()
    state.files_root = None
    if state.broadcasts:
        for key in [key for key in state.broadcasts if key not in state.named]:
            del state.broadcasts[key]
        state.named.clear()
    context = TaskContext.get()
    if context is None:
        zeros: dict[str, Any] = dict.fromkeys(("stageId", "partitionId", "attemptNumber", "taskAttemptId"), 0)
        context = TaskContext(**zeros, cpus=1, resources={}, localProperties={})  # type: ignore[arg-type]
    return context


def take_updates() -> bytes | None:
    """Take what this process added to accumulators since its function was unpickled; None if it names none.

    They travel with the rows, so that only successful tasks count, and each batch of them has an id: rows that are
    read again, from a cache or a shuffle, count once (`jobs.Jobs.apply`).
    """
    registry = accumulators._accumulatorRegistry
    # Negative ones are the profilers', which the engine collects itself. What stays would be reported a second time.
    updates = [(aid, registry.pop(aid)._value) for aid in list(registry) if aid >= 0]
    return os.urandom(UPDATES_ID_BYTES) + pickle.dumps(updates, pickle.HIGHEST_PROTOCOL) if updates else None


def report_updates(updates: Iterable[bytes]) -> None:
    """Send what earlier stages added beside the worker's own accumulators, as there is no place among the rows.

    `compat.accumulators` finds it there; any other client passes it over.
    """
    registry: dict[Any, Any] = accumulators._accumulatorRegistry
    for number, data in enumerate(updates):
        registry[f"{REPORTED}{number}"] = _Reported(data)


class _Reported:
    def __init__(self, data: bytes) -> None:
        self._value = data


# Begins what stands for an accumulator's number where `report_updates` wrote it.
REPORTED = "firesteel:"

# Length of the id in front of pickled updates.
UPDATES_ID_BYTES = 12


# What a task says to the coordinator beside PySpark's 1 (barrier) and 2 (all gather).
JOIN_FUNCTION = 3
DONE = 0


class BarrierOfDriver(BarrierTaskContext):
    """A barrier context that the driver's coordinator serves (`barrier.Coordinator`), by PySpark's socket protocol."""

    _stage_secret = ""
    _coordinator: Any = None

    def join(self) -> None:
        """Open the line by which the coordinator learns how the task ends: without a word if its process dies."""
        self._coordinator = self._connect()
        _wire.write_int(JOIN_FUNCTION, self._coordinator[0])
        self._coordinator[0].flush()

    def leave(self, failure: str | None) -> None:
        """Tell how the task ended."""
        stream, connection = self._coordinator
        with contextlib.suppress(OSError):
            if failure is None:
                _wire.write_int(DONE, stream)
            else:
                _wire.write_with_length(failure.encode(), stream)
            stream.close()
            connection.close()

    def barrier(self) -> None:
        """See PySpark's."""
        self._call(BARRIER_FUNCTION, None)

    def allGather(self, message: str = "") -> list[str]:
        """See PySpark's."""
        if not isinstance(message, str):
            raise TypeError("Argument `message` must be of type `str`")
        return self._call(ALL_GATHER_FUNCTION, message)

    def _connect(self) -> Any:
        stream, connection = local_connect_and_auth(self._conn_info, f"{self._stage_secret}:{self._partitionId}")
        connection.settimeout(None)
        return stream, connection

    def _call(self, function: int, message: str | None) -> list[str]:
        stream, connection = self._connect()
        try:
            _wire.write_int(function, stream)
            if message is not None:
                _wire.write_with_length(message.encode(), stream)
            stream.flush()
            count = _wire.read_int(stream)
            texts = [_wire.UTF8Deserializer().loads(stream) for _ in range(abs(count))]
        finally:
            stream.close()
            connection.close()
        if count < 0:
            raise RuntimeError(f"Another task of the barrier stage failed: {texts[0]}")
        return texts


def joined(context: BarrierOfDriver, rows: Iterable[Any]) -> Iterator[Any]:
    """Yield what a barrier task writes; the coordinator learns of its end, so that none waits for one that failed."""
    context.join()
    try:
        yield from rows
    except BaseException as error:
        context.leave(f"{type(error).__name__}: {error}")
        raise
    context.leave(None)


def _barrier_context(context: TaskContext, n_tasks: int, port: int, secret: str) -> Any:
    barrier: Any = object.__new__(BarrierOfDriver)
    barrier.__dict__.update(context.__dict__)
    barrier._conn_info = port
    barrier._stage_secret = secret
    address = f"{socket.gethostname()}:{port}"
    barrier._localProperties = {**barrier._localProperties, "addresses": ",".join([address] * n_tasks)}
    # The worker takes both back at the end of its function.
    TaskContext._setTaskContext(barrier)
    BarrierTaskContext._setTaskContext(barrier)
    return barrier
