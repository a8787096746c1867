"""Files as RDDs: the part of ``SparkContext`` that reads them.

The driver lists files and plans splits when the RDD is first used, as Spark does; workers open them. Both look at the
machine of the server, so against a remote server the paths must be the same on both (a shared directory).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from firesteel.rdd.hadoop.errors import invalid_input, unsupported
from firesteel.rdd.hadoop.file_leaf import FileLeaf
from firesteel.rdd.hadoop.fixed_records import fixed_records
from firesteel.rdd.hadoop.input_formats import SEQUENCE_SPLIT_BYTES, check_input_format, plan_input
from firesteel.rdd.hadoop.job_conf import JobConf
from firesteel.rdd.hadoop.paths import list_files
from firesteel.rdd.hadoop.pickled_batches import unpickled_items
from firesteel.rdd.hadoop.sequence_reader import sequence_records
from firesteel.rdd.hadoop.splits import FileSplit, binary_groups, by_block, by_goal, whole_text_groups
from firesteel.rdd.hadoop.text_lines import splittable, text_lines
from firesteel.rdd.hadoop.whole_files import whole_bytes, whole_texts
from firesteel.rdd.lineage import Branch, Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from firesteel.core.jobs import Job
    from firesteel.rdd.core import RDD

_INPUT_DIRECTORY = "mapreduce.input.fileinputformat.inputdir"


def _by_path(name: str, *, old: bool) -> Callable[..., RDD[Any]]:
    """Return the method of `FileSources` that reads a path with an input format of Hadoop's old or new interface."""

    def read(
        self: FileSources,
        path: str,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[Any]:
        del keyClass, valueClass, batchSize
        return self._hadoop(path, inputFormatClass, (keyConverter, valueConverter), conf, old=old)

    doc = f"Read files with an input format of Hadoop's {'old' if old else 'new'} interface, by its Java name."
    return _named(read, name, doc)


def _by_conf(name: str, *, old: bool) -> Callable[..., RDD[Any]]:
    """Return the one that finds the paths in the configuration."""

    def read(
        self: FileSources,
        inputFormatClass: str,
        keyClass: str,
        valueClass: str,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
        batchSize: int = 0,
    ) -> RDD[Any]:
        del keyClass, valueClass, batchSize
        return self._hadoop(None, inputFormatClass, (keyConverter, valueConverter), conf, old=old)

    return _named(read, name, f"Do as the method on files, with their paths in `conf` (``{_INPUT_DIRECTORY}``).")


def _named(method: Callable[..., RDD[Any]], name: str, doc: str) -> Callable[..., RDD[Any]]:
    method.__name__, method.__qualname__, method.__doc__ = name, f"FileSources.{name}", doc
    return method


class FileSources:
    """Methods of ``SparkContext`` that make RDDs of files. See `pyspark.SparkContext` for their parameters."""

    defaultParallelism: int

    hadoopFile = _by_path("hadoopFile", old=True)
    newAPIHadoopFile = _by_path("newAPIHadoopFile", old=False)
    hadoopRDD = _by_conf("hadoopRDD", old=True)
    newAPIHadoopRDD = _by_conf("newAPIHadoopRDD", old=False)

    @property
    def defaultMinPartitions(self) -> int:
        """Partitions that files get at least where a program does not say: two, or one if there is one slot."""
        return min(self.defaultParallelism, 2)

    def textFile(self, name: str, minPartitions: int | None = None, use_unicode: bool = True) -> RDD[Any]:
        r"""Read lines of text files.

        Parameters
        ----------
        name : str
            Comma list of files, directories and globs.
        minPartitions : int, optional
            About how many splits to cut them into; default `defaultMinPartitions`.
        use_unicode : bool
            False gives each line as UTF-8 bytes.

        Returns
        -------
        RDD
            Of str, without the line ends ``\n``, ``\r`` or ``\r\n``.
        """
        count = self._min_partitions(minPartitions)

        def plan() -> FileLeaf:
            return FileLeaf(by_goal(list_files(name), count, splittable), partial(text_lines, use_unicode=use_unicode))

        return self._files(plan, name)

    def wholeTextFiles(self, path: str, minPartitions: int | None = None, use_unicode: bool = True) -> RDD[Any]:
        """Read text files whole, as pairs of URI and text; small files share partitions."""
        count = self._min_partitions(minPartitions)

        def plan() -> FileLeaf:
            groups = whole_text_groups(list_files(path, old=False), count)
            return FileLeaf(groups, partial(whole_texts, use_unicode=use_unicode))

        return self._files(plan, path)

    def binaryFiles(self, path: str, minPartitions: int | None = None) -> RDD[Any]:
        """Read files whole, as pairs of URI and bytes; small files share partitions."""
        count = self._min_partitions(minPartitions)

        def plan() -> FileLeaf:
            groups = binary_groups(list_files(path, old=False), count, self.defaultParallelism)
            return FileLeaf(groups, whole_bytes)

        return self._files(plan, path)

    def binaryRecords(self, path: str, recordLength: int) -> RDD[Any]:
        """Read records of `recordLength` bytes each."""

        def plan() -> FileLeaf:
            splits = by_block(list_files(path, old=False), splittable, record_bytes=recordLength)
            return FileLeaf(splits, partial(fixed_records, length=recordLength))

        return self._files(plan, path)

    def pickleFile(self, name: str, minPartitions: int | None = None) -> RDD[Any]:
        """Read what `RDD.saveAsPickleFile` wrote, here or with real Spark."""
        count = self._min_partitions(minPartitions)

        def plan() -> FileLeaf:
            return FileLeaf(_sequence_splits(name, count), unpickled_items)

        return self._files(plan)

    def sequenceFile(
        self,
        path: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        minSplits: int | None = None,
        batchSize: int = 0,
    ) -> RDD[Any]:
        """Read keys and values of Hadoop sequence files.

        Parameters
        ----------
        path : str
            Comma list of files, directories and globs.
        keyClass, valueClass : str, optional
            Not needed: the files name their classes.
        keyConverter, valueConverter : str, optional
            Java classes, which cannot run here: giving one is an error.
        minSplits : int, optional
            About how many splits; default `defaultMinPartitions`.
        batchSize : int
            Without a meaning here: batches are sized by their bytes.
        """
        del keyClass, valueClass, batchSize
        refuse_converters(keyConverter, valueConverter)
        count = self._min_partitions(minSplits)

        def plan() -> FileLeaf:
            return FileLeaf(_sequence_splits(path, count), sequence_records)

        return self._files(plan)

    def _hadoop(
        self,
        path: str | None,
        format_class: str,
        converters: tuple[str | None, str | None],
        conf: Mapping[str, str] | None,
        *,
        old: bool,
    ) -> RDD[Any]:
        refuse_converters(*converters)
        check_input_format(format_class, old)
        settings = JobConf(conf)
        paths = path if path is not None else settings.get(_INPUT_DIRECTORY)
        if not paths:
            raise invalid_input("No input paths specified in job", old)
        count = self.defaultMinPartitions

        def plan() -> FileLeaf:
            return plan_input(format_class, paths, settings, old=old, min_partitions=count)

        return self._files(plan)

    def _min_partitions(self, given: int | None) -> int:
        return given or self.defaultMinPartitions

    def _files(self, plan: Callable[[], FileLeaf], name: str | None = None) -> RDD[Any]:
        from firesteel.rdd.core import RDD

        context: Any = self
        rdd: RDD[Any] = RDD(context, FilesNode(plan), kind="MapPartitionsRDD")
        rdd._name = name
        return rdd


class FilesNode(Node):
    """Partitions that are splits of files, planned when they are first asked for.

    Parameters
    ----------
    plan : callable
        Lists the files.
    """

    def __init__(self, plan: Callable[[], FileLeaf]) -> None:
        self._plan = plan
        self._leaf: FileLeaf | None = None

    @property
    def leaf(self) -> FileLeaf:
        """The planned splits."""
        if self._leaf is None:
            self._leaf = self._plan()
        return self._leaf

    def n_partitions(self) -> int:
        """See `Node`."""
        return len(self.leaf.parts)

    def branches(self, job: Job | None) -> list[Branch]:
        """See `Node`."""
        del job
        return [Branch(len(self.leaf.parts), leaf=self.leaf)] if self.leaf.parts else []


def refuse_converters(*converters: str | None) -> None:
    """Raise for converters: they are Java classes."""
    for converter in converters:
        if converter:
            raise unsupported(
                f"The converter {converter} is a Java class; without a JVM, use map() on the RDD instead."
            )


def _sequence_splits(paths: str, count: int) -> list[FileSplit]:
    return by_goal(list_files(paths), count, lambda _path: True, min_bytes=SEQUENCE_SPLIT_BYTES)
