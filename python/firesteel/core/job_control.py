"""The part of SparkContext that names, tags and cancels jobs: groups, tags, local properties, status.

Local properties belong to a thread. They lie beside the client's own tags, in its thread-local object, so that what
copies that to another thread (``InheritableThread``) copies both. They travel with a job's stages (`task.Stage`), a
job group also as a tag of the call to the server, by which it is cancelled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from pyspark.errors import IllegalArgumentException

from firesteel.core.status import StatusTracker

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

    from firesteel.core.jobs import Job, Jobs

_GROUP = "spark.jobGroup.id"
_DESCRIPTION = "spark.job.description"
_INTERRUPT = "spark.job.interruptOnCancel"
# Where a thread's properties lie in the client's thread-local object.
_ATTRIBUTE = "firesteel_local_properties"


def local_properties(client: Any) -> dict[str, str] | None:
    """Return this thread's properties of a Connect client, None if none has been set."""
    properties: dict[str, str] | None = getattr(client.thread_local, _ATTRIBUTE, None)
    return properties


def set_local_properties(client: Any, properties: dict[str, str]) -> None:
    """Replace this thread's properties."""
    setattr(client.thread_local, _ATTRIBUTE, properties)


def tag_of_group(group: str) -> str:
    """Return the tag under which the server knows a job group. A tag takes no comma, a group may have one."""
    return f"firesteel-job-group-{quote(group, safe='')}"


def _check_tag(tag: str | None) -> None:
    for wrong, what in (
        (tag is None, "be null"),
        (tag == "", "be an empty string"),
        ("," in (tag or ""), "contain ','"),
    ):
        if wrong:
            raise IllegalArgumentException(f"Spark job tag cannot {what}.")


class JobControl:
    """What SparkContext has for jobs."""

    _session: SparkSession
    _jobs: Jobs

    def setJobGroup(self, groupId: str, description: str, interruptOnCancel: bool = False) -> None:
        """Put the jobs that this thread starts from now on into a group.

        Parameters
        ----------
        groupId : str
            The group, for `cancelJobGroup`.
        description : str
            What a person is told of it.
        interruptOnCancel : bool, default False
            Of no effect beyond the property: the tasks of a cancelled job always end.
        """
        self.setLocalProperty(_GROUP, groupId)
        self.setLocalProperty(_DESCRIPTION, description)
        self.setLocalProperty(_INTERRUPT, str(interruptOnCancel).lower())

    def setInterruptOnCancel(self, interruptOnCancel: bool) -> None:
        """Keep the property; the tasks of a cancelled job always end."""
        self.setLocalProperty(_INTERRUPT, str(interruptOnCancel).lower())

    def cancelJobGroup(self, groupId: str) -> None:
        """Cancel the running jobs of a group."""
        self._jobs.cancel(f"part of cancelled job group {groupId}", lambda job: job.group == groupId)
        self._session.interruptTag(tag_of_group(groupId))

    def addJobTag(self, tag: str) -> None:
        """Tag the jobs and queries that this thread starts from now on.

        Raises
        ------
        IllegalArgumentException
            The tag is empty or contains a comma; so for the others of tags.
        """
        _check_tag(tag)
        self._session.addTag(tag)

    def removeJobTag(self, tag: str) -> None:
        """Take back `addJobTag`; nothing happens if the thread has no such tag."""
        _check_tag(tag)
        if tag in self._session.getTags():
            self._session.removeTag(tag)

    def getJobTags(self) -> set[str]:
        """Return this thread's tags."""
        return set(self._session.getTags())

    def clearJobTags(self) -> None:
        """Drop this thread's tags."""
        self._session.clearTags()

    def cancelJobsWithTag(self, tag: str) -> None:
        """Cancel the running jobs and queries with this tag."""
        _check_tag(tag)
        self._jobs.cancel(f"part of cancelled job tags {tag}", lambda job: tag in job.tags)
        self._session.interruptTag(tag)

    def cancelAllJobs(self) -> None:
        """Cancel all running jobs and queries of the session."""
        self._jobs.cancel("as part of cancellation of all jobs")
        self._session.interruptAll()

    def setLocalProperty(self, key: str, value: str | None) -> None:
        """Set a property of this thread, which tasks see in ``TaskContext.getLocalProperty``.

        Parameters
        ----------
        key : str
            Its name.
        value : str or None
            Its value; None removes it.
        """
        client = self._session.client
        # A new dictionary: jobs under way and other threads keep what they have.
        properties = dict(local_properties(client) or {})
        if value is None:
            properties.pop(key, None)
        else:
            properties[key] = str(value)
        set_local_properties(client, properties)
        from firesteel.compat.local_properties import send_local_properties

        send_local_properties()

    def getLocalProperty(self, key: str) -> str | None:
        """Return a property of this thread, None if it is not set."""
        properties = self._local_properties()
        return properties.get(key) if properties else None

    def setJobDescription(self, value: str | None) -> None:
        """Describe the jobs that this thread starts from now on; None takes it back."""
        self.setLocalProperty(_DESCRIPTION, value)

    def statusTracker(self) -> StatusTracker:
        """Return an object that reports on RDD jobs."""
        return StatusTracker(self)  # type: ignore[arg-type]

    def _job(self, name: str = "", attempt: int = 0) -> Job:
        """Return a new job, to be entered with ``with``; `attempt` is how often it has failed."""
        return self._jobs.start(self, name, attempt)  # type: ignore[arg-type]

    def _local_properties(self) -> dict[str, str] | None:
        return local_properties(self._session.client)
