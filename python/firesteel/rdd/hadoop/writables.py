"""Hadoop's ``Writable`` classes and Python values, both ways.

Reading gives what Spark's ``WritableToJavaConverter`` and pickler give: text as str, integers as int, floating point
as float, bytes as bytearray, null as None, a map as dict. Writing infers the class from the value, as
``JavaToWritableConverter`` does.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from firesteel.rdd.hadoop.errors import Py4JJavaError, io_error, spark_error, unsupported
from firesteel.rdd.hadoop.varint import read_vlong, write_vlong

if TYPE_CHECKING:
    from collections.abc import Callable

_IO = "org.apache.hadoop.io."
TEXT, BYTES, NULL = f"{_IO}Text", f"{_IO}BytesWritable", f"{_IO}NullWritable"
INT, LONG = f"{_IO}IntWritable", f"{_IO}LongWritable"
FLOAT, DOUBLE = f"{_IO}FloatWritable", f"{_IO}DoubleWritable"
BOOLEAN, MAP, ARRAY = f"{_IO}BooleanWritable", f"{_IO}MapWritable", f"{_IO}ArrayWritable"

# AbstractMapWritable's numbers of the classes that need no name.
_MAP_IDS = {
    -127: ARRAY,
    -126: BOOLEAN,
    -125: BYTES,
    -124: FLOAT,
    -123: INT,
    -122: LONG,
    -121: MAP,
    -120: f"{_IO}MD5Hash",
    -119: NULL,
    -118: f"{_IO}ObjectWritable",
    -117: f"{_IO}SortedMapWritable",
    -116: TEXT,
    -115: f"{_IO}TwoDArrayWritable",
    -114: f"{_IO}VIntWritable",
    -113: f"{_IO}VLongWritable",
}
_JAVA_TYPES = {
    "Decimal": "java.math.BigDecimal",
    "list": "java.util.ArrayList",
    "set": "java.util.HashSet",
    "frozenset": "java.util.HashSet",
    "datetime": "java.util.GregorianCalendar",
    "date": "java.util.GregorianCalendar",
    "int": "java.math.BigInteger",
}


def class_of(value: Any) -> str:
    """Return the ``Writable`` class that a value becomes.

    Raises
    ------
    Py4JJavaError
        For a value that Spark has no class for: integers beyond 64 bits, lists, decimals and others.
    """
    if value is None:
        return NULL
    if isinstance(value, str):
        return TEXT
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int):
        if -(1 << 31) <= value < 1 << 31:
            return INT
        if -(1 << 63) <= value < 1 << 63:
            return LONG
    elif isinstance(value, float):
        return DOUBLE
    elif isinstance(value, (bytes, bytearray)):
        return BYTES
    elif isinstance(value, dict):
        return MAP
    elif isinstance(value, tuple):
        return ARRAY
    name = type(value).__name__
    raise spark_error(f"Data of type {_JAVA_TYPES.get(name, name)} cannot be used")


def write_value(value: Any, class_name: str) -> bytes:
    """Return the bytes of a value as a ``Writable`` of a class that `class_of` gave."""
    if class_name == TEXT:
        data: bytes = value.encode()
        return write_vlong(len(data)) + data
    if class_name == INT:
        return struct.pack(">i", value)
    if class_name == BYTES:
        return struct.pack(">i", len(value)) + bytes(value)
    if class_name == LONG:
        return struct.pack(">q", value)
    if class_name == DOUBLE:
        return struct.pack(">d", value)
    if class_name == BOOLEAN:
        return b"\x01" if value else b"\x00"
    if class_name == NULL:
        return b""
    if class_name == MAP:
        return _write_map(value)
    if class_name == ARRAY:
        return struct.pack(">i", len(value)) + b"".join(write_value(one, class_of(one)) for one in value)
    raise unsupported(f"Writing {class_name} needs the Java class.")


def _write_map(value: dict[Any, Any]) -> bytes:
    ids = {name: number for number, name in _MAP_IDS.items()}
    named: list[str] = []
    entries = []
    for pair in value.items():
        for one in pair:
            name = class_of(one)
            if name not in ids:
                named.append(name)
                ids[name] = len(named)
            entries += [struct.pack(">b", ids[name]), write_value(one, name)]
    head = [struct.pack(">b", len(named))]
    for number, name in enumerate(named, 1):
        head.append(struct.pack(">bH", number, len(name)) + name.encode())
    return b"".join([*head, struct.pack(">i", len(value)), *entries])


def reader(class_name: str) -> Callable[[bytes], Any]:
    """Return a function from the bytes of one ``Writable`` to the Python value.

    Raises
    ------
    Py4JJavaError
        For a class that is not known here: Java code of other classes cannot run.
    """
    if class_name == TEXT:
        return _read_text
    fixed = {INT: ">i", LONG: ">q", FLOAT: ">f", DOUBLE: ">d", BOOLEAN: ">?", f"{_IO}ShortWritable": ">h"}
    if class_name in fixed:
        unpack, form = struct.unpack, fixed[class_name]
        return lambda data: unpack(form, data)[0]
    if class_name == BYTES:
        return lambda data: bytearray(data[4 : 4 + int.from_bytes(data[:4], "big")])
    if class_name == NULL:
        return lambda _data: None
    if class_name == ARRAY:
        # What Hadoop says: the class of the elements stands nowhere in the file.
        raise Py4JJavaError("java.lang.NoSuchMethodException", f"{ARRAY}.<init>()")
    check_known(class_name)
    return lambda data: read_value(class_name, memoryview(data), 0)[0]


def check_known(class_name: str) -> None:
    """Raise unless values of the class can be read."""
    known = {TEXT, INT, LONG, FLOAT, DOUBLE, BOOLEAN, BYTES, NULL, MAP}
    more = ("ShortWritable", "ByteWritable", "VIntWritable", "VLongWritable", "SortedMapWritable")
    if class_name not in known and class_name not in {_IO + name for name in more}:
        raise unsupported(f"Reading {class_name} needs the Java class; only Hadoop's own Writables are known.")


def _read_text(data: bytes) -> str:
    # A length below 113 is one byte.
    _, position = read_vlong(data, 0)
    return data[position:].decode("utf-8", "replace")


def read_value(class_name: str, data: memoryview, position: int) -> tuple[Any, int]:
    """Return a value at a position, and the position behind it."""
    if class_name == TEXT:
        length, position = read_vlong(data, position)
        return bytes(data[position : position + length]).decode("utf-8", "replace"), position + length
    if class_name == BYTES:
        (length,) = struct.unpack_from(">i", data, position)
        position += 4
        return bytearray(data[position : position + length]), position + length
    if class_name == NULL:
        return None, position
    if class_name in (f"{_IO}VIntWritable", f"{_IO}VLongWritable"):
        return read_vlong(data, position)
    if class_name in (MAP, f"{_IO}SortedMapWritable"):
        return _read_map(data, position)
    forms = {INT: ">i", LONG: ">q", FLOAT: ">f", DOUBLE: ">d", BOOLEAN: ">?"}
    forms |= {f"{_IO}ShortWritable": ">h", f"{_IO}ByteWritable": ">b"}
    if class_name not in forms:
        check_known(class_name)
        raise io_error(f"{class_name} cannot stand within another Writable here")
    form = forms[class_name]
    return struct.unpack_from(form, data, position)[0], position + struct.calcsize(form)


def _read_map(data: memoryview, position: int) -> tuple[dict[Any, Any], int]:
    classes = dict(_MAP_IDS)
    n_named = data[position]
    position += 1
    for _ in range(n_named):
        number, length = struct.unpack_from(">bH", data, position)
        position += 3
        classes[number] = bytes(data[position : position + length]).decode()
        position += length
    (size,) = struct.unpack_from(">i", data, position)
    position += 4
    found = {}
    for _ in range(size):
        pair = []
        for _ in range(2):
            (number,) = struct.unpack_from(">b", data, position)
            if number not in classes:
                raise io_error(f"MapWritable names an unknown class by number {number}")
            value, position = read_value(classes[number], data, position + 1)
            pair.append(value)
        key, value = pair
        found[bytes(key) if isinstance(key, bytearray) else key] = value
    return found, position
