"""Writes a ``SequenceFile`` of version 6; `sequence_reader` has a drawing of the format."""

from __future__ import annotations

import os
import struct
from typing import IO, TYPE_CHECKING

from firesteel.rdd.hadoop.codecs import codec_kind, compress
from firesteel.rdd.hadoop.varint import write_vlong

if TYPE_CHECKING:
    from types import TracebackType

_MARK_EVERY_BYTES = 100 * 1024
# io.seqfile.compress.blocksize
_BLOCK_BYTES = 1_000_000


class SequenceFileWriter:
    """One file being written; closing it ends the last block.

    Parameters
    ----------
    path : str
        A local file, which is replaced.
    key_class, value_class : str
        Java names of the ``Writable`` classes.
    codec : str, optional
        Java name of a codec; None is uncompressed.
    by_block : bool
        Compress many records at once, as Spark does, or each value alone.
    """

    def __init__(
        self, path: str, key_class: str, value_class: str, codec: str | None = None, *, by_block: bool = True
    ) -> None:
        self._kind = codec_kind(codec) if codec else None
        self._by_block = bool(codec) and by_block
        self._sync = os.urandom(16)
        self._file: IO[bytes] = open(path, "wb", buffering=1 << 18)  # noqa: SIM115 - closed by `close`
        names = [key_class, value_class]
        head = [b"SEQ\x06", *(write_vlong(len(name)) + name.encode() for name in names)]
        head.append(bytes((self._kind is not None, self._by_block)))
        if codec:
            head.append(write_vlong(len(codec)) + codec.encode())
        head += [struct.pack(">i", 0), self._sync]
        data = b"".join(head)
        self._file.write(data)
        self._position = self._marked = len(data)
        self._keys: list[bytes] = []
        self._values: list[bytes] = []
        self._pending_bytes = 0

    def append(self, key: bytes, value: bytes) -> None:
        """Add a serialised key and value."""
        if self._by_block:
            self._keys.append(key)
            self._values.append(value)
            self._pending_bytes += len(key) + len(value)
            if self._pending_bytes >= _BLOCK_BYTES:
                self._write_block()
            return
        if self._position >= self._marked + _MARK_EVERY_BYTES:
            self._write_mark()
        if self._kind:
            value = compress(self._kind, value)
        self._write(b"".join((struct.pack(">ii", len(key) + len(value), len(key)), key, value)))

    def _write_mark(self) -> None:
        self._write(b"\xff\xff\xff\xff" + self._sync)
        self._marked = self._position

    def _write_block(self) -> None:
        if not self._keys or self._kind is None:
            return
        self._write_mark()
        self._write(write_vlong(len(self._keys)))
        for parts in (self._keys, self._values):
            for data in (b"".join(write_vlong(len(part)) for part in parts), b"".join(parts)):
                packed = compress(self._kind, data)
                self._write(write_vlong(len(packed)) + packed)
        self._keys, self._values, self._pending_bytes = [], [], 0

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._position += len(data)

    def close(self) -> None:
        """Write what is pending and close the file."""
        if not self._file.closed:
            self._write_block()
            self._file.close()

    def __enter__(self) -> SequenceFileWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
