"""Barrier stages: the driver's coordinator for ``BarrierTaskContext.barrier`` and ``allGather``.

A task connects for every call, says by its secret who it is, and is answered when all tasks of its stage have called::

    task 0 ──secret:0, ALL_GATHER, "a"──▶ ┐
    task 1 ──secret:1, ALL_GATHER, "b"──▶ ├ Coordinator ──["a", "b"]──▶ all
                                          ┘
This is the socket protocol of PySpark's own ``BarrierTaskContext``. Beside it each task keeps one connection while it
runs (`task.joined`): a task that fails says so there, one whose process dies lets it break off, and all that wait fail.
The tasks must run at the same time and on this machine: the coordinator listens on loopback only.
"""

from __future__ import annotations

import contextlib
import hmac
import secrets
import socket
import threading
from typing import TYPE_CHECKING, Any

from pyspark import serializers
from pyspark.taskcontext import ALL_GATHER_FUNCTION, BARRIER_FUNCTION

from firesteel.core.task import JOIN_FUNCTION

if TYPE_CHECKING:
    from firesteel.core.context import SparkContext

# PySpark's functions have no annotations.
_wire: Any = serializers

# A secret is short; nobody gets to send more before it is checked.
_SECRET_BYTES_MAX = 128


def check_slots(sc: SparkContext, n_partitions: int) -> None:
    """Refuse a barrier stage whose tasks cannot all run at the same time.

    Raises
    ------
    SparkException
        There are fewer slots than tasks; Spark's text.
    """
    slots = sc._slots
    if slots is not None and n_partitions > slots:
        from pyspark.errors.exceptions.connect import SparkException

        raise SparkException(
            "[SPARK-24819]: Barrier execution mode does not allow run a barrier stage that requires more slots than "
            f"the total number of slots in the cluster currently. The stage has {n_partitions} tasks, there are "
            f"{slots} slots: use fewer partitions, or more slots (local[{n_partitions}])."
        )


class Coordinator:
    """Serves the barriers of one stage until it is closed.

    Parameters
    ----------
    n_tasks : int
        Number of the stage's tasks, all of which must call.
    """

    def __init__(self, n_tasks: int) -> None:
        self._n_tasks = n_tasks
        self.secret = secrets.token_urlsafe(24)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=n_tasks)
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        # By task: its connection, the function it calls and its message.
        self._waiting: dict[int, tuple[socket.socket, int, str]] = {}
        self._is_closed = False
        self._failure: str | None = None
        threading.Thread(target=self._accept, name="firesteel-barrier", daemon=True).start()

    def close(self) -> None:
        """End all waiting: tasks that still wait fail."""
        with self._lock:
            self._is_closed = True
            waiting = [connection for connection, _, _ in self._waiting.values()]
            self._waiting.clear()
        # A thread that waits in accept() is woken by shutdown, not by close.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in waiting:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            # A caller that says nothing must not hold up the others.
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        # One stream for all that a connection brings: it reads ahead.
        stream = connection.makefile("rwb")
        try:
            task, function, message = self._read_call(stream)
        except (OSError, EOFError, ValueError):
            connection.close()
            return
        if function == JOIN_FUNCTION:
            self._watch(stream)
            connection.close()
            return
        with self._lock:
            failure = self._failure
            earlier = self._waiting.pop(task, None)
            self._waiting[task] = (connection, function, message)
            is_complete = len(self._waiting) == self._n_tasks or failure is not None
            calls = self._waiting if is_complete else {}
            if is_complete:
                self._waiting = {}
            if self._is_closed:
                connection.close()
        if earlier is not None:
            earlier[0].close()
        if is_complete:
            _answer([calls[number] for number in sorted(calls)], failure)

    def _watch(self, stream: Any) -> None:
        """Wait for the end of a task; a failure ends all waiting."""
        failure: str | None = "its worker died"
        with contextlib.suppress(OSError, EOFError):
            length = _wire.read_int(stream)
            failure = stream.read(length).decode(errors="replace") if length else None
        if failure is None:
            return
        with self._lock:
            self._failure = self._failure or failure
            calls, self._waiting = list(self._waiting.values()), {}
        _answer(calls, failure)

    def _read_call(self, stream: Any) -> tuple[int, int, str]:
        length = _wire.read_int(stream)
        if not 0 < length <= _SECRET_BYTES_MAX:
            raise ValueError(length)
        secret, _, task = stream.read(length).decode().rpartition(":")
        if not hmac.compare_digest(secret, self.secret):
            raise ValueError("secret")
        _wire.write_with_length(b"ok", stream)
        stream.flush()
        function = _wire.read_int(stream)
        if function not in (ALL_GATHER_FUNCTION, BARRIER_FUNCTION, JOIN_FUNCTION):
            raise ValueError(function)
        message = _wire.UTF8Deserializer().loads(stream) if function == ALL_GATHER_FUNCTION else ""
        return int(task), function, message


def _answer(calls: list[tuple[socket.socket, int, str]], failure: str | None) -> None:
    """Answer all calls of a round with all messages, in the order of partitions, or with what went wrong."""
    # Tasks that disagree on what they wait for get no answer, which fails them.
    agree = len({function for _, function, _ in calls}) == 1 or failure is not None
    texts = [message for _, _, message in calls] if failure is None else [failure]
    for connection, _, _ in calls:
        with contextlib.suppress(OSError):
            if agree:
                with connection.makefile("wb") as stream:
                    _wire.write_int(len(texts) if failure is None else -1, stream)
                    for text in texts:
                        _wire.write_with_length(text.encode(), stream)
            connection.close()
