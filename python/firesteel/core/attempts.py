"""Jobs that are tried again: ``local[N,F]`` allows a task F failures, as in Spark.

Here the job begins anew, not only the task that failed: what a task had sent was sent already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pyspark.errors import PySparkException

from firesteel.errors import EngineLostError

if TYPE_CHECKING:
    from collections.abc import Callable

    from firesteel.core.context import SparkContext

T = TypeVar("T")

# What another attempt would only meet again, or what the user wants to end.
_FINAL = frozenset(("OPERATION_CANCELED", "UNSUPPORTED_FEATURE", "NO_ACTIVE_SESSION", "PICKLING_ERROR"))


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
            if error.getCondition() in _FINAL:
                raise
    return run(sc._attempts_max - 1)
