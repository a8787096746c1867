r"""Lines of a split, as Hadoop's ``LineRecordReader`` finds them.

A line ends in ``\n``, ``\r`` or ``\r\n``. A split has the lines that begin behind its start and up to its end: the
reader of a split drops the line that runs into it and finishes the one that runs out of it. In other words, both ends
of a split move to behind the first line end that is not before them, so no line is lost or read twice.

Blocks of whole lines are decoded at once and cut by C code; nothing here runs once for each line.
"""

from __future__ import annotations

from itertools import chain
from typing import IO, TYPE_CHECKING

from firesteel.rdd.hadoop.bzip2_blocks import bzip2_line_blocks
from firesteel.rdd.hadoop.codecs import kind_of_file, open_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firesteel.rdd.hadoop.splits import FileSplit

_READ_BYTES = 1 << 20
_MARK = b"\xef\xbb\xbf"


def splittable(path: str) -> bool:
    """Whether a file's lines can be read from the middle: plain files and bzip2."""
    return kind_of_file(path) in (None, "bzip2")


def text_lines(split: FileSplit, use_unicode: bool = True) -> Iterator[str] | Iterator[bytes]:
    """Return the lines of a split, without their ends.

    Parameters
    ----------
    split : FileSplit
        A part of a plain or bzip2 file, or a whole compressed file.
    use_unicode : bool
        False gives UTF-8 as bytes. Bytes that are no UTF-8 become U+FFFD either way, as in Hadoop's ``Text``.
    """
    blocks = line_blocks(split)
    if use_unicode:
        return chain.from_iterable(cut_text(block) for _, block in blocks)
    return chain.from_iterable(cut_bytes(block) for _, block in blocks)


def cut_text(block: bytes) -> list[str]:
    """Return the lines of a block that begins and ends with whole lines."""
    text = block.decode("utf-8", "replace")
    if b"\r" in block:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    return lines


def cut_bytes(block: bytes) -> list[bytes]:
    """Return the same as UTF-8. ``bytes.splitlines`` knows Hadoop's three line ends and no other."""
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        block = block.decode("utf-8", "replace").encode()
    return block.splitlines()


def line_blocks(split: FileSplit) -> Iterator[tuple[int, bytes]]:
    """Blocks of whole lines, each with its offset; of a compressed file, in its decompressed bytes."""
    kind = kind_of_file(split.path)
    if kind == "bzip2":
        return bzip2_line_blocks(split.path, split.start, split.end)
    return _stream_blocks(split.path) if kind else _plain_blocks(split)


def _plain_blocks(split: FileSplit) -> Iterator[tuple[int, bytes]]:
    with open(split.path, "rb") as file:
        begin = _line_start(file, split.start) if split.start else 0
        end = _line_start(file, split.end)
        file.seek(begin)
        if begin == 0 and file.read(len(_MARK)) == _MARK:
            begin = len(_MARK)
        file.seek(begin)
        yield from cut_blocks(file, begin, end - begin)


def _stream_blocks(path: str) -> Iterator[tuple[int, bytes]]:
    with open_file(path) as file:
        for offset, block in cut_blocks(file, 0, None):
            if offset == 0 and block.startswith(_MARK):
                yield len(_MARK), block[len(_MARK) :]
            else:
                yield offset, block


def _line_start(file: IO[bytes], position: int) -> int:
    """Return the offset behind the first line end at or behind `position`; the file's end if there is none."""
    file.seek(position)
    size = 4096
    while block := file.read(size):
        found = [index for index in (block.find(b"\n"), block.find(b"\r")) if index >= 0]
        if found:
            index = min(found)
            behind = block[index + 1 : index + 2] or file.read(1)
            return position + index + (2 if block[index] == 0x0D and behind == b"\n" else 1)
        position += len(block)
        size = _READ_BYTES
    return position


def cut_blocks(file: IO[bytes], offset: int, length: int | None) -> Iterator[tuple[int, bytes]]:
    """Cut the next `length` bytes of a stream (None: all) into blocks of whole lines, with offsets from `offset`."""
    rest = b""
    size = _READ_BYTES
    while block := file.read(size if length is None else min(size, length)):
        if length is not None:
            length -= len(block)
        block = rest + block
        end = block.rfind(b"\n") + 1
        # A \r at the very end may be half of a \r\n.
        end = end or block.rfind(b"\r", 0, len(block) - 1) + 1
        if end == 0:
            # One long line: reading more each time keeps the copies linear.
            rest, size = block, size * 2
            continue
        yield offset, block[:end] if end < len(block) else block
        rest = block[end:]
        offset += end
        size = _READ_BYTES
    if rest:
        yield offset, rest


def delimited_blocks(split: FileSplit, delimiter: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Return records that end in `delimiter` (``textinputformat.record.delimiter``), in lists with the first one's offset."""
    if kind_of_file(split.path):
        with open_file(split.path) as file:
            data, begin, end = file.read(), 0, None
    else:
        with open(split.path, "rb") as file:
            begin = _behind_delimiter(file, split.start, delimiter) if split.start else 0
            end = _behind_delimiter(file, split.end, delimiter)
            file.seek(begin)
            data = file.read(end - begin)
    records = data.split(delimiter)
    if not records[-1]:
        records.pop()
    if records:
        yield begin, records


def _behind_delimiter(file: IO[bytes], position: int, delimiter: bytes) -> int:
    file.seek(position)
    rest = b""
    while block := file.read(_READ_BYTES):
        block = rest + block
        index = block.find(delimiter)
        if index >= 0:
            return position + index + len(delimiter)
        keep = min(len(delimiter) - 1, len(block))
        position += len(block) - keep
        rest = block[len(block) - keep :]
    return position + len(rest)
