"""Python functions in queries beside real Spark and Sail in one run, warm, answers checked equal; to RESULTS.md.

    python benchmarks/udf.py                                    # 10 million rows
    python benchmarks/udf.py --scale 0.01 --only firesteel      # a quick look

Spark is the classic one with a JVM, `local[2]`; it and Sail live in `build/bench/spark` and `build/bench/sail`.
"""

import argparse
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
from pyspark.sql import functions as F
from turns import Suite, main


def rows(spark: Any, options: argparse.Namespace) -> Any:
    return spark.range(int(10_000_000 * options.scale))


def total(frame: Any, column: Any) -> int:
    return frame.select(column.alias("y")).agg(F.sum("y")).collect()[0][0]


def scalar(spark: Any, options: argparse.Namespace) -> Any:
    double = F.udf(lambda x: x * 2 + 1, "long")
    return total(rows(spark, options), double("id"))


def scalar_through_arrow(spark: Any, options: argparse.Namespace) -> Any:
    double = F.udf(lambda x: x * 2 + 1, "long", useArrow=True)
    return total(rows(spark, options), double("id"))


def arrow(spark: Any, options: argparse.Namespace) -> Any:
    @F.arrow_udf("long")
    def double(x: pa.Array) -> pa.Array:
        import pyarrow.compute as pc

        return pc.add(pc.multiply(x, 2), 1)

    return total(rows(spark, options), double("id"))


def pandas_udf(spark: Any, options: argparse.Namespace) -> Any:
    @F.pandas_udf("long")
    def double(x: pd.Series) -> pd.Series:
        return x * 2 + 1

    return total(rows(spark, options), double("id"))


def grouped_map(spark: Any, options: argparse.Namespace) -> Any:
    def centre(group: Any) -> Any:
        return group.assign(id=group["id"] - group["id"].min())

    keyed = rows(spark, options).select((F.col("id") % 1000).alias("k"), "id")
    return total(keyed.groupBy("k").applyInPandas(centre, "k long, id long"), F.col("id"))


def map_in_arrow(spark: Any, options: argparse.Namespace) -> Any:
    def double(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow.compute as pc

        for batch in batches:
            yield pa.RecordBatch.from_arrays([pc.add(pc.multiply(batch.column(0), 2), 1)], ["y"])

    return total(rows(spark, options).mapInArrow(double, "y long"), F.col("y"))


WORKLOADS = {
    "scalar Python UDF": scalar,
    "scalar Python UDF (useArrow)": scalar_through_arrow,
    "Arrow UDF": arrow,
    "pandas UDF": pandas_udf,
    "grouped map (1000 groups)": grouped_map,
    "mapInArrow": map_in_arrow,
}


def firesteel(_: argparse.Namespace) -> Any:
    import firesteel as engine

    return engine.session(master="local[2]")


def spark(_: argparse.Namespace) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.memory", "8g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


def sail(options: argparse.Namespace) -> Any:
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start()
    # The server ends when nobody holds it.
    options.server = server
    host, port = server.listening_address
    return SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()


def nothing(_: argparse.Namespace) -> None:
    """No data to make: rows come from `range`."""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1, help="of the number of rows (default: 1)")
    about = "A column or a table of 10 million rows through a Python function, then a sum."
    engines = {"firesteel": firesteel, "spark": spark, "sail": sail}
    main(Suite("Python functions", about, engines, WORKLOADS, nothing), __file__, parser)
