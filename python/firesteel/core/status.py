"""``sc.statusTracker()``: what is known of recent jobs and stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext


class SparkJobInfo(NamedTuple):
    """What is known of a job; `status` is RUNNING, SUCCEEDED or FAILED."""

    jobId: int
    stageIds: list[int]
    status: str


class SparkStageInfo(NamedTuple):
    """What is known of a stage."""

    stageId: int
    currentAttemptId: int
    name: str
    numTasks: int
    numActiveTasks: int
    numCompletedTasks: int
    numFailedTasks: int


class SparkExecutorInfo(NamedTuple):
    """What is known of a process that runs tasks; sizes in bytes."""

    host: str
    port: int
    cacheSize: int
    numRunningTasks: int
    usedOnHeapStorageMemory: int
    usedOffHeapStorageMemory: int
    totalOnHeapStorageMemory: int
    totalOffHeapStorageMemory: int


class StatusTracker:
    """Reports on the RDD jobs of a SparkContext, the most recent ones.

    As in Spark an answer may lag behind: a stage may be known by its number only.

    Parameters
    ----------
    sc : SparkContext
        The context whose jobs it reports on.
    """

    def __init__(self, sc: SparkContext) -> None:
        self._sc = sc

    def getJobIdsForGroup(self, jobGroup: str | None = None) -> list[int]:
        """Return the known jobs of a group, whatever became of them.

        Parameters
        ----------
        jobGroup : str, optional
            The group of `SparkContext.setJobGroup`. Default: the jobs of no group.
        """
        return [job.job_id for job in self._sc._jobs.recent() if job.group == jobGroup]

    def getActiveStageIds(self) -> list[int]:
        """Return the stages that have running tasks, in ascending order."""
        return sorted(stage.stageId for job in self._active() for stage in job.stage_infos() if stage.numActiveTasks)

    def getActiveJobsIds(self) -> list[int]:
        """Return the running jobs, in ascending order."""
        return sorted(job.job_id for job in self._active())

    def getJobInfo(self, jobId: int) -> SparkJobInfo | None:
        """Return what is known of a job, None if it is unknown or too long ago."""
        for job in self._sc._jobs.recent():
            if job.job_id == jobId:
                return SparkJobInfo(jobId, [stage.stageId for stage in job.stage_infos()], job.status)
        return None

    def getStageInfo(self, stageId: int) -> SparkStageInfo | None:
        """Return what is known of a stage, None if it is unknown or too long ago."""
        for job in self._sc._jobs.recent():
            for stage in job.stage_infos():
                if stage.stageId == stageId:
                    return stage
        return None

    def getExecutorInfos(self) -> list[SparkExecutorInfo]:
        """Return the one process that runs tasks, as in Spark's local mode."""
        running = sum(stage.numActiveTasks for job in self._active() for stage in job.stage_infos())
        host = self._sc._conf_get("spark.driver.host", "localhost") or "localhost"
        return [SparkExecutorInfo(host, 0, 0, min(running, self._sc.defaultParallelism), 0, 0, 0, 0)]

    def _active(self) -> list[Job]:
        return [job for job in self._sc._jobs.recent() if job.status == "RUNNING"]


if TYPE_CHECKING:
    from firesteel.core.jobs import Job
