"""When a task has taken its share of memory (``spark.python.worker.memory``)."""

from __future__ import annotations

import time

from pyspark.shuffle import get_used_memory

# Reading the process's size costs as much as a thousand items.
_INTERVAL_S = 0.1


class Watch:
    """Says when the process is above `limit_mib`."""

    def __init__(self, limit_mib: float) -> None:
        self.limit_mib = limit_mib
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
        used = get_used_memory()
        if used < self.limit_mib:
            return False
        # What has been written is not given back to the system at once: only growth counts from here on.
        self.limit_mib = max(self.limit_mib, used * 1.05)
        return True
