"""The one package that changes PySpark, so that unmodified programs run. PySpark's files stay as they are.

======================= ===========================================================================================
module                  what it changes
======================= ===========================================================================================
main_without_file       programs on standard input and ``python -c`` may import the Connect client
builder                 ``SparkSession.builder`` starts the embedded engine; ``SparkSession(sc)``
core_names              ``SparkContext``, ``RDD``, … under PySpark's names, ``pyspark.core``, ``pyspark.rdd``, …
graphframes_names       ``graphframes.lib`` and ``graphframes.examples``
py4j_names              ``py4j.protocol`` for ``except Py4JJavaError``, where Py4J is not installed
threads                 ``InheritableThread`` and its decorator need no session
sql_context             ``SQLContext`` and ``HiveContext``
session                 sessions gain ``sparkContext``, ``newSession``, ``with``, ``createDataFrame(rdd)``
dataframe               frames gain ``rdd``; ``foreach`` and ``foreachPartition`` know accumulators
terminal_size           the progress bar needs no IPython
reader                  ``spark.read.json(rdd)`` and its like
jvm                     what needs a JVM raises an error that says what to do instead
ml_client               parts of `pyspark.ml` that the client leaves out
accumulators            functions of frames may add to accumulators
local_properties        a thread's properties and job group travel with its queries
======================= ===========================================================================================

PySpark is imported first, while nothing of ours stands under its names: at first use it decides whether it is the
client alone (``is_remote_only``) and remembers it. The first seven are changed by `install`, the others by
`patch_connect`, because importing what they change takes most of a start.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_lock = threading.RLock()
_installed = False
_connect_patched = False


def install() -> None:
    """Patch what programs import from PySpark; a second call does nothing."""
    global _installed
    with _lock:
        if _installed:
            return
        import pyspark.util

        # True already with pyspark-client alone. With the full package this makes it behave the same:
        # there is no JVM either way.
        pyspark.util._is_remote_only = True  # type: ignore[assignment]
        from firesteel.compat import (
            builder,
            core_names,
            graphframes_names,
            main_without_file,
            py4j_names,
            sql_context,
            threads,
        )

        main_without_file.allow()
        builder.patch()
        core_names.add()
        py4j_names.add()
        graphframes_names.add()
        threads.patch()
        sql_context.patch()
        _installed = True


def connect_to_server(options: dict[str, Any]) -> SparkSession:
    """Return a session of the server that `options` name, as the official client does."""
    install()
    from pyspark.sql.session import SparkSession

    builder: Any = SparkSession.builder
    builder._options = options
    return cast("SparkSession", builder.getOrCreate())


def patch_connect() -> None:
    """Patch the Connect classes; a second call does nothing."""
    global _connect_patched
    with _lock:
        if _connect_patched:
            return
        from firesteel.compat import terminal_size

        terminal_size.spare_ipython()
        from firesteel.compat import dataframe, jvm, ml_client, reader, session

        session.patch()
        dataframe.patch()
        reader.patch()
        jvm.patch()
        ml_client.patch()
        _connect_patched = True
