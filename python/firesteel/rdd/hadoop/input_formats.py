"""Hadoop's input format classes by name: which splits they make and how a split is read."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from firesteel.rdd.hadoop.errors import class_not_found, io_error
from firesteel.rdd.hadoop.file_leaf import FileLeaf
from firesteel.rdd.hadoop.fixed_records import keyed_records
from firesteel.rdd.hadoop.keyed_lines import keys_and_values, lines_with_offsets, n_line_splits, n_lines
from firesteel.rdd.hadoop.paths import list_files
from firesteel.rdd.hadoop.sequence_reader import sequence_records
from firesteel.rdd.hadoop.splits import by_block, by_goal
from firesteel.rdd.hadoop.text_lines import splittable

if TYPE_CHECKING:
    from collections.abc import Callable

    from firesteel.rdd.hadoop.job_conf import JobConf
    from firesteel.rdd.hadoop.splits import FileSplit

_OLD, _NEW = "org.apache.hadoop.mapred.", "org.apache.hadoop.mapreduce.lib.input."
# Names of both interfaces, to what they read.
_FORMATS = {
    f"{_OLD}TextInputFormat": "text",
    f"{_NEW}TextInputFormat": "text",
    f"{_OLD}KeyValueTextInputFormat": "key value",
    f"{_NEW}KeyValueTextInputFormat": "key value",
    f"{_OLD}lib.NLineInputFormat": "n lines",
    f"{_NEW}NLineInputFormat": "n lines",
    f"{_OLD}SequenceFileInputFormat": "sequence",
    f"{_NEW}SequenceFileInputFormat": "sequence",
    f"{_OLD}FixedLengthInputFormat": "fixed",
    f"{_NEW}FixedLengthInputFormat": "fixed",
}
# SequenceFile.SYNC_INTERVAL: smaller splits would often hold no sync mark.
SEQUENCE_SPLIT_BYTES = 100 * 1024


def check_input_format(name: str, old: bool) -> str:
    """Return what a format class reads.

    Raises
    ------
    Py4JJavaError
        ``ClassNotFoundException`` for a class that is not known here, which names those that are.
    """
    known = {known: kind for known, kind in _FORMATS.items() if known.startswith(_OLD if old else _NEW)}
    if name not in known:
        names = ", ".join(sorted(known))
        raise class_not_found(f"{name}. Without a JVM these input formats are known: {names}")
    return known[name]


def plan_input(name: str, paths: str, conf: JobConf, *, old: bool, min_partitions: int) -> FileLeaf:
    """Return the splits of an input format over some paths, and how to read them."""
    kind = check_input_format(name, old)
    files = list_files(paths, old=old, descend=conf.flag("mapreduce.input.fileinputformat.input.dir.recursive"))
    delimiter = conf.get("textinputformat.record.delimiter")
    ends = delimiter.encode() if delimiter else None

    def splits(can_split: Callable[[str], bool], *, record_bytes: int = 1, floor: int = 1) -> list[FileSplit]:
        smallest = max(floor, conf.number("mapreduce.input.fileinputformat.split.minsize", 1))
        if old:
            return by_goal(files, min_partitions, can_split, min_bytes=smallest)
        largest = conf.number("mapreduce.input.fileinputformat.split.maxsize", 1 << 62)
        return by_block(files, can_split, min_bytes=smallest, max_bytes=largest, record_bytes=record_bytes)

    if kind == "text":
        return FileLeaf(splits(splittable), partial(lines_with_offsets, delimiter=ends))
    if kind == "key value":
        separator = conf.get("mapreduce.input.keyvaluelinerecordreader.key.value.separator") or "\t"
        return FileLeaf(splits(splittable), partial(keys_and_values, separator=separator[0], delimiter=ends))
    if kind == "n lines":
        per_map = conf.number("mapreduce.input.lineinputformat.linespermap", 1)
        return FileLeaf(n_line_splits(files, per_map), n_lines)
    if kind == "fixed":
        length = conf.number("fixedlengthinputformat.record.length", 0)
        if length <= 0:
            raise io_error(f"Fixed record length {length} is invalid.  It should be set to a value greater than zero")
        return FileLeaf(splits(_plain, record_bytes=length), partial(keyed_records, length=length))
    return FileLeaf(splits(_always, floor=SEQUENCE_SPLIT_BYTES), sequence_records)


def _always(_path: str) -> bool:
    return True


def _plain(path: str) -> bool:
    return splittable(path) and not path.endswith(".bz2")
