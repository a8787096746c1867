"""Firesteel: PySpark programs on a Rust engine, with no JVM and no server to manage.

`session` gives a Spark session of an engine that runs as a child of this process. `install` does the
same for a program's own ``SparkSession.builder``. On the command line, ``firesteel run app.py`` runs an
unmodified PySpark program.

Importing this package imports neither PySpark nor pandas: the engine is started first, so that it gets
ready while the client is being imported.
"""

from __future__ import annotations

from firesteel._engine import EngineStartError
from firesteel.embedded import session

__all__ = ["EngineStartError", "__version__", "install", "session"]


def install() -> None:
    """Make PySpark's own ``SparkSession.builder`` start Firesteel.

    After this call ``SparkSession.builder.master("local[*]").getOrCreate()`` starts the engine as a child
    of this process and returns a session of it; a builder that names a server (``.remote("sc://…")`` or
    the environment variable ``SPARK_REMOTE``) connects to that server as before. It may be called before
    or after the program's own ``import pyspark``, and more than once.

    Examples
    --------
    >>> import firesteel
    >>> firesteel.install()
    >>> from pyspark.sql import SparkSession
    >>> SparkSession.builder.master("local[2]").getOrCreate().range(3).count()
    3
    """
    from firesteel import compat

    compat.install()


def __getattr__(name: str) -> str:
    # Read on demand: importlib.metadata costs more than everything else in this module.
    if name == "__version__":
        from importlib.metadata import version

        return version("firesteel")
    raise AttributeError(f"module 'firesteel' has no attribute {name!r}")
