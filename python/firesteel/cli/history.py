"""History of the prompts, kept between runs."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES_MAX = 10_000


@contextlib.contextmanager
def keep_history(name: str) -> Iterator[None]:
    """Read the history of the prompt `name` and write it back at the end; needs a terminal.

    A history that cannot be read or written is no reason to fail.
    """
    if not sys.stdin.isatty():
        yield
        return
    try:
        import readline
    except ImportError:
        yield
        return
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    path = Path(state) / "firesteel" / f"{name}_history"
    readline.set_history_length(LINES_MAX)
    with contextlib.suppress(OSError):
        readline.read_history_file(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            # Statements may hold secrets.
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            readline.write_history_file(path)
            path.chmod(0o600)
