"""Lets ``python -c`` and programs on standard input import the Connect client.

It takes a main module without a file for its own doctests, looks for a source tree of Spark and ends the process when
there is none.
"""

from __future__ import annotations

import sys


def allow() -> None:
    """Import the part of the client that checks, while the main module has a file for it."""
    main = sys.modules["__main__"]
    if main.__spec__ is not None or hasattr(main, "__file__") or hasattr(sys, "ps1"):
        return
    main.__file__ = "<string>"
    try:
        import pyspark.sql.connect.utils as connect_utils
    finally:
        del main.__file__

    def check_dependencies() -> None:
        """Nothing is left to check: importing the package has just done it."""

    connect_utils.check_dependencies = check_dependencies
