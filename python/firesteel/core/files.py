"""``SparkFiles``: where the files are that a program added, on the driver and in workers."""

from __future__ import annotations

import os
import sys

from firesteel.core.worker_state import worker_state


class SparkFiles:
    """Resolves paths to files added through `SparkContext.addFile`; has class methods only."""

    def __init__(self) -> None:
        raise NotImplementedError("Do not construct SparkFiles objects")

    @classmethod
    def get(cls, filename: str) -> str:
        """Return the absolute path of a file added by ``addFile`` or ``addPyFile``.

        Parameters
        ----------
        filename : str
            Its name, without a directory.
        """
        return os.path.abspath(os.path.join(cls.getRootDirectory(), filename))

    @classmethod
    def getRootDirectory(cls) -> str:
        """Return the directory that holds the files; on the driver it is another one than in remote workers.

        Raises
        ------
        RuntimeError
            There is no SparkContext and this is no task.
        """
        root: str | None = worker_state().files_root or _directory_of_worker()
        if root is None:
            raise RuntimeError("SparkFiles: there is no active SparkContext")
        return root


def _directory_of_worker() -> str | None:
    """Return where the worker's protocol said that the session's files are."""
    # Real Spark's own class has been told, where the whole package is installed.
    official = sys.modules.get("pyspark.core.files")
    if official is not None and getattr(official.SparkFiles, "_is_running_on_worker", False):
        root: str | None = official.SparkFiles._root_directory
        return root
    # With the client alone the worker only puts the directory on the path, right behind the program's.
    if "PYTHON_WORKER_FACTORY_SECRET" in os.environ or "PYTHON_UNIX_DOMAIN_ENABLED" in os.environ:
        return next((place for place in sys.path[1:] if os.path.isdir(place)), None)
    return None
