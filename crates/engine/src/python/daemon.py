"""Runs `pyspark.daemon`; its workers run the module that is named as argument. Neither is changed.

Around each task of a worker stands `main`, which spares the collector of garbage what it cannot free.
"""

import functools
import gc
import importlib
import importlib.util
import os
import runpy
import socket
import sys
import types
from typing import IO, Any

# The working directory comes last on the path that modules are looked for on, where `python -m` puts it first: a
# folder that happens to be called `pandas` must not hide the package.
sys.path.append(sys.path.pop(0))

# Pickled rows, rows through Arrow, table functions: `pyspark.util.PythonEvalType`.
_ROW_BY_ROW = (100, 101, 300, 301)

# Objects that may be alive beyond those of the last collection before the next; Python's own is 700. A batch of
# 10,000 rows is as many tuples, which all go at its end.
_ROWS_ALIVE_MAX = 25_000

# What PySpark has and its client alone has not.
_NAMES = ("SparkContext", "RDD", "RDDBarrier", "SparkFiles", "Broadcast", "SQLContext", "HiveContext")
_MODULES = tuple(f"pyspark.{name}" for name in ("core", "rdd", "context", "broadcast", "files", "status"))

# Bytes on their way to the engine: some batches.
_ON_THE_WAY = 1 << 20

_n_modules = 0


def main(infile: IO[bytes], outfile: IO[bytes]) -> None:
    """One task."""
    global _n_modules
    worker = importlib.import_module(_MODULE)
    if _MODULE == "pyspark.worker":
        _note_eval_type(worker)
        _offer_core_names()
    thresholds = gc.get_threshold()
    with socket.socket(fileno=os.dup(outfile.fileno())) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ON_THE_WAY)
    try:
        worker.main(infile, outfile)
    finally:
        gc.set_threshold(*thresholds)
        # The answer goes out before this worker tidies up.
        _flush(outfile)
    if len(sys.modules) > _n_modules:
        # The daemon collects after each task; to look through what was imported takes 40 ms each time.
        _n_modules = len(sys.modules)
        gc.collect()
        gc.freeze()


def _flush(outfile: IO[bytes]) -> None:
    """Send what is left. If nobody is there any more, end: the daemon would complain on the user's screen."""
    try:
        outfile.flush()
    except OSError:
        os._exit(1)


def _offer_core_names() -> None:
    """Let the program's modules say `from pyspark import SparkContext`: Firesteel adds the names when one is asked for.

    Not before: the client alone takes their presence for a full PySpark.
    """
    import pyspark
    from pyspark.util import is_remote_only

    if _CoreNames in sys.meta_path or not is_remote_only() or hasattr(pyspark, "__getattr__"):
        return
    sys.meta_path.append(_CoreNames)
    vars(pyspark)["__getattr__"] = _core_name


def _core_name(name: str) -> Any:
    package: Any = sys.modules["pyspark"]
    if name in _NAMES and importlib.util.find_spec("firesteel"):
        importlib.import_module("firesteel.core")
        if package.__getattr__ is not _core_name:
            return getattr(package, name)
    raise AttributeError(f"module 'pyspark' has no attribute {name!r}")


class _CoreNames:
    """Asked for modules that nobody else has found."""

    @classmethod
    def find_spec(cls, fullname: str, *_: Any) -> Any:
        if fullname not in _MODULES or not importlib.util.find_spec("firesteel"):
            return None
        sys.meta_path.remove(cls)
        importlib.import_module("firesteel.core")
        return importlib.util.find_spec(fullname)


def _note_eval_type(worker: types.ModuleType) -> None:
    """Have functions that are called row by row make collections rare while they run."""
    for name in ("read_udfs", "read_udtf"):
        read = getattr(worker, name, None)
        if read is None or hasattr(read, "__wrapped__"):
            continue

        def noted(pickle_ser: Any, infile: IO[bytes], eval_type: int, *rest: Any, read: Any = read) -> Any:
            if eval_type in _ROW_BY_ROW:
                gc.set_threshold(_ROWS_ALIVE_MAX, *gc.get_threshold()[1:])
            return read(pickle_ser, infile, eval_type, *rest)

        functools.update_wrapper(noted, read)
        setattr(worker, name, noted)


_MODULE = sys.argv[1]
# The daemon imports nothing that is not called after PySpark.
sys.argv[1] = "pyspark_firesteel"
_stand_in = types.ModuleType(sys.argv[1])
vars(_stand_in)["main"] = main
sys.modules[sys.argv[1]] = _stand_in
try:
    runpy.run_module("pyspark.daemon", run_name="__main__", alter_sys=True)
except BrokenPipeError:
    # The engine was gone before the daemon could say where it listens.
    os._exit(1)
