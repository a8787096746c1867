"""Public classes, methods and functions of `pyspark.mllib`, as JSON: run with the Python of a full PySpark."""

from __future__ import annotations

import importlib
import inspect
import json

MODULES = (
    *("classification", "clustering", "common", "evaluation", "feature", "fpm", "linalg", "linalg.distributed"),
    *("random", "recommendation", "regression", "stat", "stat.KernelDensity", "stat.distribution", "stat.test"),
    *("tree", "util"),
)


def public_names() -> dict[str, dict[str, list[str]]]:
    """Module → class or function → its public methods."""
    found: dict[str, dict[str, list[str]]] = {}
    for name in MODULES:
        module = importlib.import_module(f"pyspark.mllib.{name}")
        own = found[name] = {}
        for word, value in vars(module).items():
            if word.startswith("_") or getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isclass(value):
                own[word] = [method for method in dir(value) if not method.startswith("_")]
            elif callable(value):
                own[word] = []
    return found


if __name__ == "__main__":
    print(json.dumps(public_names(), indent=0, sort_keys=True))
