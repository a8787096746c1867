"""RDDs as files: the methods of ``RDD`` that write them.

Each partition is one task that writes one file; `hadoop.committer` says how a failed task leaves nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from firesteel.rdd.files import refuse_converters
from firesteel.rdd.hadoop.codecs import codec_kind
from firesteel.rdd.hadoop.committer import JobOutput
from firesteel.rdd.hadoop.errors import Py4JJavaError, invalid_job_conf
from firesteel.rdd.hadoop.job_conf import JobConf
from firesteel.rdd.hadoop.output_formats import (
    LineFile,
    PairFile,
    PickleFile,
    check_output_format,
    check_pair,
    codec_of,
)
from firesteel.rdd.hadoop.writables import class_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from firesteel.rdd.core import RDD
    from firesteel.rdd.hadoop.committer import TaskOutput

    Write = Callable[[int, Iterable[Any]], Iterator[Any]]

_OUTPUT_DIRECTORY = "mapreduce.output.fileoutputformat.outputdir"
_KEY_CLASS, _VALUE_CLASS = "mapreduce.job.output.key.class", "mapreduce.job.output.value.class"
_COMPRESS = "mapreduce.output.fileoutputformat.compress"
_TEXT_FORMAT = {True: "org.apache.hadoop.mapred.TextOutputFormat"}
_TEXT_FORMAT[False] = "org.apache.hadoop.mapreduce.lib.output.TextOutputFormat"
_SEQUENCE_FORMAT = "org.apache.hadoop.mapred.SequenceFileOutputFormat"


class Saving:
    """Methods of `RDD` that write files. See `pyspark.RDD` for their parameters."""

    def saveAsTextFile(self, path: str, compressionCodecClass: str | None = None) -> None:
        """Write each item as a line, ``str(item)``, one file a partition.

        Parameters
        ----------
        path : str
            A directory that does not exist.
        compressionCodecClass : str, optional
            Java name of a Hadoop codec, ``org.apache.hadoop.io.compress.GzipCodec`` for one.
        """
        if compressionCodecClass:
            codec_kind(compressionCodecClass)
        self._write_files(path, lambda output: LineFile(output, compressionCodecClass))

    def saveAsPickleFile(self, path: str, batchSize: int = 10) -> None:
        """Write pickled items, `batchSize` at a time (0: their bytes decide), for ``SparkContext.pickleFile``."""
        self._write_files(path, lambda output: PickleFile(output, batchSize))

    def saveAsSequenceFile(self, path: str, compressionCodecClass: str | None = None) -> None:
        """Write pairs as a Hadoop sequence file; their classes are inferred from the first pair."""
        settings = _compressed(JobConf(), compressionCodecClass)
        self._write_pairs(path, _SEQUENCE_FORMAT, (None, None), settings, old=True)

    def saveAsHadoopFile(
        self,
        path: str,
        outputFormatClass: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
        compressionCodecClass: str | None = None,
    ) -> None:
        """Write pairs with an output format of Hadoop's old interface, by its Java name."""
        refuse_converters(keyConverter, valueConverter)
        settings = _compressed(JobConf(conf), compressionCodecClass)
        self._write_pairs(path, outputFormatClass, (keyClass, valueClass), settings, old=True)

    def saveAsNewAPIHadoopFile(
        self,
        path: str,
        outputFormatClass: str,
        keyClass: str | None = None,
        valueClass: str | None = None,
        keyConverter: str | None = None,
        valueConverter: str | None = None,
        conf: Mapping[str, str] | None = None,
    ) -> None:
        """Write pairs with an output format of Hadoop's new interface, by its Java name."""
        refuse_converters(keyConverter, valueConverter)
        self._write_pairs(path, outputFormatClass, (keyClass, valueClass), JobConf(conf), old=False)

    def saveAsHadoopDataset(
        self, conf: Mapping[str, str], keyConverter: str | None = None, valueConverter: str | None = None
    ) -> None:
        """Write pairs as `conf` says (``mapred.output.format.class``, ``mapred.output.dir`` and others)."""
        self._write_dataset(conf, (keyConverter, valueConverter), "mapred.output.format.class", old=True)

    def saveAsNewAPIHadoopDataset(
        self, conf: Mapping[str, str], keyConverter: str | None = None, valueConverter: str | None = None
    ) -> None:
        """Write pairs as `conf` says (``mapreduce.job.outputformat.class`` and others)."""
        self._write_dataset(conf, (keyConverter, valueConverter), "mapreduce.job.outputformat.class", old=False)

    def _write_dataset(
        self, conf: Mapping[str, str], converters: tuple[str | None, str | None], format_key: str, *, old: bool
    ) -> None:
        refuse_converters(*converters)
        settings = JobConf(conf)
        path = settings.get(_OUTPUT_DIRECTORY)
        if not path:
            raise invalid_job_conf("Output directory not set.")
        classes = (settings.get(_KEY_CLASS), settings.get(_VALUE_CLASS))
        self._write_pairs(path, settings.get(format_key) or _TEXT_FORMAT[old], classes, settings, old=old)

    def _write_pairs(
        self, path: str, format_class: str, classes: tuple[str | None, str | None], settings: JobConf, *, old: bool
    ) -> None:
        kind = check_output_format(format_class, old)
        codec_of(settings)
        found = self._classes(classes)
        self._write_files(path, lambda output: PairFile(output, kind, found, settings, old))

    def _classes(self, given: tuple[str | None, str | None]) -> tuple[str, str]:
        """Return the classes of keys and values: what the program says, else the first pair's, which costs a job."""
        key, value = given
        if key and value:
            return key, value
        rdd = cast("RDD[Any]", self)
        first = rdd.take(1)
        if not first:
            raise Py4JJavaError("org.apache.spark.SparkUnsupportedOperationException", "empty collection")
        pair = check_pair(first[0])
        return key or class_of(pair[0]), value or class_of(pair[1])

    def _write_files(self, path: str, writer: Callable[[TaskOutput], Write]) -> None:
        rdd = cast("RDD[Any]", self)
        output = JobOutput(path)
        try:
            rdd._map_partitions(writer(output.for_tasks()), False).collect()
            output.commit()
        except BaseException:
            output.abort()
            raise


def _compressed(settings: JobConf, codec: str | None) -> JobConf:
    """Return settings that compress by block, as Spark does when it is given a codec."""
    if codec is None:
        return settings
    codec_kind(codec)
    return settings.changed({_COMPRESS: "true", f"{_COMPRESS}.codec": codec, f"{_COMPRESS}.type": "BLOCK"})
