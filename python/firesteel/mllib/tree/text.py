"""Trees as text, which is how ``pyspark.ml`` tells them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from firesteel.mllib.worker.trees import Node
from firesteel.rdd.hadoop.java_text import java_double

if TYPE_CHECKING:
    from collections.abc import Iterator

_TREE = re.compile(r"  Tree \d+ \(weight (.*)\):")
_SPLIT = re.compile(r" *If \(feature (\d+) (<=|in|not in) (.*)\)")
_LEAF = re.compile(r" *Predict: (.*)")


def parse_tree(text: str) -> Node:
    """Return the tree that ``toDebugString`` of a model of one tree shows."""
    lines = iter(text.splitlines())
    next(lines)
    return _node(lines)


def parse_ensemble(text: str) -> tuple[list[Node], list[float]]:
    """Return trees and weights that ``toDebugString`` of a model of many trees shows."""
    trees, weights = [], []
    lines = iter(text.splitlines())
    for line in lines:
        head = _TREE.fullmatch(line)
        if head is not None:
            weights.append(float(head[1]))
            trees.append(_node(lines))
    return trees, weights


def _node(lines: Iterator[str]) -> Node:
    line = next(lines)
    leaf = _LEAF.fullmatch(line)
    if leaf is not None:
        return Node(float(leaf[1]))
    split = _SPLIT.fullmatch(line)
    if split is None:
        raise ValueError(f"Not a line of a tree: {line!r}")
    left = _node(lines)
    next(lines)  # Else (…), which says nothing new
    right = _node(lines)
    feature = int(split[1])
    if split[2] == "<=":
        return Node(0.0, feature, float(split[3]), None, left, right)
    categories = frozenset(float(value) for value in split[3].strip("{}").split(",") if value)
    if split[2] == "not in":
        left, right = right, left
    return Node(0.0, feature, None, categories, left, right)


def shown(node: Node, indent: int) -> str:
    """Return a tree in the words of the older API's ``toDebugString``."""
    space = " " * indent
    if node.left is None or node.right is None:
        return f"{space}Predict: {java_double(node.prediction)}\n"
    if node.threshold is not None:
        threshold = java_double(node.threshold)
        goes_left, goes_right = f"<= {threshold}", f"> {threshold}"
    else:
        among = "{" + ",".join(java_double(value) for value in sorted(node.categories or ())) + "}"
        goes_left, goes_right = f"in {among}", f"not in {among}"
    return (
        f"{space}If (feature {node.feature} {goes_left})\n{shown(node.left, indent + 1)}"
        f"{space}Else (feature {node.feature} {goes_right})\n{shown(node.right, indent + 1)}"
    )
