"""``firesteel shell``: Python with a ready session, as ``pyspark`` gives it.

IPython serves if it is installed, otherwise Python's own prompt with completion and history.
"""

from __future__ import annotations

import logging
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from firesteel.cli.history import keep_history
from firesteel.cli.session_arguments import add_session_arguments, apply_session_arguments
from firesteel.embedded import session

if TYPE_CHECKING:
    import argparse

    from pyspark.sql import SparkSession


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``firesteel shell``."""
    add_session_arguments(parser)


def execute(parsed: argparse.Namespace) -> int:
    """Start a Python prompt with a ready session."""
    apply_session_arguments(parsed)
    spark = session(app_name=parsed.name or "Firesteel shell")
    names: dict[str, Any] = {"__name__": "__main__", "spark": spark, "sc": spark.sparkContext}
    names["sql"] = spark.sql
    banner = _banner(spark)
    if find_spec("IPython") is None:
        _plain_prompt(banner, names)
    else:
        _ipython(banner, names)
    spark.stop()
    return 0


def _ipython(banner: str, names: dict[str, Any]) -> None:
    from IPython import start_ipython
    from traitlets.config import Config

    client_log = logging.getLogger("pyspark.sql.connect.logging")
    if client_log.disabled:
        # IPython's set-up enables every logger again; the client would print each error twice.
        client_log.setLevel(logging.CRITICAL + 1)
    config = Config()
    config.TerminalInteractiveShell.banner1 = banner + "\n"
    start_ipython(argv=[], user_ns=names, config=config)


def _plain_prompt(banner: str, names: dict[str, Any]) -> None:
    import code

    if sys.stdin.isatty():
        try:
            import readline
            from rlcompleter import Completer
        except ImportError:
            pass  # Pythons without readline still have a prompt
        else:
            readline.set_completer(Completer(names).complete)
            readline.parse_and_bind("tab: complete")
    with keep_history("shell"):
        code.interact(banner=banner, local=names, exitmsg="")


def _banner(spark: SparkSession) -> str:
    import firesteel

    return (
        f"Firesteel {firesteel.__version__}, answering as Spark {spark.version}, "
        f"Python {sys.version.split()[0]}.\n"
        f"Session 'spark', master {spark.sparkContext.master}. Leave with Ctrl-D."
    )
