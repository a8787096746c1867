"""Records of a ``SequenceFile``: every version, uncompressed, compressed by record or by block.

```
header   "SEQ" version key-class value-class compressed? by-block? [codec] metadata sync(16)
record   length key-length key value               each value compressed, or none
sync     -1 sync(16)                               now and then between records, before each block
block    sync count key-lengths keys value-lengths values        each of the four compressed
```
"""

from __future__ import annotations

import os
import struct
from typing import IO, TYPE_CHECKING, Any

from firesteel.rdd.hadoop.codecs import codec_kind, decompress
from firesteel.rdd.hadoop.errors import end_of_file, io_error
from firesteel.rdd.hadoop.varint import read_vlong
from firesteel.rdd.hadoop.writables import reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firesteel.rdd.hadoop.splits import FileSplit

_SYNC_BYTES = 16
_ESCAPE = -1
# Versions that began to have blocks, codecs by name and metadata.
_WITH_BLOCKS, _WITH_CODEC, _WITH_METADATA = 4, 5, 6
_READ_BYTES = 1 << 18


class SequenceFileReader:
    """One open file.

    Parameters
    ----------
    path : str
        A local file.

    Raises
    ------
    Py4JJavaError
        If it is not a sequence file, or of a newer version.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file: IO[bytes] = open(path, "rb", buffering=_READ_BYTES)  # noqa: SIM115 - closed by `close`
        self._size = os.fstat(self._file.fileno()).st_size
        magic = self._file.read(4)
        if magic[:3] != b"SEQ" or len(magic) < 4:
            raise io_error(f"file:{path} not a SequenceFile")
        self.version = magic[3]
        if self.version > _WITH_METADATA:
            raise io_error(f"file:{path} is a SequenceFile of version {self.version}; up to {_WITH_METADATA} is known")
        old = self.version < _WITH_BLOCKS
        self.key_class = self._old_string() if old else self._string()
        self.value_class = self._old_string() if old else self._string()
        self.compressed = self.version > 2 and self._exactly(1) != b"\0"
        self.by_block = not old and self._exactly(1) != b"\0"
        self.codec = ""
        if self.compressed:
            named = self.version >= _WITH_CODEC
            self.codec = self._string() if named else "org.apache.hadoop.io.compress.DefaultCodec"
            self._kind = codec_kind(self.codec)
        self.metadata: dict[str, str] = {}
        if self.version >= _WITH_METADATA:
            for _ in range(self._int()):
                key = self._string()
                self.metadata[key] = self._string()
        self._sync = self._exactly(_SYNC_BYTES) if self.version > 1 else b""
        self._header_end = self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def records(self, start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
        """Return serialised keys and values of the split [start, end): from its first sync mark to the first behind it."""
        if start > self._header_end:
            self._to_sync(start)
        else:
            self._file.seek(self._header_end)
        return self._blocks(end) if self.by_block else self._plain(end)

    def _to_sync(self, position: int) -> None:
        if position + 4 + _SYNC_BYTES >= self._size:
            self._file.seek(self._size)
            return
        position += 4
        self._file.seek(position)
        data = b""
        while more := self._file.read(_READ_BYTES):
            data += more
            index = data.find(self._sync)
            if index >= 0:
                self._file.seek(position + index - 4)
                return
            keep = _SYNC_BYTES - 1
            position += len(data) - len(data[-keep:])
            data = data[-keep:]
        self._file.seek(self._size)

    def _plain(self, end: int) -> Iterator[tuple[bytes, bytes]]:
        file, unpack = self._file, struct.unpack
        position = file.tell()
        while position < self._size:
            length = self._int()
            begin, position = position, position + 4
            if length == _ESCAPE and self._sync:
                self._check_sync()
                position += _SYNC_BYTES
                if begin >= end or position >= self._size:
                    return
                length = self._int()
                position += 4
            if length < 0:
                raise io_error(f"file:{self.path} is corrupt: a record of {length} bytes at {begin}")
            data = file.read(length + 4)
            if len(data) != length + 4:
                raise end_of_file(f"file:{self.path} ends within a record")
            position += length + 4
            (key_length,) = unpack(">i", data[:4])
            value = data[4 + key_length :]
            yield data[4 : 4 + key_length], decompress(self._kind, value) if self.compressed else value

    def _blocks(self, end: int) -> Iterator[tuple[bytes, bytes]]:
        while (position := self._file.tell()) < self._size:
            if position >= end:
                return
            if self._int() != _ESCAPE:
                raise io_error(f"file:{self.path} is corrupt: no sync mark at {position}")
            self._check_sync()
            count = self._vlong()
            key_lengths, keys, value_lengths, values = (self._buffer() for _ in range(4))
            yield from zip(_cut(key_lengths, keys, count), _cut(value_lengths, values, count), strict=True)

    def _buffer(self) -> bytes:
        return decompress(self._kind, self._exactly(self._vlong()))

    def _check_sync(self) -> None:
        if self._exactly(_SYNC_BYTES) != self._sync:
            raise io_error("File is corrupt!")

    def _exactly(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) != count:
            raise end_of_file(f"file:{self.path} ends at {self._file.tell()}")
        return data

    def _int(self) -> int:
        return int.from_bytes(self._exactly(4), "big", signed=True)

    def _vlong(self) -> int:
        first = self._exactly(1)
        signed = first[0] - 256 if first[0] > 127 else first[0]
        length = 0 if signed >= -112 else (-120 - signed if signed < -120 else -112 - signed)
        return read_vlong(first + self._exactly(length), 0)[0]

    def _string(self) -> str:
        return self._exactly(self._vlong()).decode()

    def _old_string(self) -> str:
        return self._exactly(int.from_bytes(self._exactly(2), "big")).decode()


def _cut(lengths: bytes, data: bytes, count: int) -> Iterator[bytes]:
    at, begin = 0, 0
    for _ in range(count):
        length, at = read_vlong(lengths, at)
        yield data[begin : begin + length]
        begin += length


def sequence_records(split: FileSplit) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a split as Python values."""
    opened = SequenceFileReader(split.path)
    try:
        read_key, read_value = reader(opened.key_class), reader(opened.value_class)
        for key, value in opened.records(split.start, split.end):
            yield read_key(key), read_value(value)
    finally:
        opened.close()
