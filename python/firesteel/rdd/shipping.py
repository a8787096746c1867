"""Tasks as bytes, for workers that have this package and for those that do not."""

from __future__ import annotations

import importlib
import inspect
import types
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyspark import serializers

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql.types import StructType

_wire: Any = serializers  # its classes have no annotations
_SERIALIZER = _wire.CloudPickleSerializer()

# What travels to workers without this package, each after those it imports. Classes that end up in tasks live here.
MODULES = [
    *("firesteel.core.worker_state", "firesteel.core.task", "firesteel.core.broadcast", "firesteel.core.files"),
    *("firesteel.rdd.worker.columns", "firesteel.rdd.worker.codec", "firesteel.rdd.worker.rows"),
    *("firesteel.rdd.worker.pipeline", "firesteel.rdd.worker.hashing", "firesteel.rdd.worker.dealing"),
    *("firesteel.rdd.worker.memory", "firesteel.rdd.worker.leaves"),
    *("firesteel.rdd.worker.writers", "firesteel.rdd.worker.key_samples", "firesteel.rdd.worker.readers"),
    *("firesteel.rdd.worker.joining", "firesteel.rdd.worker.results"),
    *("firesteel.rdd.worker.inputs", "firesteel.rdd.worker.functions", "firesteel.rdd.worker.combiners"),
    *("firesteel.rdd.worker.registers", "firesteel.rdd.worker.task"),
    *("firesteel.rdd.hadoop.java_text", "firesteel.rdd.worker.unverified", "firesteel.rdd.worker.frame_rows"),
]
# The same, for tasks that read or write files; what goes wrong with them is an error of Java's.
_HADOOP = "firesteel.rdd.hadoop"
_HADOOP_ERRORS = ("firesteel.core.py4j_protocol", "firesteel.core.java_exception")
_HADOOP_MODULES = (
    *("errors", "varint", "java_text", "java_objects", "codecs", "paths", "splits", "file_leaf", "bzip2_blocks"),
    *("text_lines", "keyed_lines", "whole_files", "fixed_records", "writables", "sequence_reader", "sequence_writer"),
    *("pickled_batches", "committer", "job_conf", "output_formats"),
)
# The same, for tasks of the older API of MLlib.
_MLLIB = "firesteel.mllib.worker"
_MLLIB_MODULES = (
    *("centers", "density", "factors", "label_sums", "matrices", "mixtures", "ranking", "rows", "texts"),
    *("transforms", "trees", "xorshift", "well19937c", "samples"),
)


def command(task: Callable[[Any], Any], schema: StructType, workers_have_us: bool) -> bytes:
    """Return the pickled function that does `task` in a worker.

    Parameters
    ----------
    task : callable
        What to run on Arrow batches; an object whose class is in one of `MODULES`.
    workers_have_us : bool
        Whether workers can import this package.
    """
    if not workers_have_us:
        pickled = _SERIALIZER.dumps(task)
        names = tuple(MODULES)
        if _HADOOP.encode() in pickled:
            names += _HADOOP_ERRORS
            names += tuple(f"{_HADOOP}.{name}" for name in _HADOOP_MODULES)
        if _MLLIB.encode() in pickled:
            names += tuple(f"{_MLLIB}.{name}" for name in _MLLIB_MODULES)
        task = _carrier(_sources(names), pickled)
    command: bytes = _SERIALIZER.dumps((task, schema))
    return command


@lru_cache(maxsize=4)
def _sources(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name, inspect.getsource(importlib.import_module(name))) for name in names]


def _carrier(sources: list[tuple[str, str]], pickled: bytes) -> Callable[[Any], Any]:
    """Return a function that defines our modules in the worker, then unpickles and runs the task.

    It is made anew from its code alone, so that cloudpickle ships it by value.
    """

    def run(batches):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        import pickle
        import sys
        import types

        for name, source in sources:
            if getattr(sys.modules.get(name), "_firesteel_source", None) == source:
                continue
            parent = ""
            for part in name.split(".")[:-1]:
                parent = parent + "." + part if parent else part
                if parent not in sys.modules:
                    package = types.ModuleType(parent)
                    package.__path__ = []
                    sys.modules[parent] = package
            module = types.ModuleType(name)
            module._firesteel_source = source  # type: ignore[attr-defined]
            sys.modules[name] = module
            setattr(sys.modules[parent], name.rpartition(".")[2], module)
            exec(compile(source, name, "exec"), module.__dict__)  # noqa: S102
        return pickle.loads(pickled)(batches)  # noqa: S301

    return types.FunctionType(
        run.__code__, {"__builtins__": __builtins__, "__name__": "__main__"}, "run", None, run.__closure__
    )
