"""The command ``firesteel``: one module per subcommand, each with ``add_arguments`` and ``execute``."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from firesteel._engine import EngineStartError
from firesteel.cli import run, server, shell, sql

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments after the command's name. Default: those of this process.

    Returns
    -------
    int
        0 for success, 1 for a failure that has been reported, 2 for wrong arguments. An uncaught error
        of a program under ``firesteel run`` propagates, so that Python reports it as for any script.
    """
    parser = argparse.ArgumentParser(prog="firesteel", description="PySpark programs on a Rust engine, without a JVM.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the versions and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module in (run, shell, sql, server):
        name = module.__name__.rpartition(".")[2]
        summary = module.execute.__doc__
        command = commands.add_parser(name, help=summary, description=summary)
        module.add_arguments(command)
        command.set_defaults(execute=module.execute)
    parsed = parser.parse_args(arguments)
    try:
        code: int = parsed.execute(parsed)
    except EngineStartError as error:
        sys.stderr.write(f"firesteel: {error}\n")
        return 1
    return code


class _Version(argparse.Action):
    """Prints the versions only when asked: finding them costs a tenth of a second."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import PackageNotFoundError, version

        def describe(package: str) -> str:
            try:
                return f"{package} {version(package)}"
            except PackageNotFoundError:
                return f"{package} (not installed)"

        python = sys.version.split()[0]
        parser.exit(0, f"{describe('firesteel')}, {describe('pyspark-client')}, Python {python}\n")
