"""Data sources written in Python, read in batches. As `group_cases`: they run unchanged on real Spark."""

from typing import Any

import pyarrow as pa
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition

from group_cases import case


def register(spark: SparkSession) -> None:
    class Reader(DataSourceReader):
        def __init__(self, options: dict[str, str], n_columns: int) -> None:
            self.options, self.n_columns = options, n_columns

        def partitions(self) -> list[InputPartition]:
            return [InputPartition(i) for i in range(int(self.options.get("parts", "2")))]

        def read(self, partition: InputPartition) -> Any:
            for n in range(3):
                yield (partition.value, f"{self.options.get('word', 'x')}{n}", None)[: self.n_columns]

    class Numbers(DataSource):
        @classmethod
        def name(cls) -> str:
            return "py_numbers"

        def schema(self) -> str:
            return "part int, word string"

        def reader(self, schema: Any) -> DataSourceReader:
            return Reader(dict(self.options), len(schema.fields))

    spark.dataSource.register(Numbers)


@case
def source(spark: SparkSession) -> Any:
    register(spark)
    return spark.read.format("py_numbers").load()


@case
def source_with_options(spark: SparkSession) -> Any:
    register(spark)
    rows = spark.read.format("PY_numbers").options(parts=3, word="y").load()
    return rows.filter("part > 0").groupBy("word").agg(F.sum("part"))


@case
def source_with_a_schema(spark: SparkSession) -> Any:
    register(spark)
    return spark.read.format("py_numbers").schema("a int, b string, c double").load()


@case
def source_of_arrow_batches(spark: SparkSession) -> Any:
    class Reader(DataSourceReader):
        def read(self, partition: InputPartition) -> Any:
            yield pa.RecordBatch.from_pydict({"a": [1, 2], "b": ["x", None]})

    class Batches(DataSource):
        @classmethod
        def name(cls) -> str:
            return "py_batches"

        def schema(self) -> str:
            return "a bigint, b string"

        def reader(self, schema: Any) -> DataSourceReader:
            return Reader()

    spark.dataSource.register(Batches)
    return spark.read.format("py_batches").load()


@case
def source_of_rows(spark: SparkSession) -> Any:
    class Reader(DataSourceReader):
        def read(self, partition: InputPartition) -> Any:
            yield Row(a=1, b=[1, 2])
            yield Row(b=[3], a=2)

    class Rows(DataSource):
        def schema(self) -> str:
            return "a int, b array<int>"

        def reader(self, schema: Any) -> DataSourceReader:
            return Reader()

    spark.dataSource.register(Rows)
    return spark.read.format("rows").load()


@case
def source_that_raises(spark: SparkSession) -> Any:
    class Bad(DataSource):
        def schema(self) -> str:
            raise ValueError("no good")

    spark.dataSource.register(Bad)
    return spark.read.format("Bad").load().collect()


@case
def source_whose_reader_raises(spark: SparkSession) -> Any:
    class Reader(DataSourceReader):
        def read(self, partition: InputPartition) -> Any:
            raise ValueError("no good")

    class Bad(DataSource):
        def schema(self) -> str:
            return "a int"

        def reader(self, schema: Any) -> DataSourceReader:
            return Reader()

    spark.dataSource.register(Bad)
    return spark.read.format("Bad").load().collect()
