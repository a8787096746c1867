"""All of `pyspark.mllib` is there: its public names are real PySpark's, and what they ask of Java has an answer."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from pathlib import Path

import firesteel
import firesteel.mllib
from firesteel.mllib import registry

firesteel.install()

import pyspark.mllib  # noqa: E402

SOURCES = [path.read_text(encoding="utf-8") for path in Path(pyspark.mllib.__path__[0]).rglob("*.py")]
RECORDED = json.loads(Path(__file__).with_name("public_names.spark-4.2.0.json").read_text(encoding="utf-8"))


def test_public_names() -> None:
    """Taken from real PySpark by `public_names.py`."""
    missing = []
    for module, names in RECORDED.items():
        ours = importlib.import_module(f"pyspark.mllib.{module}")
        for name, methods in names.items():
            value = getattr(ours, name, None)
            missing += [f"{module}.{name}.{method}" for method in ["__doc__", *methods] if not hasattr(value, method)]
            missing += [f"{module}.{name}"] if value is None else []
    assert not missing


def test_functions_of_java() -> None:
    asked = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "callMLlibFunc":
                first = node.args[0]
                assert isinstance(first, ast.Constant) or ast.unparse(first) in ("name", "self.name"), ast.unparse(node)
                if isinstance(first, ast.Constant):
                    asked.add(first.value)
    assert len(asked) > 50
    for name in asked:
        assert callable(registry.function(name))


def test_classes_of_java() -> None:
    found = {name for source in SOURCES for name in re.findall(r"jvm\.org\.apache\.spark\.mllib\.([\w.]+)", source)}
    names = {name.removesuffix(".load") for name in found if "SerDe" not in name}
    assert len(names) > 15
    missing = [name for name in names if registry.java_class(name) is None]
    assert not missing


def test_methods_of_java() -> None:
    calls = r'(?<!functions)\.call\(\s*"(\w+)"|_java_model\.(\w+)\(|java_model\.(\w+)\('
    asked = {name for source in SOURCES for groups in re.findall(calls, source) for name in groups if name}
    assert len(asked) > 50
    have: set[str] = set()
    for module in pkgutil.walk_packages(firesteel.mllib.__path__, "firesteel.mllib."):
        for value in vars(importlib.import_module(module.name)).values():
            have |= set(dir(value)) if isinstance(value, type) else set()
    assert asked <= have, asked - have
