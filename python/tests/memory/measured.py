"""What a query did, from the metrics that come with its result."""

from __future__ import annotations

import re
from typing import Any


def metric(frame: Any, name: str, operator: str = r"\w+") -> int:
    """Sum of a metric over all operators, or those of one kind, of a frame that was collected."""
    lines = re.findall(rf"\+- {operator}\((.*)\)", frame.executionInfo.metrics.toText())
    return sum(int(value) for line in lines for value in re.findall(rf"\b{name}: (\d+)", line))
