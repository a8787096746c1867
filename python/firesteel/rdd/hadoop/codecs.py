"""Compression by Hadoop's class names and file endings.

Gzip, bzip2 and zlib are Python's; Snappy, LZ4 and Zstandard are PyArrow's, which every worker has. Hadoop wraps
Snappy and LZ4 in blocks of its own: length of the data, then chunks of length and compressed bytes.
"""

from __future__ import annotations

import bz2
import gzip
import io
import struct
import zlib
from typing import IO, TYPE_CHECKING, Any, cast

from firesteel.rdd.hadoop.errors import class_not_found, io_error

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "org.apache.hadoop.io.compress."
# Class name to kind and file ending.
_CODECS = {
    f"{_PREFIX}DefaultCodec": ("zlib", ".deflate"),
    f"{_PREFIX}DeflateCodec": ("zlib", ".deflate"),
    f"{_PREFIX}GzipCodec": ("gzip", ".gz"),
    f"{_PREFIX}BZip2Codec": ("bzip2", ".bz2"),
    f"{_PREFIX}SnappyCodec": ("snappy", ".snappy"),
    f"{_PREFIX}Lz4Codec": ("lz4", ".lz4"),
    f"{_PREFIX}ZStandardCodec": ("zstd", ".zst"),
}
_KINDS = {ending: kind for kind, ending in _CODECS.values()}
# Hadoop's buffer for Snappy and LZ4 (io.compression.codec.snappy.buffersize) less what bad data may grow by.
_BLOCK_BYTES = 256 * 1024 - (256 * 1024 // 6 + 32)
_READ_BYTES = 1 << 20


def codec_kind(class_name: str) -> str:
    """Return the kind of compression that a Hadoop codec class stands for.

    Raises
    ------
    Py4JJavaError
        ``ClassNotFoundException`` for a name that is none of Hadoop's.
    """
    if class_name not in _CODECS:
        raise class_not_found(f"Class {class_name} not found")
    return _CODECS[class_name][0]


def codec_ending(class_name: str) -> str:
    """Return the file ending of a Hadoop codec class, with its dot."""
    codec_kind(class_name)
    return _CODECS[class_name][1]


def kind_of_file(path: str) -> str | None:
    """Return the kind of compression that a file's ending stands for; None for plain files."""
    for ending, kind in _KINDS.items():
        if path.endswith(ending):
            return kind
    return None


def open_file(path: str) -> IO[bytes]:
    """Open a file to read, decompressed by its ending."""
    kind = kind_of_file(path)
    if kind == "gzip":
        return cast("IO[bytes]", gzip.open(path, "rb"))
    if kind == "bzip2":
        return cast("IO[bytes]", bz2.open(path, "rb"))
    if kind == "zstd":
        import pyarrow as pa

        return cast("IO[bytes]", pa.CompressedInputStream(pa.OSFile(path), "zstd"))
    if kind == "zlib":
        return cast("IO[bytes]", io.BufferedReader(_Pieces(_inflate(path))))
    if kind is not None:
        return cast("IO[bytes]", io.BufferedReader(_Pieces(_unwrap(path, kind))))
    return open(path, "rb")


class _Pieces(io.RawIOBase):
    """A raw stream over an iterator of pieces."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _inflate(path: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        inflater = zlib.decompressobj()
        while data := file.read(_READ_BYTES):
            yield inflater.decompress(data)
        yield inflater.flush()


def _unwrap(path: str, kind: str) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while head := file.read(4):
            yield _read_block(file, head, kind)


def _read_block(file: IO[bytes], head: bytes, kind: str) -> bytes:
    """One of Hadoop's blocks, whose first four bytes are `head`."""
    import pyarrow as pa

    (left,) = struct.unpack(">I", head)
    codec = pa.Codec("lz4_raw" if kind == "lz4" else kind)
    parts = []
    while left > 0:
        (length,) = struct.unpack(">I", file.read(4))
        chunk = file.read(length)
        if len(chunk) != length:
            raise io_error("unexpected end of a compressed block")
        # LZ4's raw form does not tell its length: a chunk holds at most what is left.
        part = codec.decompress(chunk, _snappy_length(chunk) if kind == "snappy" else left, asbytes=True)
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _snappy_length(chunk: bytes) -> int:
    length = shift = 0
    for byte in chunk:
        length |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return length


def compress(kind: str, data: bytes) -> bytes:
    """Compress `data` as one stream of a Hadoop codec."""
    if kind == "zlib":
        return zlib.compress(data)
    if kind == "gzip":
        return gzip.compress(data, 6, mtime=0)
    if kind == "bzip2":
        return bz2.compress(data)
    import pyarrow as pa

    if kind == "zstd":
        return cast("bytes", pa.Codec("zstd").compress(data, asbytes=True))
    codec = pa.Codec("lz4_raw" if kind == "lz4" else kind)
    parts = []
    for start in range(0, len(data), _BLOCK_BYTES):
        block = data[start : start + _BLOCK_BYTES]
        packed = codec.compress(block, asbytes=True)
        parts += [struct.pack(">II", len(block), len(packed)), packed]
    return b"".join(parts)


def decompress(kind: str, data: bytes) -> bytes:
    """Return the data of one stream of a Hadoop codec."""
    if kind == "zlib":
        return zlib.decompress(data)
    if kind == "gzip":
        return gzip.decompress(data)
    if kind == "bzip2":
        return bz2.decompress(data)
    if kind == "zstd":
        import pyarrow as pa

        return cast("bytes", pa.CompressedInputStream(pa.BufferReader(data), "zstd").read())
    file = io.BytesIO(data)
    parts = []
    while head := file.read(4):
        parts.append(_read_block(file, head, kind))
    return b"".join(parts)


def open_to_write(path: str, kind: str | None) -> IO[bytes]:
    """Open a new file to write, compressed."""
    if kind is None:
        return open(path, "wb")
    if kind == "gzip":
        return cast("IO[bytes]", gzip.open(path, "wb", 6))
    if kind == "bzip2":
        return cast("IO[bytes]", bz2.open(path, "wb"))
    return cast("IO[bytes]", _Compressed(path, kind))


class _Compressed:
    """A file that compresses what is written: in blocks for Snappy and LZ4, else as one stream."""

    def __init__(self, path: str, kind: str) -> None:
        self._file: Any = open(path, "wb")  # noqa: SIM115 - closed by `close`
        self._kind = kind
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._deflater: Any = zlib.compressobj() if kind == "zlib" else None
        self._stream: Any = None
        if kind == "zstd":
            import pyarrow as pa

            self._stream = pa.CompressedOutputStream(self._file, "zstd")

    def __enter__(self) -> _Compressed:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def write(self, data: bytes) -> int:
        if self._stream is not None:
            self._stream.write(data)
        elif self._deflater is not None:
            self._file.write(self._deflater.compress(data))
        else:
            self._pending.append(data)
            self._pending_bytes += len(data)
            if self._pending_bytes >= _BLOCK_BYTES:
                self._flush_blocks(keep_rest=True)
        return len(data)

    def _flush_blocks(self, *, keep_rest: bool) -> None:
        data = b"".join(self._pending)
        end = len(data) // _BLOCK_BYTES * _BLOCK_BYTES if keep_rest else len(data)
        self._file.write(compress(self._kind, data[:end]))
        self._pending, self._pending_bytes = [data[end:]], len(data) - end

    def close(self) -> None:
        if self._file.closed:
            return
        if self._stream is not None:
            self._stream.close()
        elif self._deflater is not None:
            self._file.write(self._deflater.flush())
        elif self._pending_bytes:
            self._flush_blocks(keep_rest=False)
        self._file.close()
