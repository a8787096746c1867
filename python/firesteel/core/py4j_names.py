"""Py4J's class of Java objects: its own where Py4J is installed, so that ``isinstance`` agrees with PySpark's modules."""

from __future__ import annotations

try:
    from py4j.java_gateway import JavaObject  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    from firesteel.core.py4j_gateway import JavaObject  # type: ignore[assignment,unused-ignore]

__all__ = ("JavaObject",)
