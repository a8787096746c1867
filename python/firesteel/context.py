"""``spark.sparkContext``: what programs use of it beside RDDs.

Each part is served by the session. Whatever else is asked for raises one error that names it.
"""

from __future__ import annotations

import getpass
import time
from typing import TYPE_CHECKING, Any, NoReturn

from pyspark.conf import SparkConf

from firesteel.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

_INSTEAD_OF_RDD = "RDDs are not there yet: use DataFrames (spark.createDataFrame, spark.read)."
_INSTEAD_OF_JVM = "There is no JVM: use the DataFrame API or a Python function."

_RDD_FEATURES = frozenset(
    (
        *("accumulator", "binaryFiles", "binaryRecords", "broadcast", "dump_profiles", "emptyRDD"),
        *("hadoopFile", "hadoopRDD", "newAPIHadoopFile", "newAPIHadoopRDD", "parallelize", "pickleFile"),
        *("range", "runJob", "sequenceFile", "show_profiles", "statusTracker", "textFile", "union"),
        "wholeTextFiles",
    )
)


class SparkContext:
    """The session's side of PySpark's ``SparkContext``.

    Parameters
    ----------
    session : pyspark.sql.connect.session.SparkSession
        The session it belongs to; stopping one stops the other.
    """

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._local_properties: dict[str, str] = {}
        self.startTime = int(time.time() * 1000)

    @property
    def version(self) -> str:
        """Version of Spark that the engine answers to."""
        return self._session.version

    @property
    def master(self) -> str:
        """Master URL the engine was started with."""
        return self._conf_value("spark.master", "local[*]")

    @property
    def appName(self) -> str:
        """Name of the application."""
        return self._conf_value("spark.app.name", "")

    @property
    def applicationId(self) -> str:
        """Identifier of the application."""
        return self._conf_value("spark.app.id", f"local-{self.startTime}")

    @property
    def uiWebUrl(self) -> str | None:
        """Address of the web UI; None, as there is none yet."""
        return None

    @property
    def defaultParallelism(self) -> int:
        """Number of partitions where a program names none: the task slots, unless configured."""
        from firesteel.embedded import slots

        configured = self._conf_value("spark.default.parallelism", "")
        return int(configured) if configured else slots(self.master)

    @property
    def defaultMinPartitions(self) -> int:
        """Smallest number of partitions for a file, as Spark defines it."""
        return min(self.defaultParallelism, 2)

    @property
    def pythonVer(self) -> str:
        """Version of Python that functions run on: this one's."""
        from pyspark.sql.connect.utils import get_python_ver

        return get_python_ver()

    def sparkUser(self) -> str:
        """Return the name of the user."""
        return self._session.client._user_id or getpass.getuser()

    def getConf(self) -> SparkConf:
        """Return a copy of the session's configuration."""
        return SparkConf(loadDefaults=False).setAll(list(self._session.conf.getAll.items()))

    def setLogLevel(self, logLevel: str) -> None:
        """Set the engine's log level.

        Parameters
        ----------
        logLevel : str
            ALL, DEBUG, ERROR, FATAL, INFO, OFF, TRACE or WARN, in any case.
        """
        self._session.conf._set_all({"spark.log.level": logLevel.upper()}, silent=True)

    def setCheckpointDir(self, dirName: str) -> None:
        """Set the directory of ``DataFrame.checkpoint``."""
        self._session.conf._set_all({"spark.checkpoint.dir": dirName}, silent=True)

    def getCheckpointDir(self) -> str | None:
        """Return the directory of ``DataFrame.checkpoint``, None if none is set."""
        return self._conf_value("spark.checkpoint.dir", "") or None

    def addPyFile(self, path: str) -> None:
        """Add a .py or .zip file for the program's Python functions."""
        self._session.addArtifacts(path, pyfile=True)

    def addFile(self, path: str, recursive: bool = False) -> None:
        """Add a file for the program's Python functions.

        Parameters
        ----------
        path : str
            The file.
        recursive : bool, default False
            Directories need it in Spark; they are not supported here.
        """
        if recursive:
            raise UnsupportedFeatureError(
                "SparkContext.addFile(recursive=True)", "Pack the directory and use addArchive."
            )
        self._session.addArtifacts(path, file=True)

    def addArchive(self, path: str) -> None:
        """Add an archive for the program's Python functions."""
        self._session.addArtifacts(path, archive=True)

    def addJobTag(self, tag: str) -> None:
        """Tag the queries that this thread runs from now on."""
        self._session.addTag(tag)

    def removeJobTag(self, tag: str) -> None:
        """Take back `addJobTag`."""
        self._session.removeTag(tag)

    def getJobTags(self) -> set[str]:
        """Return this thread's tags."""
        return self._session.getTags()

    def clearJobTags(self) -> None:
        """Drop this thread's tags."""
        self._session.clearTags()

    def cancelJobsWithTag(self, tag: str) -> None:
        """Interrupt the running queries with this tag."""
        self._session.interruptTag(tag)

    def cancelAllJobs(self) -> None:
        """Interrupt all running queries of the session."""
        self._session.interruptAll()

    def setLocalProperty(self, key: str, value: str | None) -> None:
        """Keep a property of the program's; None removes it. Nothing in the engine reads it."""
        if value is None:
            self._local_properties.pop(key, None)
        else:
            self._local_properties[key] = value

    def getLocalProperty(self, key: str) -> str | None:
        """Return what `setLocalProperty` kept, None if nothing."""
        return self._local_properties.get(key)

    def setJobDescription(self, value: str | None) -> None:
        """Keep a description for the program's next queries."""
        self.setLocalProperty("spark.job.description", value)

    def stop(self) -> None:
        """Stop the session."""
        self._session.stop()

    def __enter__(self) -> SparkContext:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<SparkContext master={self.master} appName={self.appName}>"

    def __getattr__(self, name: str) -> NoReturn:
        if name in _RDD_FEATURES:
            raise UnsupportedFeatureError(f"SparkContext.{name}", _INSTEAD_OF_RDD)
        if name in ("_jsc", "_jvm", "_gateway"):
            raise UnsupportedFeatureError(f"SparkContext.{name}", _INSTEAD_OF_JVM)
        if name.startswith("_"):
            # Copying, pickling and notebooks probe for these.
            raise AttributeError(name)
        raise UnsupportedFeatureError(f"SparkContext.{name}", "Use the SparkSession.")

    def _conf_value(self, key: str, default: str) -> str:
        value: Any = self._session.conf.get(key, default)
        return default if value is None else str(value)
