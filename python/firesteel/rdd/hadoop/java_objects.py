"""Java's serialised arrays of bytes, the form in which Spark's object files hold pickled batches.

``RDD.saveAsPickleFile`` of Spark writes sequence files of ``BytesWritable``; each holds, in Java's object stream
protocol, an array (``byte[][]`` or ``Object[]``) of byte arrays, each the pickle of one batch.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from firesteel.rdd.hadoop.errors import io_error

if TYPE_CHECKING:
    from collections.abc import Sequence

_STREAM_HEADER = b"\xac\xed\x00\x05"
_NULL, _REFERENCE, _CLASS, _STRING, _ARRAY, _END_BLOCK = 0x70, 0x71, 0x72, 0x74, 0x75, 0x78
_FIRST_HANDLE = 0x7E0000
# Class descriptions: name, serialVersionUID of the JDK's arrays, flag "serializable", no fields, no superclass.
_OF_BYTE_ARRAYS = b"\x72\x00\x03[[B\x4b\xfd\x19\x15\x67\x67\xdb\x37\x02\x00\x00\x78\x70"
_OF_BYTES = b"\x72\x00\x02[B\xac\xf3\x17\xf8\x06\x08\x54\xe0\x02\x00\x00\x78\x70"
# The outer class, the outer array, then the class of bytes: what a later byte array refers to.
_SAME_CLASS = b"\x71" + struct.pack(">I", _FIRST_HANDLE + 2)


def write_byte_arrays(arrays: Sequence[bytes]) -> bytes:
    """Return a ``byte[][]``."""
    parts = [_STREAM_HEADER, b"\x75", _OF_BYTE_ARRAYS, struct.pack(">i", len(arrays))]
    for index, array in enumerate(arrays):
        parts += [b"\x75", _OF_BYTES if index == 0 else _SAME_CLASS, struct.pack(">i", len(array)), array]
    return b"".join(parts)


def read_byte_arrays(data: bytes) -> list[bytes]:
    """Return the byte arrays in a serialised ``byte[][]`` or ``Object[]``."""
    if data[:4] != _STREAM_HEADER or data[4:5] != b"\x75":
        raise io_error("not a Java-serialised array")
    position = 5
    handles: list[object] = []

    def class_name() -> str:
        nonlocal position
        kind = data[position]
        if kind == _REFERENCE:
            (handle,) = struct.unpack_from(">I", data, position + 1)
            position += 5
            return str(handles[handle - _FIRST_HANDLE])
        if kind != _CLASS:
            raise io_error(f"unknown class description {kind:#x} in a Java object stream")
        (length,) = struct.unpack_from(">H", data, position + 1)
        name = data[position + 3 : position + 3 + length].decode()
        position += 3 + length + 8
        handles.append(name)
        _flags, fields = struct.unpack_from(">BH", data, position)
        if fields or data[position + 3] != _END_BLOCK or data[position + 4] != _NULL:
            raise io_error(f"{name} in a Java object stream is not an array of bytes; only pickled RDDs can be read")
        position += 5
        return name

    def length_of_array() -> int:
        nonlocal position
        (length,) = struct.unpack_from(">i", data, position)
        position += 4
        return int(length)

    name = class_name()
    if name not in ("[[B", "[Ljava.lang.Object;"):
        raise io_error(f"an object file of {name} was not written by saveAsPickleFile")
    handles.append("outer")
    found: list[bytes] = []
    for _ in range(length_of_array()):
        kind = data[position]
        position += 1
        if kind == _REFERENCE:
            (handle,) = struct.unpack_from(">I", data, position)
            position += 4
            again = handles[handle - _FIRST_HANDLE]
            if not isinstance(again, bytes):
                raise io_error("a Java object stream refers to something that is no array of bytes")
            found.append(again)
            continue
        if kind != _ARRAY or class_name() != "[B":
            raise io_error("an object file holds something other than arrays of bytes")
        length = length_of_array()
        found.append(data[position : position + length])
        handles.append(found[-1])
        position += length
    return found
