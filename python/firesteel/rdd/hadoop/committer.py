"""Output directories that a failed or repeated task leaves clean, as Hadoop's ``FileOutputCommitter`` (version 1).

```
out/_temporary/0/_temporary/attempt_JOB_m_000003_ab12/part-00003    a task writes
out/_temporary/0/task_JOB_m_000003/part-00003                       its directory renamed: the task has committed
out/part-00003, out/_SUCCESS                                        the driver moves them when all tasks have
```

A task whose job was aborted finds its directory gone and fails; nothing of it stays.
"""

from __future__ import annotations

import os
import shutil
import uuid
from typing import TYPE_CHECKING

from firesteel.rdd.hadoop.errors import file_already_exists
from firesteel.rdd.hadoop.paths import local_path, uri

if TYPE_CHECKING:
    from collections.abc import Callable

_TEMPORARY = "_temporary"


class JobOutput:
    """The driver's side: one directory being written.

    Parameters
    ----------
    path : str
        Where the program wants it.

    Raises
    ------
    Py4JJavaError
        ``FileAlreadyExistsException`` if it exists.
    """

    def __init__(self, path: str) -> None:
        self.directory = local_path(path)
        if os.path.lexists(self.directory):
            raise file_already_exists(f"Output directory {uri(self.directory)} already exists")
        self.job = uuid.uuid4().hex[:16]
        self._attempts = os.path.join(self.directory, _TEMPORARY, "0")
        os.makedirs(os.path.join(self._attempts, _TEMPORARY))

    def for_tasks(self) -> TaskOutput:
        """Return what tasks need to know, to be pickled."""
        return TaskOutput(self.directory, self.job)

    def commit(self, *, mark_success: bool = True) -> None:
        """Move what the tasks have committed to its place."""
        for task in sorted(os.listdir(self._attempts)):
            if task.startswith(f"task_{self.job}_"):
                directory = os.path.join(self._attempts, task)
                for name in os.listdir(directory):
                    os.replace(os.path.join(directory, name), os.path.join(self.directory, name))
        self.abort()
        if mark_success:
            with open(os.path.join(self.directory, "_SUCCESS"), "wb"):
                pass

    def abort(self) -> None:
        """Remove what tasks have written. The directory itself stays, as Hadoop's does."""
        shutil.rmtree(os.path.join(self.directory, _TEMPORARY), ignore_errors=True)


class TaskOutput:
    """A task's side.

    Parameters
    ----------
    directory : str
        The output directory.
    job : str
        Number of the job.
    """

    def __init__(self, directory: str, job: str) -> None:
        self.directory = directory
        self.job = job

    def write(self, partition: int, name: str, write: Callable[[str], None]) -> None:
        """Let `write` fill a file of this `name`, then commit it; whatever it raises leaves nothing behind."""
        temporary = os.path.join(self.directory, _TEMPORARY, "0")
        task = f"{self.job}_m_{partition:06d}"
        attempt = os.path.join(temporary, _TEMPORARY, f"attempt_{task}_{uuid.uuid4().hex[:8]}")
        os.mkdir(attempt)
        try:
            write(os.path.join(attempt, name))
            committed = os.path.join(temporary, f"task_{task}")
            # A task that ran before and whose answer was lost: the last one counts.
            shutil.rmtree(committed, ignore_errors=True)
            os.rename(attempt, committed)
        except BaseException:
            shutil.rmtree(attempt, ignore_errors=True)
            raise
