"""What PySpark's classes may call: functions by their names in ``PythonMLLibAPI``, classes by their names in Java."""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from firesteel.errors import UnsupportedFeatureError

if TYPE_CHECKING:
    from collections.abc import Callable

# Each has FUNCTIONS, CLASSES or both: dicts by name. Classes are named by what follows org.apache.spark.mllib.
_MODULES = (
    *("clustering.bisecting_kmeans", "clustering.gaussian_mixture", "clustering.kmeans"),
    *("clustering.lda", "clustering.power_iteration"),
    *("evaluation.binary", "evaluation.multiclass", "evaluation.multilabel"),
    *("evaluation.ranking", "evaluation.regression"),
    *("feature.vectors", "feature.word2vec", "fpm.patterns"),
    *("linalg.row_matrix", "linalg.indexed_row_matrix", "linalg.coordinate_matrix", "linalg.block_matrix"),
    *("linear.isotonic", "linear.models", "linear.naive_bayes", "linear.training"),
    *("loading", "random.rdds", "recommendation.factorization"),
    *("stat.correlation", "stat.hypotheses", "stat.kernel_density", "stat.summary"),
    *("tree.models", "tree.training"),
)


def function(name: str) -> Callable[..., Any]:
    """Return the function of a name in ``PythonMLLibAPI``."""
    found: Callable[..., Any] | None = _table("FUNCTIONS").get(name)
    if found is None:
        raise UnsupportedFeatureError(f"pyspark.mllib ({name})", "Use pyspark.ml.")
    return found


def java_class(name: str) -> Any:
    """Return what stands for a class of ``org.apache.spark.mllib``, None if there is none."""
    return _table("CLASSES").get(name)


@lru_cache(maxsize=2)
def _table(kind: str) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name in _MODULES:
        table.update(getattr(importlib.import_module(f"firesteel.mllib.{name}"), kind, {}))
    return table
