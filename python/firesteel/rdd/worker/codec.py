"""Chunks: some items as bytes, and back.

Items of plain types travel by `marshal`, everything else by cloudpickle. Marshal writes tuples of numbers and strings
some ten times as fast as pickle does, which must remember each tuple in case it comes again; client and workers run
the same version of Python, as Spark demands.
"""

from __future__ import annotations

import marshal
import pickle
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, cast

from pyspark import cloudpickle

from firesteel.rdd.worker.columns import as_list, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from firesteel.rdd.worker.columns import Column

# Of exactly these types: marshal would take a bytearray for bytes, and it refuses subclasses.
_PLAIN = frozenset((int, float, str, bytes, bool, complex, type(None)))
_NESTED = frozenset((*_PLAIN, tuple))
_DEPTH_MAX = 4

# A pickle of protocol 2 or later begins with this byte; no marshalled list or tuple does.
_PICKLE_MARK = 0x80

TARGET_BYTES = 256 * 1024

# As PySpark does: classes of the program's own main module travel by value. What is made of built-in types takes no
# longer than with pickle.
dump: Any = cloudpickle.dumps


def encode(items: Sequence[Any]) -> bytes:
    """Write a list of items."""
    return marshal.dumps(cast("Any", items), 4) if _is_plain(items) else dump(items, 5)


def encode_pairs(keys: Column, values: Column) -> bytes:
    """Write pairs, given as two columns; `decode` gives pairs back."""
    written = packed(keys), packed(values)
    is_plain = all(type(data) is tuple or _is_plain(data) for data in written)
    return marshal.dumps(written, 4) if is_plain else dump(written, 5)


def decode(data: Any) -> Iterable[Any]:
    """Read what `encode` or `encode_pairs` wrote, a bytes-like object."""
    items = _load(data)
    return zip(*map(as_list, map(unpacked, items)), strict=True) if type(items) is tuple else items


def decode_columns(data: Any) -> tuple[Column, Column] | None:
    """Read what `encode_pairs` wrote, as two columns; None if `encode` wrote it, unless that is of no items."""
    items = _load(data)
    if type(items) is tuple:
        return unpacked(items[0]), unpacked(items[1])
    return None if items else ([], [])


def _load(data: Any) -> Any:
    return pickle.loads(data) if data[0] == _PICKLE_MARK else marshal.loads(data)  # noqa: S301, S302


def chunks(items: Iterable[Any], first: int = 1) -> Iterator[bytes]:
    """Write `items` in chunks of about `TARGET_BYTES`; the first has `first` items."""
    iterator = iter(items)
    count = first
    while True:
        part = list(islice(iterator, count))
        if not part:
            return
        data = encode(part)
        yield data
        if len(part) < count:
            return
        count = next_count(count, len(data))


def next_count(count: int, size: int) -> int:
    """How many items to put in the next chunk when `count` made `size` bytes."""
    return min(max(TARGET_BYTES * count // size, 1), count * 8)


def _is_plain(items: Sequence[Any]) -> bool:
    level: Any = items
    for _ in range(_DEPTH_MAX):
        types = set(map(type, level))
        if types <= _PLAIN:
            return True
        if not types <= _NESTED:
            return False
        if len(types) > 1:
            level = [item for item in level if type(item) is tuple]
        level = list(chain.from_iterable(level))
    return False
