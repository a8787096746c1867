"""What a query did, from the metrics that come with its result."""

from __future__ import annotations

import re
from typing import Any


def metric(frame: Any, name: str) -> int:
    """Sum of a metric over all operators of a frame that was collected."""
    text = frame.executionInfo.metrics.toText()
    return sum(int(value) for value in re.findall(rf"\b{name}: (\d+)", text))
