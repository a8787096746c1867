"""How Java prints values: what ``TextOutputFormat`` writes of a ``Writable``."""

from __future__ import annotations

import math
from typing import Any


def java_double(value: float) -> str:
    """``Double.toString``: decimal between 0.001 and 10,000,000, else computerised scientific notation."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = repr(value)
        if "e" not in text:
            return text
    mantissa, _, exponent = f"{value!r}".partition("e")
    if not exponent:
        sign = "-" if value < 0 else ""
        whole, _, fraction = mantissa.lstrip("-").partition(".")
        digits = (whole + fraction).lstrip("0")
        scale = len(whole) - 1 if whole != "0" else -(len(fraction) - len(fraction.lstrip("0")) + 1)
        digits = digits.rstrip("0") or "0"
        return f"{sign}{digits[0]}.{digits[1:] or '0'}E{scale}"
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"


def writable_text(value: Any) -> str:
    """``toString`` of the ``Writable`` that `value` becomes."""
    if value is None:
        return "(null)"
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, (bytes, bytearray)):
        return value.hex(" ")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{writable_text(k)}={writable_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        inner = ", ".join(map(writable_text, value))
        return f"ArrayWritable [valueClass=interface org.apache.hadoop.io.Writable, values=[{inner}]]"
    return str(value)
