"""Hadoop's integers of variable length (``WritableUtils.readVLong``, ``writeVLong``).

-112 to 127 take one byte. Else the first byte tells sign and length: -113 to -120 for 1 to 8 bytes of a positive
number, -121 to -128 for the complement of a negative one.
"""

from __future__ import annotations


def write_vlong(value: int) -> bytes:
    """Return the bytes of an integer of at most 64 bits."""
    if -112 <= value <= 127:
        return bytes((value & 0xFF,))
    head = -112
    if value < 0:
        value = ~value
        head = -120
    length = (value.bit_length() + 7) // 8
    return bytes(((head - length) & 0xFF,)) + value.to_bytes(length, "big")


def read_vlong(data: bytes | memoryview, offset: int) -> tuple[int, int]:
    """Return the integer at `offset` and the offset behind it."""
    first = data[offset]
    if first < 128:
        return first, offset + 1
    first -= 256
    if first >= -112:
        return first, offset + 1
    negative = first < -120
    length = -120 - first if negative else -112 - first
    end = offset + 1 + length
    value = int.from_bytes(data[offset + 1 : end], "big")
    return (~value if negative else value), end
