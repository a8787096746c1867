"""Which part of which file each partition reads.

Spark's partitions of files are Hadoop's splits: `by_goal` is the old interface's rule (``textFile``,
``sequenceFile``, ``hadoopFile``), `by_block` the new one's (``newAPIHadoopFile``, ``binaryRecords``), `combine` puts
whole small files together (``wholeTextFiles``, ``binaryFiles``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from firesteel.rdd.hadoop.paths import InputFile

# fs.local.block.size: what Hadoop's local file system calls a block.
BLOCK_BYTES = 32 << 20
# A last split may be a tenth larger than the others.
_SLOP = 1.1
# spark.files.maxPartitionBytes, spark.files.openCostInBytes
MAX_PARTITION_BYTES = 128 << 20
OPEN_COST_BYTES = 4 << 20


class FileSplit(NamedTuple):
    """Bytes [start, start + length) of a file."""

    path: str
    start: int
    length: int

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.start + self.length


def by_goal(
    files: Sequence[InputFile],
    n_splits: int,
    splittable: Callable[[str], bool],
    *,
    min_bytes: int = 1,
    block_bytes: int = BLOCK_BYTES,
) -> list[FileSplit]:
    """Return splits of about total/`n_splits` bytes, of at most a block; empty files have none, as in Spark."""
    total = sum(file.size for file in files)
    goal = total // (n_splits or 1)
    size = max(min_bytes, min(goal, block_bytes))
    return [split for file in files for split in _cut(file, size, splittable)]


def by_block(
    files: Sequence[InputFile],
    splittable: Callable[[str], bool],
    *,
    min_bytes: int = 1,
    max_bytes: int = 1 << 62,
    block_bytes: int = BLOCK_BYTES,
    record_bytes: int = 1,
) -> list[FileSplit]:
    """Return splits of one block each, cut to whole records of `record_bytes`."""
    size = max(min_bytes, min(max_bytes, block_bytes))
    size = record_bytes if size < record_bytes else size // record_bytes * record_bytes
    return [split for file in files for split in _cut(file, size, splittable)]


def _cut(file: InputFile, size: int, splittable: Callable[[str], bool]) -> list[FileSplit]:
    if file.size == 0:
        return []
    if not splittable(file.path):
        return [FileSplit(file.path, 0, file.size)]
    splits = []
    left = file.size
    while left / size > _SLOP:
        splits.append(FileSplit(file.path, file.size - left, size))
        left -= size
    if left:
        splits.append(FileSplit(file.path, file.size - left, left))
    return splits


def combine(files: Sequence[InputFile], max_bytes: int) -> list[list[InputFile]]:
    """Whole files in their order, a new group whenever one reaches `max_bytes`; 0 makes one group."""
    groups: list[list[InputFile]] = []
    group: list[InputFile] = []
    size = 0
    for file in files:
        group.append(file)
        size += file.size
        if max_bytes and size >= max_bytes:
            groups.append(group)
            group, size = [], 0
    if group:
        groups.append(group)
    return groups


def whole_text_groups(files: Sequence[InputFile], min_partitions: int) -> list[list[InputFile]]:
    """Return the partitions of ``wholeTextFiles``."""
    total = sum(file.size for file in files)
    return combine(files, math.ceil(total / (min_partitions or 1)))


def binary_groups(files: Sequence[InputFile], min_partitions: int, default_parallelism: int) -> list[list[InputFile]]:
    """Return the partitions of ``binaryFiles``: opening a file is taken to cost as much as reading 4 MiB."""
    total = sum(file.size + OPEN_COST_BYTES for file in files)
    per_core = total // max(default_parallelism, min_partitions)
    return combine(files, min(MAX_PARTITION_BYTES, max(OPEN_COST_BYTES, per_core)))
