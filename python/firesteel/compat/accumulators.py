"""Accumulators in functions of frames (`udf`, `mapInPandas`, …): what workers report is added on the driver.

Servers send it beside the rows, with the metrics of a query; PySpark's client looks there for profiles only. RDDs do not
need this: their updates travel with the rows (`core.task.take_updates`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = "__python_accumulator__"
_is_patched = False


def add_what_is_reported() -> None:
    """Patch the client's stream of answers; a second call does nothing. Called with the first accumulator."""
    global _is_patched
    if _is_patched:
        return
    _is_patched = True
    from pyspark.sql.connect.client.core import PlanObservedMetrics, SparkConnectClient

    changed: Any = SparkConnectClient
    official = changed._execute_and_fetch_as_iterator

    def fetch(self: Any, *args: Any, **options: Any) -> Iterator[Any]:
        for answer in official(self, *args, **options):
            if isinstance(answer, PlanObservedMetrics) and answer.name == _NAME:
                for metric in answer.metrics:
                    _add(metric.binary)
            yield answer

    changed._execute_and_fetch_as_iterator = fetch


def _add(pickled: bytes) -> None:
    import pickle

    from pyspark.accumulators import _accumulatorRegistry

    aid, update = pickle.loads(pickled)  # noqa: S301  (from the program's own functions)
    if isinstance(aid, str):
        _add_of_rdd(aid, update)
        return
    # Negative ones are the profilers', which the client itself adds.
    accumulator = _accumulatorRegistry.get(aid) if aid >= 0 else None
    if accumulator is not None:
        accumulator.add(update)


def _add_of_rdd(name: str, updates: bytes) -> None:
    """Add what the stages of an RDD told behind which the frame begins."""
    from firesteel.core.context import SparkContext
    from firesteel.core.task import REPORTED

    context = SparkContext._active_spark_context
    if context is not None and name.startswith(REPORTED):
        context._jobs.apply(updates)
