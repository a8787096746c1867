"""``firesteel run app.py``: an unmodified PySpark program, run as ``spark-submit`` runs it.

The program is the real ``__main__`` module, with its own ``sys.argv`` and its directory first on
``sys.path``; its exit code is the command's, and its tracebacks show its own frames only.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import types
from typing import TYPE_CHECKING

from firesteel import compat, embedded
from firesteel.cli.session_arguments import add_session_arguments, apply_session_arguments

if TYPE_CHECKING:
    from types import TracebackType

# Options in the command lines that people have. What there is no cluster or JVM for has no effect; jars
# and packages are refused when a session is built.
_SUBMIT_OPTIONS = {
    "--driver-memory": "spark.driver.memory",
    "--driver-cores": "spark.driver.cores",
    "--executor-memory": "spark.executor.memory",
    "--executor-cores": "spark.executor.cores",
    "--num-executors": "spark.executor.instances",
    "--total-executor-cores": "spark.cores.max",
    "--deploy-mode": "spark.submit.deployMode",
    "--jars": "spark.jars",
    "--packages": "spark.jars.packages",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``firesteel run``."""
    add_session_arguments(parser)
    group = parser.add_argument_group("spark-submit's", "each sets the configuration value that Spark's sets")
    for option, key in _SUBMIT_OPTIONS.items():
        group.add_argument(option, dest=key, metavar="X", help=key)
    parser.add_argument("app", metavar="app.py", help="the program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="the program's own arguments")


def execute(parsed: argparse.Namespace) -> int:
    """Run an unmodified PySpark program."""
    path = parsed.app
    try:
        with io.open_code(os.path.abspath(path)) as file:
            source = file.read()
    except OSError as error:
        sys.stderr.write(f"firesteel: cannot read {path}: {error.strerror}\n")
        return 1
    apply_session_arguments(parsed)
    given = vars(parsed)
    embedded.defaults.update({key: given[key] for key in _SUBMIT_OPTIONS.values() if given[key] is not None})
    embedded.defaults.setdefault("spark.app.name", os.path.basename(path))

    sys.argv = [path, *parsed.arguments]
    sys.path[0] = os.path.dirname(os.path.realpath(path))
    main = types.ModuleType("__main__")
    main.__file__ = path
    main.__builtins__ = __builtins__  # type: ignore[attr-defined]
    # For good, not only while the program runs: its exit functions and threads look things up here, and
    # functions of __main__ are pickled by value.
    sys.modules["__main__"] = main
    compat.install()
    sys.excepthook = _report_without_our_frames(path)
    exec(compile(source, path, "exec", dont_inherit=True), main.__dict__)  # noqa: S102  (the purpose)
    return 0


def _report_without_our_frames(path: str) -> types.FunctionType:
    def report(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        own = traceback
        while own is not None and own.tb_frame.f_code.co_filename != path:
            own = own.tb_next
        # A syntax error in the program has no frame of the program.
        sys.__excepthook__(kind, error.with_traceback(own), own)

    assert isinstance(report, types.FunctionType)
    return report
