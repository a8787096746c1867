"""The object files of ``saveAsPickleFile`` and ``pickleFile``, the same as real Spark's.

A sequence file of ``BytesWritable``; each record is a Java-serialised array of up to ten byte arrays, each the pickle
of a list of items.
"""

from __future__ import annotations

import pickle
from itertools import islice
from typing import TYPE_CHECKING, Any

from pyspark import cloudpickle

from firesteel.rdd.hadoop.java_objects import read_byte_arrays, write_byte_arrays
from firesteel.rdd.hadoop.sequence_reader import SequenceFileReader
from firesteel.rdd.hadoop.sequence_writer import SequenceFileWriter
from firesteel.rdd.hadoop.writables import BYTES, NULL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firesteel.rdd.hadoop.splits import FileSplit

_BATCHES_A_RECORD = 10
# PySpark's AutoBatchedSerializer: the size that it steers pickles towards.
_BEST_BYTES = 1 << 16
# As PySpark does: classes of the program's own main module go into the file by value.
dump: Any = cloudpickle.dumps


def write_pickle_file(path: str, items: Iterable[Any], batch_size: int) -> None:
    """Write items to a new file, in batches of `batch_size`; 0 lets their bytes decide."""
    with SequenceFileWriter(path, NULL, BYTES) as writer:
        batches = pickled_batches(iter(items), batch_size)
        while arrays := list(islice(batches, _BATCHES_A_RECORD)):
            data = write_byte_arrays(arrays)
            writer.append(b"", len(data).to_bytes(4, "big") + data)


def pickled_batches(items: Iterator[Any], batch_size: int) -> Iterator[bytes]:
    """Pickled lists of items, as PySpark's serializers make them."""
    if batch_size > 0:
        while batch := list(islice(items, batch_size)):
            yield dump(batch, pickle.HIGHEST_PROTOCOL)
        return
    if batch_size < 0:
        if batch := list(items):
            yield dump(batch, pickle.HIGHEST_PROTOCOL)
        return
    size = 1
    while batch := list(islice(items, size)):
        data = dump(batch, pickle.HIGHEST_PROTOCOL)
        yield data
        if len(data) < _BEST_BYTES:
            size *= 2
        elif len(data) > _BEST_BYTES * 10 and size > 1:
            size //= 2


def unpickled_items(split: FileSplit) -> Iterator[Any]:
    """Return the items in a split of an object file."""
    reader = SequenceFileReader(split.path)
    try:
        for _, value in reader.records(split.start, split.end):
            length = int.from_bytes(value[:4], "big")
            for batch in read_byte_arrays(value[4 : 4 + length]):
                # An object file holds code by design: whoever reads it trusts it, as with real Spark.
                yield from pickle.loads(batch)  # noqa: S301
    finally:
        reader.close()
