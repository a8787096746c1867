"""Keeps Ctrl-C out of the instant in which gRPC begins a streaming call.

gRPC's channel counts the call first and then starts the thread that serves it. A KeyboardInterrupt between the two
leaves a channel that counts a call which no thread serves: the next queries of the session would wait for ever.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class InterruptAfterStart(grpc.UnaryStreamClientInterceptor):  # type: ignore[misc]
    """Delivers an interrupt of the terminal after a streaming call has begun, never while it begins."""

    def intercept_unary_stream(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        """Begin the call; the client then sees the KeyboardInterrupt and interrupts the query."""
        with _interrupts_held():
            return continuation(client_call_details, request)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold SIGINT back until the block has ended, then hand it to the handler that was in place."""
    handler = signal.getsignal(signal.SIGINT)
    # Python runs handlers in the main thread only; other threads cannot be interrupted, nor set a handler.
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    held: list[tuple[int, Any]] = []
    signal.signal(signal.SIGINT, lambda number, frame: held.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held:
            handler(*held[-1])
