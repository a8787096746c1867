"""``InheritableThread`` and ``inheritable_thread_target``: tags and local properties of the thread that starts one.

PySpark's own want a session with Spark Connect, which programs written for a JVM do not give.
"""

from __future__ import annotations

import functools
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class InheritableThread(threading.Thread):
    """A thread that inherits the tags and the local properties of the one that starts it.

    Parameters
    ----------
    target : callable
        What it runs.
    session : pyspark.sql.SparkSession, optional
        The session they belong to. Default: the current one.
    """

    def __init__(self, target: Callable[..., Any], *args: Any, session: Any = None, **kwargs: Any) -> None:
        self._inherited: Callable[[], None] | None = None
        self._session = session

        def run(*arguments: Any, **options: Any) -> Any:
            if self._inherited is not None:
                self._inherited()
            return target(*arguments, **options)

        super().__init__(*args, target=run, **kwargs)  # type: ignore[misc]

    def start(self) -> None:
        """Start the thread; what it inherits is what there is now."""
        self._inherited = _inheritance(self._session)
        super().start()


def inheritable_thread_target(f: Any) -> Any:
    """Make a function that runs with the tags and local properties of the thread that calls this one.

    Parameters
    ----------
    f : callable or pyspark.sql.SparkSession
        The function; a session gives a decorator.
    """
    from pyspark.sql.connect.session import SparkSession

    if isinstance(f, SparkSession):
        return functools.partial(_bind, _inheritance(f))
    return _bind(_inheritance(None), f)


def patch() -> None:
    """Put ours in the place of PySpark's."""
    import pyspark
    import pyspark.util

    for module in (pyspark, pyspark.util):
        changed: Any = module
        changed.InheritableThread = InheritableThread
        changed.inheritable_thread_target = inheritable_thread_target


def _bind(inherit: Callable[[], None] | None, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if inherit is not None:
            inherit()
        return function(*args, **kwargs)

    return wrapped


def _inheritance(session: Any) -> Callable[[], None] | None:
    """Return what gives another thread the present thread's tags and properties; None without a session."""
    if session is None:
        if "pyspark.sql.connect.session" not in sys.modules:
            return None
        from firesteel import _connect

        session = _connect.current_session()
        if session is None:
            return None
    from pyspark.sql.connect.session import SparkSession

    from firesteel.core.job_control import local_properties, set_local_properties

    client = session.client
    tags = set(client.get_tags())
    properties = local_properties(client)

    def inherit() -> None:
        SparkSession._set_default_and_active_session(session)
        client.thread_local.tags = set(tags)
        if properties is not None:
            set_local_properties(client, properties)

    return inherit
