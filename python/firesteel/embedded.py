"""Sessions of the embedded engine: the one engine of this process, and the options a builder gives.

``firesteel.session()`` and the patched ``SparkSession.builder`` both end in `get_or_create`.
"""

from __future__ import annotations

import atexit
import os
import re
import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any, cast

from firesteel import _engine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import SparkSession
    from pyspark.sql.connect.session import SparkSession as ConnectSession

DEFAULT_MASTER = "local[*]"

# Options given on the command line; what the program itself says comes before them.
defaults: dict[str, str] = {}

_lock = threading.RLock()
_current: _engine.Engine | None = None
_sessions: weakref.WeakSet[ConnectSession] = weakref.WeakSet()

# What asks for Java classes, and what to do instead.
_NEEDS_JVM = {
    "spark.jars": "It would load Java classes; drop the option.",
    "spark.jars.packages": ("It would load Java packages; drop the option. Parquet, CSV, JSON and text need none."),
}


def session(
    master: str | None = None, conf: Mapping[str, Any] | None = None, app_name: str | None = None
) -> SparkSession:
    """Return a Spark session, starting the engine if this process has none.

    Parameters
    ----------
    master : str, optional
        Task slots: ``local`` (one), ``local[N]`` or ``local[*]`` (one for each processor). Default
        ``local[*]``. Of no effect while a session is open.
    conf : mapping of str to any, optional
        Spark configuration; set on the session that is returned, new or not. Default: none.
    app_name : str, optional
        Name of the application, ``spark.app.name``. Default: Spark's.

    Returns
    -------
    pyspark.sql.SparkSession
        The active session if there is one, otherwise a new one.

    Raises
    ------
    EngineStartError
        The engine is missing or did not start.
    ValueError
        `master` is not one that the embedded engine can be.

    Examples
    --------
    >>> import firesteel
    >>> spark = firesteel.session(master="local[2]", conf={"spark.sql.ansi.enabled": True})
    >>> spark.range(3).count()
    3
    """
    options: dict[str, Any] = {**defaults, **(conf or {})}
    if master is not None:
        options["spark.master"] = master
    if app_name is not None:
        options["spark.app.name"] = app_name
    if server_url(options) is not None:
        from firesteel import compat

        return compat.connect_to_server(options)
    return get_or_create(options)


def get_or_create(options: Mapping[str, Any]) -> SparkSession:
    """Return the current session with `options` set on it, or a new one of the embedded engine."""
    with _lock:
        # While the client is not imported there is no session, and importing it can wait for the engine.
        if "pyspark.sql.connect.session" in sys.modules:
            from firesteel import _connect

            existing = _connect.current_session()
            if existing is not None:
                _connect.apply_options(existing, options)
                return cast("SparkSession", existing)
        return create(options)


def create(options: Mapping[str, Any]) -> SparkSession:
    """Return a new session of the embedded engine, whether or not there is one already."""
    texts = {key: option_text(value) for key, value in options.items()}
    texts.setdefault("spark.master", os.environ.get("MASTER", DEFAULT_MASTER))
    slots(texts["spark.master"])
    _refuse_java(texts)
    with _lock:
        # First the engine, then the client's import: they run at the same time.
        engine = _engine_for(texts)
        from firesteel import compat

        compat.install()
        compat.patch_connect()
        from firesteel import _connect

        new = _connect.connect(engine, texts)
        new.__dict__["_firesteel_options"] = texts
        _sessions.add(new)
        return cast("SparkSession", new)


def open_session(options: Mapping[str, Any]) -> ConnectSession:
    """Return a new session for a SparkContext, of the server that `options` name or of the embedded engine."""
    if server_url(options) is None:
        return cast("ConnectSession", create(options))
    from firesteel import compat

    return cast("ConnectSession", compat.connect_to_server(dict(options)))


def server_url(options: Mapping[str, Any]) -> str | None:
    """Return the URL of the server that a builder's options or the environment name, None for none."""
    master = str(options.get("spark.master", ""))
    if "spark.remote" in options:
        return str(options["spark.remote"])
    return master if master.startswith("sc://") else os.environ.get("SPARK_REMOTE")


def slots(master: str) -> int:
    """Return the number of task slots that a master URL stands for.

    Parameters
    ----------
    master : str
        ``local``, ``local[N]``, ``local[*]``, or one of these with Spark's failure count ``local[N,F]``.

    Raises
    ------
    ValueError
        It is none of these.

    Examples
    --------
    >>> slots("local"), slots("local[3]"), slots("local[2, 4]")
    (1, 3, 2)
    """
    match = re.fullmatch(r"local(?:\[\s*(\*|[0-9]+)\s*(?:,\s*[0-9]+\s*)?\])?", master)
    if match is None or match[1] == "0":
        raise ValueError(
            f"master {master!r} is not supported: use local, local[N] or local[*] for the embedded "
            "engine, or connect to a server with remote('sc://host:port')"
        )
    if match[1] is None:
        return 1
    if match[1] == "*":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return int(match[1])


def attempts(master: str) -> int:
    """Return how often a task may be tried: F of ``local[N,F]``, else once.

    Examples
    --------
    >>> attempts("local[2]"), attempts("local[2, 4]")
    (1, 4)
    """
    match = re.fullmatch(r"local\[[^,\]]*,\s*([0-9]+)\s*\]", master)
    return max(int(match[1]), 1) if match else 1


def _engine_for(conf: Mapping[str, str]) -> _engine.Engine:
    """Return the live engine of this process, or start one.

    An engine has the slots it was started with. It is replaced only when a program stopped all its
    sessions and then asks for another master, as it may do in Spark.
    """
    global _current
    if _current is not None and _current.is_alive:
        in_use = any(not session.is_stopped for session in _sessions)
        if in_use or _current.conf["spark.master"] == conf["spark.master"]:
            return _current
        _current.stop()
    _current = _engine.Engine(conf)
    return _current


def _refuse_java(options: Mapping[str, str]) -> None:
    for key, alternative in _NEEDS_JVM.items():
        if options.get(key):
            from firesteel.errors import UnsupportedFeatureError

            raise UnsupportedFeatureError(f"{key}={options[key]}", alternative)


def option_text(value: Any) -> str:
    """Return an option's value as PySpark's builder writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _close_sessions() -> None:
    """Close the clients while their threads still run.

    A client closes its channel when it is collected. At the interpreter's end gRPC's threads are gone
    by then, and with a call unfinished the close would wait for them for ever.
    """
    for session in list(_sessions):
        session.client.close()


class _ParentsChannel:
    """Stands for the channel of a forked child's parent: closing it is not the child's business."""

    def close(self) -> None:
        """Do nothing; gRPC would wait for threads that the fork did not copy."""


def _forget_in_child() -> None:
    """In a forked child: the parent's engine and sessions are not ours to use or to stop.

    gRPC's channels do not survive a fork, and what the child's exit functions would send (release a
    session, drop a cached relation) would hit the parent's session. Closed, the client sends nothing and
    says so to whoever uses it.
    """
    global _current, _lock
    _lock = threading.RLock()  # another thread may have held it
    _current = None
    for session in list(_sessions):
        client: Any = session.client
        client._closed = True
        client._channel = _ParentsChannel()
    _sessions.clear()


# Exit functions run last in, first out: after the client's own, before the engine is stopped.
atexit.register(_close_sessions)
os.register_at_fork(after_in_child=_forget_in_child)
