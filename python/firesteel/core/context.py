"""``SparkContext`` over a Spark Connect session: how it begins and ends, what it is, what it offers.

The context and its session come and go together: ``SparkContext("local[4]", "app")`` opens a session,
``spark.sparkContext`` gives the context of one. One context is active in a process, as in PySpark. What it offers for
jobs, data and files stands in its base classes, by topic.
"""

from __future__ import annotations

import contextlib
import getpass
import itertools
import os
import shutil
import sys
import tempfile
import threading
import time
import uuid
import weakref
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, cast

from pyspark import serializers
from pyspark.accumulators import Accumulator, AccumulatorParam
from pyspark.conf import SparkConf
from pyspark.errors import PySparkRuntimeError
from pyspark.taskcontext import TaskContext

from firesteel import embedded
from firesteel.core.broadcast import Broadcast
from firesteel.core.call_site import call_site
from firesteel.core.job_control import JobControl
from firesteel.core.jobs import Jobs
from firesteel.core.rdd_sources import RDDSources
from firesteel.core.shipped_files import ShippedFiles
from firesteel.core.worker_state import worker_state
from firesteel.errors import UnsupportedFeatureError
from firesteel.mllib import bridge
from firesteel.rdd.files import FileSources

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark import StorageLevel
    from pyspark.resource import ResourceInformation
    from pyspark.serializers import Serializer
    from pyspark.sql.connect.session import SparkSession

INSTEAD_OF_JVM = "There is no JVM: use the DataFrame API, SQL or a Python function."
_LOG_LEVELS = ("ALL", "DEBUG", "ERROR", "FATAL", "INFO", "OFF", "TRACE", "WARN")

# What `setSystemProperty` set, for contexts that begin later.
_system_properties: dict[str, str] = {}


