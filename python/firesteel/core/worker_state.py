"""What a worker process keeps from task to task: broadcast values, and where its files are.

Where this package is not installed, its modules arrive with a function and may arrive again with the next one. State
therefore lies in a module object under a name of its own in ``sys.modules``.
"""

from __future__ import annotations

import sys
import types
from typing import Any

_NAME = "_firesteel_worker_state"


def worker_state() -> Any:
    """Return this process's state.

    Returns
    -------
    module
        ``broadcasts``: by key, what has been unpickled; ``named``: keys that the present command names;
        ``files_root``: directory of ``SparkFiles`` in the running task or, on the driver, of the active context;
        None if there is none.
    """
    state = sys.modules.get(_NAME)
    if state is None:
        fresh: Any = types.ModuleType(_NAME)
        fresh.broadcasts = {}
        fresh.named = set()
        fresh.files_root = None
        # Two threads may come here at once: the first one's stays.
        state = sys.modules.setdefault(_NAME, fresh)
    return state
