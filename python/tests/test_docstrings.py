"""The examples in the package's own docstrings run and print what they say."""

import doctest
import importlib
import pkgutil

import firesteel


def test_examples(spark):
    modules = [info.name for info in pkgutil.walk_packages(firesteel.__path__, "firesteel.")]
    results = {
        name: doctest.testmod(importlib.import_module(name))
        for name in ["firesteel", *modules]
        if "__main__" not in name
    }
    assert not {name: result for name, result in results.items() if result.failed}
    assert sum(result.attempted for result in results.values()) >= 8
