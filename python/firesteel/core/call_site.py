"""Where in the user's program something was called."""

from __future__ import annotations

import os
import sys
from typing import NamedTuple

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_PYSPARK = f"{os.sep}pyspark{os.sep}"


class CallSite(NamedTuple):
    """A function of ours or of PySpark's and the user's line that called it."""

    function: str
    file: str
    line: int


def call_site() -> CallSite:
    """Return the innermost call from outside of this package and PySpark."""
    frame = sys._getframe(1)
    function = frame.f_code.co_name
    while frame.f_back is not None:
        file = frame.f_code.co_filename
        if not file.startswith(_OURS) and _PYSPARK not in file:
            break
        function = frame.f_code.co_name
        frame = frame.f_back
    return CallSite(function, frame.f_code.co_filename, frame.f_lineno)
