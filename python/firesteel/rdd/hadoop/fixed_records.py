"""Records of one length: ``binaryRecords`` and Hadoop's ``FixedLengthInputFormat``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from firesteel.rdd.hadoop.codecs import kind_of_file, open_file
from firesteel.rdd.hadoop.errors import end_of_file, io_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firesteel.rdd.hadoop.splits import FileSplit

_READ_BYTES = 1 << 20


def fixed_records(split: FileSplit, length: int) -> Iterator[bytes]:
    """Return the records that begin in a split whose start is a multiple of `length`."""
    for _, record in _records(split, length):
        yield record


def keyed_records(split: FileSplit, length: int) -> Iterator[tuple[int, bytearray]]:
    """Return the same with their offsets, as ``FixedLengthInputFormat`` gives them."""
    if length <= 0:
        raise io_error(f"Fixed record length {length} is invalid.  It should be set to a value greater than zero")
    for offset, record in _records(split, length):
        yield offset, bytearray(record)


def first_record_at(start: int, length: int) -> int:
    """Return the offset of the first record that begins at or behind `start`."""
    return -(-start // length) * length


def _records(split: FileSplit, length: int) -> Iterator[tuple[int, bytes]]:
    whole = kind_of_file(split.path) is not None
    with open_file(split.path) as file:
        offset = 0 if whole else first_record_at(split.start, length)
        if not whole:
            file.seek(offset)
        many = max(_READ_BYTES // length, 1)
        while whole or offset < split.end:
            count = many if whole else min(many, -(-(split.end - offset) // length))
            block = file.read(count * length)
            if len(block) % length:
                raise end_of_file(f"file:{split.path} ends within a record of {length} bytes")
            if not block:
                return
            for begin in range(0, len(block), length):
                yield offset + begin, block[begin : begin + length]
            offset += len(block)
