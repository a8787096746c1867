"""Jobs that are tried again: ``local[N,F]`` allows a task F failures, as in Spark.

The embedded engine tries tasks again. Where that is not possible, as a task had passed on rows that it would not make
again, and on other servers, the job begins anew.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from pyspark.errors import PySparkException

from firesteel.errors import EngineLostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from firesteel.core.context import SparkContext

T = TypeVar("T")

# As Spark and the engine say it.
_TOLD = re.compile(r"Task \d+ (?:in stage \S+ )?failed (\d+) times")
# What another attempt would only meet again, or what the user wants to end.
_FINAL = frozenset(
    ("OPERATION_CANCELED", "SPARK_JOB_CANCELLED", "UNSUPPORTED_FEATURE", "NO_ACTIVE_SESSION", "PICKLING_ERROR")
)


def with_attempts(sc: SparkContext, run: Callable[[int], T]) -> T:
    """Return what ``run(attempt)`` gives, tried as often as the master allows.

    Parameters
    ----------
    sc : SparkContext
        The context, whose master says how often.
    run : callable
        Runs the job; gets the number of the attempt, from 0.
    """
    for attempt in range(sc._attempts_max - 1):
        try:
            return run(attempt)
        except EngineLostError:  # noqa: PERF203  (attempts are few)
            raise
        except PySparkException as error:
            if error.getCondition() in _FINAL or _attempts(error) >= sc._attempts_max:
                raise
    return run(sc._attempts_max - 1)


def _attempts(error: PySparkException) -> int:
    """How often the engine tried the task that failed, as far as it tells."""
    found = _TOLD.search(str(error))
    return int(found[1]) if found else 1
