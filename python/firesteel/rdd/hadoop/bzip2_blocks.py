"""Lines of a part of a ``.bz2`` file: Hadoop splits these between bzip2's own blocks.

A block begins with 48 bits of magic, at any bit of any byte. Each is decompressed alone, as a stream of one block.
"""

from __future__ import annotations

import bz2
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK, _END = 0x314159265359, 0x177245385090
_MAGIC_BITS = 48
_HEADER = b"BZh9"
# A block holds 900,000 bytes; compressed it can be a little more.
_READ_BYTES = 1 << 20


def bzip2_line_blocks(path: str, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Whole lines of the blocks that begin in compressed bytes [start, end), with made-up offsets that only grow.

    The first line of a part that is not the first belongs to the part before, as in plain files.
    """
    offset = start << 20
    rest = b""
    # The header has four bytes: the first block belongs to whoever has byte 0.
    skip = start > 4
    with open(path, "rb") as file:
        for position, block in _blocks(file, 0 if start <= 4 else start * 8):
            mine = position < end * 8
            data = rest + block
            rest = b""
            if skip:
                begin = _behind_first_line(data)
                if begin is None:
                    if not mine:
                        return
                    rest = data
                    continue
                data, skip = data[begin:], False
            if not mine:
                # Someone else's block: only the line that runs into it.
                cut = _behind_first_line(data)
                if cut is not None:
                    yield offset, data[:cut]
                    return
                rest = data
                continue
            cut = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1
            if cut:
                yield offset, data[:cut]
                offset += cut
            rest = data[cut:]
        if rest and not skip:
            yield offset, rest


def _behind_first_line(data: bytes) -> int | None:
    found = [index for index in (data.find(b"\n"), data.find(b"\r")) if index >= 0]
    if not found:
        return None
    index = min(found)
    return index + 2 if data[index : index + 2] == b"\r\n" else index + 1


def _blocks(file: IO[bytes], from_bit: int) -> Iterator[tuple[int, bytes]]:
    """Blocks whose magic stands at or behind a bit: its bit position and the block's data."""
    base = from_bit // 8
    file.seek(base)
    data = b""
    marks: list[tuple[int, bool]] = []
    at_end = False
    while True:
        while len(marks) < 2 and not at_end:
            more = file.read(_READ_BYTES)
            at_end = not more
            known = marks[-1][0] + 1 if marks else from_bit - base * 8
            data += more
            marks += [mark for mark in _find_marks(data) if mark[0] >= known]
        if not marks:
            return
        begin, is_block = marks.pop(0)
        if not is_block:
            continue
        end = marks[0][0] if marks else len(data) * 8
        yield base * 8 + begin, _decompress(data, begin, end)
        # What lies before the next block is done with.
        drop = end // 8
        data = data[drop:]
        base += drop
        marks = [(position - drop * 8, kind) for position, kind in marks]


def _find_marks(data: bytes) -> list[tuple[int, bool]]:
    """Bit positions of block starts (True) and stream ends (False)."""
    found = []
    for magic, is_block in ((_BLOCK, True), (_END, False)):
        for shift in range(8):
            # Bits in front and behind fill the outer bytes; the five or six between are certain.
            pattern = (magic << (8 - shift)).to_bytes(7, "big")
            inner = pattern[1:6] if shift else pattern[:6]
            ahead = 1 if shift else 0
            index = data.find(inner)
            while index >= 0:
                begin = index - ahead
                window = data[begin : begin + 7] if begin >= 0 else b""
                if len(window) >= 6:
                    value = int.from_bytes(window.ljust(7, b"\0"), "big")
                    if (value >> (8 - shift)) & ((1 << _MAGIC_BITS) - 1) == magic:
                        found.append((begin * 8 + shift, is_block))
                index = data.find(inner, index + 1)
    return sorted(found)


def _decompress(data: bytes, begin: int, end: int) -> bytes:
    first, last = begin // 8, -(-end // 8)
    bits = int.from_bytes(data[first:last], "big") >> (last * 8 - end)
    n_bits = end - begin
    bits &= (1 << n_bits) - 1
    # The checksum of a stream with one block is the block's own, which follows its magic.
    checksum = (bits >> (n_bits - _MAGIC_BITS - 32)) & 0xFFFFFFFF
    bits = (((bits << _MAGIC_BITS) | _END) << 32) | checksum
    n_bits += _MAGIC_BITS + 32
    padding = -n_bits % 8
    return bz2.decompress(_HEADER + (bits << padding).to_bytes((n_bits + padding) // 8, "big"))
