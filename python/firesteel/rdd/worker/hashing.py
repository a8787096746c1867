"""Which partition a key goes to: PySpark's `portable_hash`."""

from __future__ import annotations

import os
import sys
import zlib
from typing import Any

# Whether Python's hash of strings is the same in all workers.
SEEDED = "PYTHONHASHSEED" in os.environ

_NUMBERS = (int, float, complex)


def portable_hash(x: Any) -> int:
    """Hash a key so that all workers agree: None is 0, tuples by their elements, all else Python's `hash`.

    Where PYTHONHASHSEED is not set, as on a Spark Connect server that was started without it, strings and bytes are
    hashed by checksum.

    Raises
    ------
    PySparkRuntimeError
        PYTHON_HASH_SEED_NOT_SET: without the seed, `x` is of a type whose hash may differ between workers.

    Examples
    --------
    >>> portable_hash(None), portable_hash(7), portable_hash((None, 1)) & 0xFFFFFFFF
    (0, 7, 219750521)
    """
    if x is None:
        return 0
    if isinstance(x, tuple):
        h = 0x345678
        for element in x:
            h = ((h ^ portable_hash(element)) * 1000003) & sys.maxsize
        h ^= len(x)
        return -2 if h == -1 else int(h)
    if SEEDED or isinstance(x, _NUMBERS):
        return hash(x)
    if isinstance(x, str):
        return zlib.crc32(x.encode("utf-8", "surrogatepass"))
    if isinstance(x, bytes):
        return zlib.crc32(x)
    return _unseeded(x)


def is_seedless(x: Any) -> bool:
    """Whether a key's hash does not depend on PYTHONHASHSEED."""
    return x is None or isinstance(x, _NUMBERS) or (isinstance(x, tuple) and all(map(is_seedless, x)))


def _unseeded(x: Any) -> int:
    if isinstance(x, frozenset):
        return sum(map(portable_hash, x)) & sys.maxsize
    from pyspark.errors import PySparkRuntimeError

    raise PySparkRuntimeError(errorClass="PYTHON_HASH_SEED_NOT_SET", messageParameters={})
