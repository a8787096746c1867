"""Keeps Ctrl-C out of gRPC: the main thread only waits for calls that another thread makes.

Python raises KeyboardInterrupt in the main thread, between any two instructions. gRPC's Python code takes locks that
its own threads need too, and an interrupt just after a lock was taken, before the ``with`` that would give it back,
leaves it taken: later calls of the session, and the program's end, would wait for ever. A wait for a
`queue.SimpleQueue` is one instruction, which an interrupt ends cleanly.
"""

from __future__ import annotations

import _thread
import contextlib
import os
import queue
import threading
from typing import TYPE_CHECKING, Any

import grpc
from pyspark.errors.exceptions.connect import SparkConnectException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


# Longest that an interrupt goes unseen.
WAIT_S = 0.1


class CallsInOtherThreads(
    grpc.UnaryUnaryClientInterceptor,  # type: ignore[misc]
    grpc.UnaryStreamClientInterceptor,  # type: ignore[misc]
    grpc.StreamUnaryClientInterceptor,  # type: ignore[misc]
):
    """Makes every call of the main thread in another one; calls of other threads, which nothing interrupts, stay."""

    # Whether the channel has been closed.
    is_closed = False

    def intercept_unary_unary(self, continuation: Callable[[Any, Any], Any], details: Any, request: Any) -> Any:
        """Wait for the answer."""
        return self._call(lambda: continuation(details, request))

    def intercept_stream_unary(
        self, continuation: Callable[[Any, Any], Any], details: Any, request_iterator: Iterator[Any]
    ) -> Any:
        """Send the requests and wait for the answer."""
        return self._call(lambda: continuation(details, request_iterator))

    def intercept_unary_stream(self, continuation: Callable[[Any, Any], Any], details: Any, request: Any) -> Any:
        """Begin the call; each of its answers is waited for in the same way."""
        return _Answers(self._call(lambda: continuation(details, request)))

    def _call(self, function: Callable[[], Any]) -> Any:
        if self.is_closed:
            raise SparkConnectException(errorClass="NO_ACTIVE_SESSION", messageParameters={})
        return _in_other_thread(function)


class _Answers:
    """The answers of a call, with the call's own attributes; an interrupt ends the wait for one, not the call."""

    def __init__(self, call: Any) -> None:
        self._call = call
        self._is_waiting = False

    def __iter__(self) -> _Answers:
        return self

    def __next__(self) -> Any:
        self._is_waiting = True
        answer = _in_other_thread(self._call.__next__)
        self._is_waiting = False
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)

    def __del__(self) -> None:
        # Dropped after an interrupt: the thread that waits for the next answer is freed, from another one, as a
        # second Ctrl-C may arrive in this one. An interpreter that ends starts no threads, nor does it wait for any.
        if self._is_waiting:
            with contextlib.suppress(RuntimeError):
                _thread.start_new_thread(self._call.cancel, ())


class _Runner:
    """A thread that runs one function after another; it does not keep the program from its end."""

    def __init__(self) -> None:
        self.functions: queue.SimpleQueue[tuple[Callable[[], Any], queue.SimpleQueue[_Outcome]]] = queue.SimpleQueue()
        # Not `threading.Thread`, whose start waits with locks of the kind that this module avoids.
        _thread.start_new_thread(self._serve, ())

    def _serve(self) -> None:
        while True:
            function, outcomes = self.functions.get()
            outcome = _Outcome(function)
            _idle.append(self)
            outcomes.put(outcome)
            # Answers may be large, and the next function may be long in coming.
            del function, outcomes, outcome


class _Outcome:
    """What a function returned or raised."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._answer: Any = None
        self._error: BaseException | None = None
        try:
            self._answer = function()
        except BaseException as error:  # raised again in the thread that waits
            self._error = error

    def take(self) -> Any:
        """Return or raise it."""
        try:
            if self._error is not None:
                raise self._error
            return self._answer
        finally:
            # The traceback holds this frame: a cycle that would keep a failed call until the next collection.
            del self._error


_idle: list[_Runner] = []
# Threads do not survive a fork.
os.register_at_fork(after_in_child=_idle.clear)


def _in_other_thread(function: Callable[[], Any]) -> Any:
    """Run `function` in another thread if this is the main one, and return or raise what it does."""
    if threading.current_thread() is not threading.main_thread():
        return function()
    try:
        runner = _idle.pop()
    except IndexError:
        runner = _Runner()
    outcomes: queue.SimpleQueue[_Outcome] = queue.SimpleQueue()
    runner.functions.put((function, outcomes))
    while True:
        # A signal that arrives just before the wait begins does not end it: it is seen when the wait does.
        with contextlib.suppress(queue.Empty):
            return outcomes.get(timeout=WAIT_S).take()
