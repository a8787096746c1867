"""Data sources written in Python that are written to, and filters pushed into those that are read.

As `group_cases`: they run unchanged on real Spark.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql.datasource import (
    DataSource,
    DataSourceArrowWriter,
    DataSourceReader,
    DataSourceWriter,
    InputPartition,
    WriterCommitMessage,
)

from group_cases import case, rows


def register(spark: SparkSession) -> None:
    class Written(WriterCommitMessage):
        def __init__(self, texts: list[str]) -> None:
            self.texts = texts

    class Writer(DataSourceWriter):
        def __init__(self, options: dict[str, str], overwrites: bool) -> None:
            self.options, self.overwrites = options, overwrites

        def tell(self, what: str, messages: list[Any]) -> None:
            texts = sorted(text for message in messages if message is not None for text in message.texts)
            told = {"what": what, "overwrites": self.overwrites, "texts": texts}
            Path(self.options["path"]).write_text(json.dumps(told), encoding="utf-8")

        def write(self, iterator: Any) -> Any:
            texts = [f"{row.k} {row['n']} {row.v}" for row in iterator]
            if "fail" in self.options and any(text.startswith("b") for text in texts):
                raise ValueError("no good")
            return Written(texts)

        def commit(self, messages: list[Any]) -> None:
            self.tell("commit", messages)

        def abort(self, messages: list[Any]) -> None:
            self.tell("abort", [])

    class ArrowWriter(DataSourceArrowWriter, Writer):
        def write(self, iterator: Any) -> Any:
            return Written([f"{batch.schema.names}" for batch in iterator])

    class Sink(DataSource):
        @classmethod
        def name(cls) -> str:
            return "py_sink"

        def writer(self, schema: Any, overwrite: bool) -> DataSourceWriter:
            kind = ArrowWriter if "arrow" in self.options else Writer
            return kind(dict(self.options), overwrite)

    spark.dataSource.register(Sink)


def told(spark: SparkSession, mode: str, **options: str) -> Any:
    """What the writer told, and whether saving failed."""
    register(spark)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "told.json"
        failed = ""
        try:
            frame = rows(spark).coalesce(1)
            frame.write.format("py_sink").mode(mode).options(**options).save(str(path))
        except Exception as error:
            if "no good" not in str(error):
                raise
            failed = "no good"
        said = json.loads(path.read_text(encoding="utf-8"))
    return [(said["what"], said["overwrites"], said["texts"], failed)]


@case
def sink(spark: SparkSession) -> Any:
    return told(spark, "append")


@case
def sink_that_overwrites(spark: SparkSession) -> Any:
    return told(spark, "overwrite")


@case
def sink_of_arrow_batches(spark: SparkSession) -> Any:
    return told(spark, "append", arrow="yes")


@case
def sink_that_raises(spark: SparkSession) -> Any:
    return told(spark, "append", fail="yes")


@case
def sink_in_a_mode_that_is_none(spark: SparkSession) -> Any:
    return told(spark, "ignore")


def register_reader_of_filters(spark: SparkSession) -> None:
    class Reader(DataSourceReader):
        def __init__(self) -> None:
            self.filters: list[str] = []

        def pushFilters(self, filters: list[Any]) -> Any:
            for one in filters:
                self.filters.append(str(one))
                # Filters of `a` are taken for done, whatever the rows are.
                if "a" not in (getattr(one, "attribute", None) or one.child.attribute):
                    yield one

        def read(self, partition: InputPartition) -> Any:
            for n in range(4):
                yield (n, f"x{n}", "; ".join(sorted(self.filters)))

    class Filtered(DataSource):
        @classmethod
        def name(cls) -> str:
            return "py_filtered"

        def schema(self) -> str:
            return "a int, b string, filters string"

        def reader(self, schema: Any) -> DataSourceReader:
            return Reader()

    spark.dataSource.register(Filtered)


def filtered(spark: SparkSession, condition: str | None, enabled: str = "true") -> Any:
    key = "spark.sql.python.filterPushdown.enabled"
    register_reader_of_filters(spark)
    spark.conf.set(key, enabled)
    try:
        frame = spark.read.format("py_filtered").load()
        return (frame if condition is None else frame.filter(condition)).collect()
    finally:
        spark.conf.unset(key)


@case
def source_without_filters(spark: SparkSession) -> Any:
    return filtered(spark, None)


@case
def source_with_filters(spark: SparkSession) -> Any:
    return filtered(spark, "a > 2 AND b <> 'x1' AND length(b) = 2")


@case
def source_with_filters_of_many_kinds(spark: SparkSession) -> Any:
    return filtered(spark, "b IN ('x1', 'x3') AND b LIKE 'x%' AND a IS NOT NULL")


@case
def source_with_a_null_safe_filter(spark: SparkSession) -> Any:
    return filtered(spark, "b <=> 'x3'")


@case
def source_with_a_filter_of_two_columns(spark: SparkSession) -> Any:
    return filtered(spark, "b = concat('x', a) OR a = 1")


@case
def source_whose_filters_are_disabled(spark: SparkSession) -> Any:
    return filtered(spark, "a > 2", "false")
