"""Jobs of a SparkContext: one for each action, with the stages it runs and what comes back beside the data."""

from __future__ import annotations

import contextlib
import itertools
import pickle
import threading
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any

from pyspark.accumulators import _accumulatorRegistry

from firesteel.core.status import SparkStageInfo
from firesteel.core.task import UPDATES_ID_BYTES, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from firesteel.core.barrier import Coordinator
    from firesteel.core.context import SparkContext

# Spark's spark.ui.retainedJobs.
JOBS_KEPT = 1000
# Ids of updates that have been applied. Only data that is kept brings one again, and 200,000 tasks of a program that
# uses accumulators cost 20 MB.
APPLIED_KEPT = 200_000


class Job:
    """One running action; entered with ``with``, which tells how it ended.

    Parameters
    ----------
    sc : SparkContext
        The context it runs in.
    job_id : int
        Its number there.
    name : str
        The action's name.
    attempt : int, default 0
        How often it has failed.
    """

    def __init__(self, sc: SparkContext, job_id: int, name: str, attempt: int = 0) -> None:
        self._sc = sc
        self.job_id = job_id
        self.name = name
        self._attempt = attempt
        # Updates wait for the end of a job that may be tried again: then its tasks count in the attempt that succeeds.
        self._waiting: list[bytes] | None = [] if sc._attempts_max > 1 else None
        properties = sc._local_properties()
        self._properties = dict(properties) if properties else {}
        self.group = self._properties.get("spark.jobGroup.id")
        self.tags: set[str] = set(sc._session.getTags())
        # Spark's sentence about it, when the program has cancelled it.
        self.cancelled: str | None = None
        self.status = "RUNNING"
        self._stages: list[tuple[int, int]] = []
        self._done = 0
        self._coordinators: list[Coordinator] = []
        # Whether what shuffles send is kept for later jobs; what is so kept and read by this one; what to do if it fails.
        self.keeps_shuffles = False
        self.used: list[Any] = []
        self.undo: list[Callable[[], None]] = []

    @contextlib.contextmanager
    def keeping(self, keeps: bool) -> Iterator[None]:
        """Plan a part of the job with another `keeps_shuffles`."""
        before, self.keeps_shuffles = self.keeps_shuffles, keeps
        try:
            yield
        finally:
            self.keeps_shuffles = before

    def stage(self, n_tasks: int, *, barrier: bool = False) -> Stage | None:
        """Count a new stage of the job, and return what its tasks need beside their function; None for nothing.

        Parameters
        ----------
        n_tasks : int
            Number of its tasks.
        barrier : bool, default False
            Whether its tasks wait for one another (`RDD.barrier`).

        Raises
        ------
        SparkException
            A barrier stage has more tasks than there are slots.
        """
        sc = self._sc
        coordinator = None
        if barrier:
            from firesteel.core.barrier import Coordinator, check_slots

            check_slots(sc, n_tasks)
            coordinator = Coordinator(n_tasks)
            self._coordinators.append(coordinator)
        self._stages.append((sc._jobs.next_stage_id(), n_tasks))
        files_root = sc._shipped.root_if_any if sc._shares_files else None
        profiler = sc._new_profiler()
        if not (coordinator or files_root or profiler or self._properties or self._attempt):
            return None
        address = None if coordinator is None else (coordinator.port, coordinator.secret)
        return Stage(n_tasks, self._properties, files_root, address, profiler, self._attempt)

    def apply(self, payload: bytes) -> None:
        """Add a task's updates to the driver's accumulators, once however often they arrive.

        Parameters
        ----------
        payload : bytes
            What `task.take_updates` gave.
        """
        if self._waiting is None:
            self._sc._jobs.apply(payload)
        else:
            self._waiting.append(payload)

    def task_done(self) -> None:
        """Count a finished task of the last stage, for the status tracker."""
        self._done += 1

    def stage_infos(self) -> list[SparkStageInfo]:
        """Return what is known of the job's stages."""
        infos = []
        for position, (stage_id, n_tasks) in enumerate(self._stages):
            if self.status == "SUCCEEDED":
                done = n_tasks
            else:
                done = min(self._done, n_tasks) if position == len(self._stages) - 1 else 0
            failed = int(self.status == "FAILED" and position == len(self._stages) - 1)
            active = n_tasks - done if self.status == "RUNNING" else 0
            # The others wait for a slot.
            active = min(active, self._sc._slots or active)
            infos.append(SparkStageInfo(stage_id, 0, self.name, n_tasks, active, done, failed))
        return infos

    def __enter__(self) -> Job:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error is not None:
            from firesteel.core.java_errors import as_job_error

            as_job_error(error, self.cancelled)
        # A generator that is closed early (`toLocalIterator`) has got what it wanted.
        self.status = "SUCCEEDED" if kind is None or kind is GeneratorExit else "FAILED"
        if self.status == "SUCCEEDED":
            for payload in self._waiting or ():
                self._sc._jobs.apply(payload)
        for coordinator in self._coordinators:
            coordinator.close()
        if self.status == "FAILED":
            for undo in self.undo:
                undo()
        self.used.clear()
        self.undo.clear()


class Jobs:
    """The jobs of one SparkContext and the numbers they are given."""

    def __init__(self) -> None:
        self._job_ids = itertools.count()
        self._lock = threading.Lock()
        self._stage_ids = itertools.count()
        self._recent: deque[Job] = deque(maxlen=JOBS_KEPT)
        self._applied: OrderedDict[bytes, None] = OrderedDict()

    def start(self, sc: SparkContext, name: str, attempt: int = 0) -> Job:
        """Return a new job."""
        job = Job(sc, next(self._job_ids), name, attempt)
        job.keeps_shuffles = sc._shares_files
        self._recent.append(job)
        return job

    def cancel(self, reason: str, of: Callable[[Job], bool] = lambda _: True) -> None:
        """Note why running jobs are cancelled, before the server is told.

        Parameters
        ----------
        reason : str
            What Spark says after "Job N cancelled".
        of : callable
            Whether a job is one of those; by default all are.
        """
        for job in self.recent():
            if job.status == "RUNNING" and of(job):
                job.cancelled = f"Job {job.job_id} cancelled {reason}"

    def recent(self) -> list[Job]:
        """Return the last jobs, the oldest first."""
        return list(self._recent)

    def next_stage_id(self) -> int:
        """Return a new stage's number."""
        return next(self._stage_ids)

    def apply(self, payload: bytes) -> None:
        """Add a task's updates to the driver's accumulators unless they have been added before."""
        identity, updates = payload[:UPDATES_ID_BYTES], pickle.loads(payload[UPDATES_ID_BYTES:])  # noqa: S301  (from the program's own functions)
        # One lock for all: `addInPlace` is the user's and may change what it is given.
        with self._lock:
            if identity in self._applied:
                return
            self._applied[identity] = None
            if len(self._applied) > APPLIED_KEPT:
                self._applied.popitem(last=False)
            for aid, update in updates:
                accumulator = _accumulatorRegistry.get(aid)
                if accumulator is not None:
                    accumulator.add(update)
