"""What PySpark has in ``pyspark.core`` beside the RDD class: SparkContext, shared variables, files, jobs.

Everything here is Python over a Spark Connect session, Firesteel's engine or real Spark behind it; the RDD class is
`firesteel.rdd`. Two sides, one border:

- on the driver, an action is a `jobs.Job`, which hands out a `task.Stage` for each of its stages;
- in a worker, ``stage.enter()`` prepares what a task runs in: task context, files, broadcast values, barrier;
  `task.take_updates` ends it. `task`, `broadcast`, `files` and `worker_state` are shipped to workers that lack this
  package (`firesteel.rdd.shipping`): they import nothing but PySpark, the standard library and one another.

A job that uses none of this pays nothing for it: no call to the server, no row more.
"""

from __future__ import annotations

import sys


def _add_names_in_workers() -> None:
    """Let a worker import the program's own modules, which may say ``from pyspark import SparkContext`` at their head.

    The worker has decided long ago that it runs with the client alone, which the names would make it doubt.
    """
    if "pyspark.worker" not in sys.modules:
        return
    from pyspark.util import is_remote_only

    if is_remote_only():
        from firesteel.compat import core_names, py4j_names

        core_names.add()
        py4j_names.add()


_add_names_in_workers()
