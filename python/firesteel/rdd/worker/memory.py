"""When a task has taken its share of memory (``spark.python.worker.memory``)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pyspark.shuffle import get_used_memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Reading the process's size costs as much as a thousand items.
_INTERVAL_S = 0.1
# Reading the clock costs as much as an item.
_ITEMS = 64


class Watch:
    """Says when the process is above `limit_mib`; whoever asks then writes what it holds, and forgets it."""

    def __init__(self, limit_mib: float, was_full: bool = False) -> None:
        self._least_mib = limit_mib
        self._limit_mib = limit_mib
        self._was_full = was_full
        self._next = 0.0

    def is_full(self) -> bool:
        """Whether memory is used up, looking ten times a second at most."""
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + _INTERVAL_S
        return self.is_full_now()

    def is_full_now(self) -> bool:
        """Whether memory is used up."""
        if self._was_full:
            _give_back()
            # What is not given back nevertheless would be written again and again: only growth counts from here on.
            self._limit_mib = max(self._least_mib, get_used_memory() * 1.05)
        self._was_full = get_used_memory() >= self._limit_mib
        return self._was_full


def _give_back() -> None:
    """Return to the system what is free between what is not, as far as its library does that (glibc)."""
    import contextlib
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def spilling(items: Iterable[Any], merger: Any, limit_mib: float) -> Iterator[Any]:
    """Yield what PySpark's external `merger` takes in, and have it write what it holds when memory is used up.

    It looks by itself too, but after half as many items again each time: too late for large ones.
    """
    watch = Watch(limit_mib, was_full=True)
    for number, item in enumerate(items):
        if not number % _ITEMS and watch.is_full():
            merger._spill()
        yield item
