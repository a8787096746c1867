"""Hadoop's output format classes by name, and the files that tasks write for them."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from firesteel.rdd.hadoop.codecs import codec_ending, codec_kind, open_to_write
from firesteel.rdd.hadoop.errors import class_not_found, io_error, spark_error
from firesteel.rdd.hadoop.java_text import writable_text
from firesteel.rdd.hadoop.pickled_batches import write_pickle_file
from firesteel.rdd.hadoop.sequence_writer import SequenceFileWriter
from firesteel.rdd.hadoop.writables import class_of, write_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from firesteel.rdd.hadoop.committer import TaskOutput
    from firesteel.rdd.hadoop.job_conf import JobConf

_OLD, _NEW = "org.apache.hadoop.mapred.", "org.apache.hadoop.mapreduce.lib.output."
_KINDS = {"TextOutputFormat": "text", "SequenceFileOutputFormat": "sequence"}
_DEFAULT_CODEC = "org.apache.hadoop.io.compress.DefaultCodec"
_LINES_AT_ONCE = 4096
_JAVA_TYPES = {
    "int": "java.lang.Integer",
    "str": "java.lang.String",
    "float": "java.lang.Double",
    "bool": "java.lang.Boolean",
    "list": "java.util.ArrayList",
    "dict": "java.util.HashMap",
    "bytes": "byte[]",
    "bytearray": "byte[]",
    "tuple": "java.lang.Object[]",
}


def check_output_format(name: str, old: bool) -> str:
    """Return what a format class writes: ``text`` or ``sequence``.

    Raises
    ------
    Py4JJavaError
        ``ClassNotFoundException`` for a class that is not known here, which names those that are.
    """
    package = _OLD if old else _NEW
    kind = _KINDS.get(name.removeprefix(package)) if name.startswith(package) else None
    if kind is None:
        names = ", ".join(f"{package}{known}" for known in _KINDS)
        raise class_not_found(f"{name}. Without a JVM these output formats are known: {names}")
    return kind


def codec_of(conf: JobConf) -> str | None:
    """Return the codec class that a job's settings ask for."""
    if not conf.flag("mapreduce.output.fileoutputformat.compress"):
        return None
    codec = conf.get("mapreduce.output.fileoutputformat.compress.codec") or _DEFAULT_CODEC
    codec_kind(codec)
    return codec


class LineFile:
    """A task that writes its items as lines: ``saveAsTextFile``.

    Parameters
    ----------
    output : TaskOutput
        Where to.
    codec : str, optional
        Java name of a codec.
    """

    def __init__(self, output: TaskOutput, codec: str | None) -> None:
        self._output = output
        self._codec = codec

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Write partition `index`; there are no items to pass on."""
        kind, ending = (codec_kind(self._codec), codec_ending(self._codec)) if self._codec else (None, "")

        def write(path: str) -> None:
            iterator = iter(items)
            with open_to_write(path, kind) as file:
                while some := list(islice(iterator, _LINES_AT_ONCE)):
                    file.write(encode_lines(some))

        self._output.write(index, f"part-{index:05d}{ending}", write)
        return iter(())


def encode_lines(items: list[Any]) -> bytes:
    r"""Items as lines of UTF-8: text as it is, bytes with U+FFFD for what is no UTF-8, others as ``str`` has them."""
    try:
        return ("\n".join(items) + "\n").encode()
    except TypeError:
        texts = (one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in items)
        return ("\n".join(texts) + "\n").encode()


class PickleFile:
    """A task that writes its items as an object file: ``saveAsPickleFile``.

    Parameters
    ----------
    output : TaskOutput
        Where to.
    batch_size : int
        Items in a batch; 0 lets their bytes decide.
    """

    def __init__(self, output: TaskOutput, batch_size: int) -> None:
        self._output = output
        self._batch_size = batch_size

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Write partition `index`; there are no items to pass on."""
        self._output.write(index, f"part-{index:05d}", lambda path: write_pickle_file(path, items, self._batch_size))
        return iter(())


class PairFile:
    """A task that writes keys and values with one of Hadoop's output formats.

    Parameters
    ----------
    output : TaskOutput
        Where to.
    kind : str
        ``text`` or ``sequence``.
    classes : tuple of str
        Java names of the classes of key and value, for sequence files.
    conf : JobConf
        The job's settings: compression, separator.
    old : bool
        Hadoop's old interface, which names files differently.
    """

    def __init__(self, output: TaskOutput, kind: str, classes: tuple[str, str], conf: JobConf, old: bool) -> None:
        self._output = output
        self._kind = kind
        self._classes = classes
        self._codec = codec_of(conf)
        self._by_block = conf.get("mapreduce.output.fileoutputformat.compress.type") == "BLOCK"
        self._separator = conf.get("mapreduce.output.textoutputformat.separator") or "\t"
        self._prefix = "part-" if old else "part-r-"

    def __call__(self, index: int, items: Iterable[Any]) -> Iterator[Any]:
        """Write partition `index`; there are no items to pass on."""
        name = f"{self._prefix}{index:05d}"
        if self._kind == "text":
            name += codec_ending(self._codec) if self._codec else ""
            self._output.write(index, name, lambda path: self._write_text(path, items))
        else:
            self._output.write(index, name, lambda path: self._write_sequence(path, items))
        return iter(())

    def _write_text(self, path: str, items: Iterable[Any]) -> None:
        lines = (self._line(item) for item in items)
        with open_to_write(path, codec_kind(self._codec) if self._codec else None) as file:
            while some := list(islice(lines, _LINES_AT_ONCE)):
                file.write("".join(some).encode())

    def _line(self, item: Any) -> str:
        parts = []
        for one in check_pair(item):
            class_of(one)
            # A NullWritable leaves out the separator too.
            if one is not None:
                parts.append(writable_text(one))
        return self._separator.join(parts) + "\n" if parts else ""

    def _write_sequence(self, path: str, items: Iterable[Any]) -> None:
        key_class, value_class = self._classes
        with SequenceFileWriter(path, key_class, value_class, self._codec, by_block=self._by_block) as writer:
            for item in items:
                key, value = check_pair(item)
                found = class_of(key)
                if found != key_class:
                    raise io_error(f"wrong key class: {found} is not class {key_class}")
                found = class_of(value)
                if found != value_class:
                    raise io_error(f"wrong value class: {found} is not class {value_class}")
                writer.append(write_value(key, key_class), write_value(value, value_class))


def check_pair(item: Any) -> tuple[Any, Any]:
    """Return a key and a value.

    Raises
    ------
    Py4JJavaError
        For anything else than a tuple of two.
    """
    if isinstance(item, tuple) and len(item) == 2:
        return item
    name = type(item).__name__
    raise spark_error(f"RDD element of type {_JAVA_TYPES.get(name, name)} cannot be used")
