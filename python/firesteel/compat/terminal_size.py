"""Keeps the client from importing all of IPython for the width of its progress bar.

That import is a fifth of a program's start (0.13 of 0.71 s of processor time) wherever notebooks are installed, and the
one function it is for asks the standard library.
"""

from __future__ import annotations

import shutil
import sys
from types import ModuleType

_MODULE = "IPython.utils.terminal"


def get_terminal_size(defaultx: int = 80, defaulty: int = 25) -> tuple[int, int]:
    """Return the terminal's columns and lines, the defaults where there is no terminal."""
    return shutil.get_terminal_size((defaultx, defaulty))


def spare_ipython() -> None:
    """Import the progress bar without IPython, unless that is there already."""
    if "IPython" in sys.modules or "pyspark.sql.connect.shell.progress" in sys.modules:
        return
    stand_in = ModuleType(_MODULE)
    stand_in.get_terminal_size = get_terminal_size  # type: ignore[attr-defined]
    sys.modules[_MODULE] = stand_in
    try:
        import pyspark.sql.connect.shell.progress  # noqa: F401
    finally:
        del sys.modules[_MODULE]