class _NeedsJvm:
    """An attribute that PySpark fills with a JVM: None on the class, an error on an instance, except for mllib."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: SparkContext | None, owner: type) -> Any:
        if instance is None:
            return None
        if bridge.asked_by_mllib() and self._name != "_gateway":
            return bridge.attribute_of_context(instance, self._name)
        raise UnsupportedFeatureError(f"SparkContext.{self._name}", INSTEAD_OF_JVM)


class SparkContext(JobControl, RDDSources, FileSources):
    """Entry point to RDDs and shared variables; see PySpark's ``SparkContext``.

    Parameters
    ----------
    master : str, optional
        ``local``, ``local[N]``, ``local[*]`` for the embedded engine, ``sc://host:port`` for a server. Default: what
        `conf` or the command line says, else ``local[*]``.
    appName : str, optional
        Name of the application. Default: what `conf` or the command line says, else ``pyspark-shell``.
    sparkHome : str, optional
        Kept in the configuration; nothing uses it.
    pyFiles : list of str, optional
        .py and .zip files for import, here and in tasks. Default: none.
    environment : dict of str to str, optional
        Environment variables of the Python workers. Default: none.
    batchSize : int, default 0
        Kept for programs that read it; chunks of data are sized by bytes.
    serializer : pyspark.serializers.Serializer, optional
        Serializer of elements, where one is asked for by name. Default: ``CPickleSerializer``.
    conf : pyspark.SparkConf, optional
        Configuration; the parameters above come before it.
    gateway, jsc : None
        They would be a JVM's.
    profiler_cls, udf_profiler_cls, memory_profiler_cls : type, optional
        Profilers for ``spark.python.profile``. Default: PySpark's.

    Raises
    ------
    ValueError
        Another context is active, or the master is not one that there is.
    """

    _gateway = _NeedsJvm()
    _jvm = _NeedsJvm()
    _jsc = _NeedsJvm()
    _active_spark_context: ClassVar[SparkContext | None] = None
    _lock: ClassVar[Any] = threading.RLock()
    _next_accum_id: ClassVar[int] = 0
    PACKAGE_EXTENSIONS = (".zip", ".egg", ".jar")

    def __init__(
        self,
        master: str | None = None,
        appName: str | None = None,
        sparkHome: str | None = None,
        pyFiles: list[str] | None = None,
        environment: dict[str, Any] | None = None,
        batchSize: int = 0,
        serializer: Serializer | None = None,
        conf: SparkConf | None = None,
        gateway: None = None,
        jsc: None = None,
        profiler_cls: type | None = None,
        udf_profiler_cls: type | None = None,
        memory_profiler_cls: type | None = None,
    ) -> None:
        if gateway is not None or jsc is not None:
            raise UnsupportedFeatureError("SparkContext(gateway=…, jsc=…)", INSTEAD_OF_JVM)
        if conf is None or (conf.get("spark.executor.allowSparkContext") or "false").lower() != "true":
            self._assert_on_driver()
        options: dict[str, Any] = {**embedded.defaults, **_system_properties, **dict(conf.getAll() if conf else ())}
        given = {"spark.master": master, "spark.app.name": appName, "spark.home": sparkHome}
        options.update({key: value for key, value in given.items() if value})
        options.update({f"spark.executorEnv.{name}": str(value) for name, value in (environment or {}).items()})
        options.setdefault("spark.app.name", "pyspark-shell")
        with SparkContext._lock:
            _refuse_second(SparkContext._current())
            session = embedded.open_session(options)
            self._begin(session, options, batchSize, serializer, (profiler_cls, udf_profiler_cls, memory_profiler_cls))
            # The session's own, so that it does not make another one.
            session.__dict__["_firesteel_context"] = self
            SparkContext._active_spark_context = self
        for path in pyFiles or []:
            self.addPyFile(path)

    @classmethod
    def _of_session(cls, session: SparkSession) -> SparkContext:
        """Return the context of a session, which makes one at first."""
        with SparkContext._lock:
            context: SparkContext | None = session.__dict__.get("_firesteel_context")
            if context is None:
                context = cls._sharing(session)
                if context is None:
                    context = cls.__new__(cls)
                    context._begin(session, session.__dict__.get("_firesteel_options"))
                session.__dict__["_firesteel_context"] = context
            if SparkContext._active_spark_context is None:
                SparkContext._active_spark_context = context
            return context

    @staticmethod
    def _sharing(session: SparkSession) -> SparkContext | None:
        """Return the active context if it is of the same embedded engine: sessions of one engine share it."""
        from firesteel._connect import engine_of

        active = SparkContext._active_spark_context
        engine = engine_of(session)
        return active if active is not None and engine is not None and engine_of(active._session) is engine else None

    @staticmethod
    def _current() -> SparkContext | None:
        """Return the context of this process: the active one, else that of the session there is."""
        active = SparkContext._active_spark_context
        if active is not None:
            if not active._session.is_stopped:
                return active
            SparkContext._active_spark_context = None
        if "pyspark.sql.connect.session" not in sys.modules:
            return None
        from firesteel import _connect

        session = _connect.current_session()
        return None if session is None else SparkContext._of_session(session)

    def _begin(
        self,
        session: SparkSession,
        options: Mapping[str, Any] | None,
        batch_size: int = 0,
        serializer: Serializer | None = None,
        profilers: tuple[type | None, type | None, type | None] = (None, None, None),
    ) -> None:
        from firesteel import _connect

        self._session = session
        self._callsite = call_site()
        self._engine = _connect.engine_of(session)
        self.startTime = int(time.time() * 1000)
        self._conf = self._configuration(options)
        self._batchSize = batch_size
        wire: Any = serializers  # its classes have no annotations
        self._unbatched_serializer = serializer if serializer is not None else wire.CPickleSerializer()
        self.serializer = (
            wire.AutoBatchedSerializer(self._unbatched_serializer)
            if batch_size == 0
            else wire.BatchedSerializer(self._unbatched_serializer, batch_size)
        )
        self._jobs = Jobs()
        self._rdd_ids = itertools.count()
        self._last_rdd_id = 0
        self._broadcast_ids = itertools.count()
        self._checkpoint_dir: str | None = None
        # Whether any RDD was asked for its barrier stage: until then there is nothing to check.
        self._has_barriers = False
        places = self._conf_get("spark.local.dir") or os.environ.get("SPARK_LOCAL_DIRS") or tempfile.gettempdir()
        self._temp_dir_path = os.path.join(places.split(",")[0], f"firesteel-{uuid.uuid4().hex}")
        self._remove_temp_dir = weakref.finalize(self, _remove_directory, self._temp_dir_path, os.getpid())
        self._shipped = ShippedFiles(session, self)
        self._python_includes: list[str] = []
        self.environment = {
            key[len("spark.executorEnv.") :]: value
            for key, value in self._conf.items()
            if key.startswith("spark.executorEnv.")
        }
        self.profiler_collector: Any = self._profilers(profilers)

    # What it is

    @property
    def master(self) -> str:
        """Master URL."""
        return self._conf_get("spark.master") or embedded.DEFAULT_MASTER

    @property
    def appName(self) -> str:
        """Name of the application."""
        return self._conf_get("spark.app.name") or ""

    @property
    def sparkHome(self) -> str | None:
        """What was given as Spark's directory."""
        return self._conf_get("spark.home")

    @property
    def version(self) -> str:
        """Version of Spark that the server answers to."""
        return self._session.version

    @property
    def applicationId(self) -> str:
        """Identifier of the application."""
        return self._conf_get("spark.app.id") or f"local-{self.startTime}"

    @property
    def uiWebUrl(self) -> str | None:
        """Address of the web UI; None, as there is none yet."""
        return None

    @property
    def pythonVer(self) -> str:
        """Version of Python that functions run on: this one's."""
        return f"{sys.version_info[0]}.{sys.version_info[1]}"

    @property
    def pythonExec(self) -> str:
        """The Python that functions run on."""
        return os.environ.get("PYSPARK_PYTHON", sys.executable)

    @property
    def defaultParallelism(self) -> int:  # type: ignore[override]
        """Number of partitions where a program names none: the task slots, unless configured."""
        configured = self._conf_get("spark.default.parallelism")
        return int(configured) if configured else self._slots or self._partitions_of_server()

    @property
    def resources(self) -> dict[str, ResourceInformation]:
        """Devices such as GPUs; there are none."""
        return {}

    def sparkUser(self) -> str:
        """Return the name of the user."""
        return self._session.client._user_id or getpass.getuser()

    def getConf(self) -> SparkConf:
        """Return a copy of the configuration."""
        return SparkConf(loadDefaults=False).setAll(list(self._conf.items()))

    def setLogLevel(self, logLevel: str) -> None:
        """Set the engine's log level.

        Parameters
        ----------
        logLevel : str
            ALL, DEBUG, ERROR, FATAL, INFO, OFF, TRACE or WARN, in any case.

        Raises
        ------
        IllegalArgumentException
            It is none of these.
        """
        if logLevel.upper() not in _LOG_LEVELS:
            from pyspark.errors import IllegalArgumentException

            raise IllegalArgumentException(
                f"Supplied level {logLevel} did not match one of: {','.join(sorted(_LOG_LEVELS))}"
            )
        self._session.conf._set_all({"spark.log.level": logLevel.upper()}, silent=True)

    @classmethod
    def setSystemProperty(cls, key: str, value: str) -> None:
        """Set a configuration value for the contexts that begin later."""
        _system_properties[key] = value

    @classmethod
    def getSystemProperty(cls, key: str) -> str | None:
        """Return what `setSystemProperty` set or the command line gave, None if nothing."""
        if key == "SPARK_SUBMIT":
            return "true"
        return _system_properties.get(key, embedded.defaults.get(key))

    @staticmethod
    def _getJavaStorageLevel(storageLevel: StorageLevel) -> StorageLevel:
        """Return the level as it is, where modules of ``pyspark.mllib`` want Java's."""
        return storageLevel

    # Shared variables

    def broadcast(self, value: Any) -> Broadcast[Any]:
        """Ship a read-only value to tasks, once for all functions that use it.

        Parameters
        ----------
        value : object
            Anything that can be pickled.
        """
        return Broadcast(self, value)

    def accumulator(self, value: Any, accum_param: AccumulatorParam[Any] | None = None) -> Accumulator[Any]:
        """Return a variable that tasks add to and the driver reads.

        Parameters
        ----------
        value : object
            Where it begins.
        accum_param : AccumulatorParam, optional
            How to add. Default: ``+`` for int, float and complex.

        Raises
        ------
        PySparkTypeError
            `value` is of another type, and no `accum_param` is given.
        """
        if accum_param is None:
            from pyspark import accumulators

            known: dict[type, Any] = {
                int: accumulators.INT_ACCUMULATOR_PARAM,
                float: accumulators.FLOAT_ACCUMULATOR_PARAM,
                complex: accumulators.COMPLEX_ACCUMULATOR_PARAM,
            }
            accum_param = next((param for kind, param in known.items() if isinstance(value, kind)), None)
            if accum_param is None:
                raise TypeError(f"No default accumulator param for type {type(value)}")
        from firesteel.compat.accumulators import add_what_is_reported

        add_what_is_reported()
        with SparkContext._lock:
            SparkContext._next_accum_id += 1
            number = SparkContext._next_accum_id - 1
        return Accumulator(number, value, accum_param)

    # Files

    def addFile(self, path: str, recursive: bool = False) -> None:
        """Ship a file to tasks, which find it with ``SparkFiles.get``.

        Parameters
        ----------
        path : str
            A local path, or an http, https or ftp URL. A path that has been added is passed over.
        recursive : bool, default False
            Whether a directory may be given.
        """
        self._shipped.add_file(path, recursive)

    @property
    def listFiles(self) -> list[str]:
        """URIs of the files that have been added."""
        return list(self._shipped.files)

    def addPyFile(self, path: str) -> None:
        """Ship a .py or .zip file for import, here and in tasks."""
        self._shipped.add_python(path)
        name = os.path.basename(path)
        if name.lower().endswith(self.PACKAGE_EXTENSIONS):
            self._python_includes.append(name)

    def addArchive(self, path: str) -> None:
        """Ship an archive, which tasks find unpacked with ``SparkFiles.get``.

        Parameters
        ----------
        path : str
            A .zip, .jar, .tar, .tar.gz or .tgz file; ``path#name`` unpacks it under another name.
        """
        self._shipped.add_archive(path)

    @property
    def listArchives(self) -> list[str]:
        """URIs of the archives that have been added."""
        return list(self._shipped.archives)

    def setCheckpointDir(self, dirName: str) -> None:
        """Set the directory of ``RDD.checkpoint`` and ``DataFrame.checkpoint``."""
        from firesteel.rdd.storage import checkpoint_directory

        self._checkpoint_dir = checkpoint_directory(dirName)
        # Other servers fix their own when they start.
        if self._engine is not None:
            self._session.conf._set_all({"spark.checkpoint.dir": dirName}, silent=True)

    def getCheckpointDir(self) -> str | None:
        """Return the directory of checkpoints, None if none is set."""
        return self._checkpoint_dir or self._conf_get("spark.checkpoint.dir")

    # Profiles

    def show_profiles(self) -> None:
        """Print the profiles of RDD functions; needs ``spark.python.profile``."""
        self._collector().show_profiles()

    def dump_profiles(self, path: str) -> None:
        """Write the profiles of RDD functions into the directory `path`; needs ``spark.python.profile``."""
        self._collector().dump_profiles(path)

    def _collector(self) -> Any:
        if self.profiler_collector is None:
            raise PySparkRuntimeError(errorClass="INCORRECT_CONF_FOR_PROFILE", messageParameters={})
        return self.profiler_collector

    def _profilers(self, classes: tuple[type | None, type | None, type | None]) -> Any:
        keys = ("spark.python.profile", "spark.python.profile.memory")
        if not any((self._conf_get(key) or "").lower() == "true" for key in keys):
            return None
        from pyspark import profiler

        standard = (profiler.BasicProfiler, profiler.UDFBasicProfiler, profiler.MemoryProfiler)
        chosen: list[Any] = [given or default for given, default in zip(classes, standard, strict=True)]
        collector: Any = profiler.ProfilerCollector
        return collector(*chosen, self._conf_get("spark.python.profile.dump"))

    # Begin and end

    @classmethod
    def getOrCreate(cls, conf: SparkConf | None = None) -> SparkContext:
        """Return the active context, or a new one with `conf`."""
        with SparkContext._lock:
            return cls._current() or SparkContext(conf=conf)

    def stop(self) -> None:
        """End the context and its session; a second call does nothing."""
        with contextlib.suppress(AttributeError):  # construction failed
            self._session.stop()
            self._end()

    def _end(self) -> None:
        """Forget what belongs to the context; its session has been stopped."""
        with SparkContext._lock:
            if SparkContext._active_spark_context is self:
                SparkContext._active_spark_context = None
                worker_state().files_root = None
        if self.profiler_collector is not None and self.profiler_collector.profile_dump_path:
            self.profiler_collector.dump_profiles(self.profiler_collector.profile_dump_path)
        self._remove_temp_dir()

    def __enter__(self) -> SparkContext:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __getnewargs__(self) -> NoReturn:
        # Asked for when a function that names the context is pickled.
        raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})

    def __reduce__(self) -> NoReturn:
        self.__getnewargs__()

    def __repr__(self) -> str:
        return f"<SparkContext master={self.master} appName={self.appName}>"

    def _repr_html_(self) -> str:
        rows = {"Version": f"v{self.version}", "Master": self.master, "AppName": self.appName}
        items = "".join(f"<dt>{name}</dt><dd><code>{value}</code></dd>" for name, value in rows.items())
        return f"<div><p><b>SparkContext</b></p><dl>{items}</dl></div>"

    @staticmethod
    def _assert_on_driver() -> None:
        if TaskContext.get() is not None:
            raise PySparkRuntimeError(errorClass="CONTEXT_ONLY_VALID_ON_DRIVER", messageParameters={})

    # For the RDD layer

    @property
    def _shares_files(self) -> bool:
        """Whether workers read the driver's files and import this package: those of an embedded engine do."""
        return self._engine is not None

    @property
    def _temp_dir(self) -> str:
        """The context's directory for what is temporary, made when it is first asked for."""
        os.makedirs(self._temp_dir_path, mode=0o700, exist_ok=True)
        return self._temp_dir_path

    @property
    def _slots(self) -> int | None:
        """Number of tasks that run at the same time, None if the server does not tell."""
        master = self._conf_get("spark.master") or ""
        return embedded.slots(master) if master.startswith("local") and "cluster" not in master else None

    @property
    def _attempts_max(self) -> int:
        """How often a job is tried: F of ``local[N,F]``. A server retries tasks by itself."""
        return embedded.attempts(self.master) if self._engine is not None else 1

    @property
    def _default_parallelism_is_set(self) -> bool:
        """Whether the program says into how many partitions shuffles go."""
        return bool(self._conf_get("spark.default.parallelism"))

    def _take_updates(self, updates: Any) -> None:
        """Add what tasks added to accumulators: bytes of `task.take_updates`."""
        self._jobs.apply(updates)

    def _next_rdd_id(self) -> int:
        if self._session.is_stopped:
            from pyspark.errors.exceptions.connect import SparkConnectException

            raise SparkConnectException(errorClass="NO_ACTIVE_SESSION", messageParameters={})
        self._last_rdd_id = next(self._rdd_ids)
        return self._last_rdd_id

    def _new_profiler(self) -> Any:
        """Return a profiler for a stage of the RDD made last, None if RDDs are not profiled."""
        if self.profiler_collector is None or self._conf_get("spark.python.profile") != "true":
            return None
        profiler = self.profiler_collector.new_profiler(self)
        self.profiler_collector.add_profiler(self._last_rdd_id, profiler)
        return profiler

    def _next_broadcast_id(self) -> int:
        return next(self._broadcast_ids)

    def _upload_file(self, name: str, path: str) -> None:
        self._shipped.upload(name, path)

    def _conf_get(self, key: str, default: str | None = None) -> str | None:
        """Return a value of the configuration the context began with, without asking the server."""
        return self._conf.get(key, default)

    def _configuration(self, options: Mapping[str, Any] | None) -> dict[str, str]:
        conf = {"spark.executor.id": "driver", "spark.rdd.compress": "True", "spark.submit.deployMode": "client"}
        conf["spark.serializer.objectStreamReset"] = "100"
        if self._engine is None:
            # A server may be asked once; it knows its master and its application.
            conf.update(self._session.conf.getAll)
            conf.setdefault("spark.master", "")
        else:
            conf.update(self._engine.conf)
            conf["spark.app.startTime"] = str(self.startTime)
            conf.setdefault("spark.app.id", f"local-{self.startTime}")
        conf.update({key: embedded.option_text(value) for key, value in (options or {}).items()})
        if self._engine is not None:
            conf["spark.master"] = self._engine.conf["spark.master"]
            conf.setdefault("spark.app.name", "pyspark-shell")
        return conf

    def _partitions_of_server(self) -> int:
        """Return how many partitions a server gives to what names none, asked once."""
        known = self.__dict__.get("_server_partitions")
        if known is None:
            from pyspark.sql.connect import functions

            numbers = self._session.range(1 << 16).select(functions.spark_partition_id().alias("p"))
            counted = numbers.select(functions.max("p"))
            known = self.__dict__["_server_partitions"] = cast("Any", counted.first())[0] + 1
        return int(known)


def _refuse_second(existing: SparkContext | None) -> None:
    if existing is not None:
        site = existing._callsite
        raise ValueError(
            f"Cannot run multiple SparkContexts at once; existing SparkContext(app={existing.appName}, "
            f"master={existing.master}) created by {site.function} at {site.file}:{site.line} "
        )


def _remove_directory(path: str, owner_pid: int) -> None:
    # A forked child inherits the finalizer, not the directory.
    if os.getpid() == owner_pid:
        shutil.rmtree(path, ignore_errors=True)
