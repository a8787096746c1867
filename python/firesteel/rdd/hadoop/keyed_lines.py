"""Lines with keys: Hadoop's ``TextInputFormat``, ``KeyValueTextInputFormat`` and ``NLineInputFormat``."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from firesteel.rdd.hadoop.codecs import kind_of_file
from firesteel.rdd.hadoop.splits import FileSplit
from firesteel.rdd.hadoop.text_lines import cut_blocks, cut_text, delimited_blocks, line_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from firesteel.rdd.hadoop.paths import InputFile


def lines_with_offsets(split: FileSplit, delimiter: bytes | None = None) -> Iterator[tuple[int, str]]:
    """Return the offset of each line in its file, and its text."""
    if delimiter:
        for offset, records in delimited_blocks(split, delimiter):
            for record in records:
                yield offset, record.decode("utf-8", "replace")
                offset += len(record) + len(delimiter)
        return
    for offset, block in line_blocks(split):
        for line, whole in zip(cut_text(block), block.splitlines(keepends=True), strict=True):
            yield offset, line
            offset += len(whole)


def keys_and_values(
    split: FileSplit, separator: str = "\t", delimiter: bytes | None = None
) -> Iterator[tuple[str, str]]:
    """Each line cut at its first separator; a line without one is all key."""
    for _, line in lines_with_offsets(split, delimiter):
        key, _, value = line.partition(separator)
        yield key, value


def n_line_splits(files: list[InputFile], n_lines: int) -> list[FileSplit]:
    """Return splits of `n_lines` lines each; the driver reads the files to find them."""
    splits = []
    for path, _ in files:
        starts = [0]
        if kind_of_file(path) is None:
            with open(path, "rb") as file:
                n_seen = 0
                for offset, block in cut_blocks(file, 0, None):
                    for line in block.splitlines(keepends=True):
                        offset += len(line)
                        n_seen += 1
                        if n_seen % n_lines == 0:
                            starts.append(offset)
                end = file.tell()
        else:
            end = 1
        if starts[-1] < end:
            starts.append(end)
        splits += [FileSplit(path, begin, stop - begin) for begin, stop in itertools.pairwise(starts)]
    return splits


def n_lines(split: FileSplit) -> Iterator[tuple[int, str]]:
    """Return the lines of a split that begins and ends at lines."""
    if kind_of_file(split.path) is not None:
        yield from lines_with_offsets(split)
        return
    with open(split.path, "rb") as file:
        file.seek(split.start)
        for offset, block in cut_blocks(file, split.start, split.length):
            for line, whole in zip(cut_text(block), block.splitlines(keepends=True), strict=True):
                yield offset, line
                offset += len(whole)
