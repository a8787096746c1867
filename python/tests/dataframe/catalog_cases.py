"""The catalog and the commands: `spark.catalog`, `df.write…saveAsTable`, `df.writeTo`, `df.mergeInto`.

Same form as `cases.py`. Each case works in a database of its own, dropped before and after.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F
from pyspark.sql import types as T

from cases import Case, people
from file_cases import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyspark.sql import SparkSession

CATALOG_CASES: list[Case] = []
DB = "case_db"


def case(name: str, make: Callable[[SparkSession], Any]) -> None:
    def in_database(spark: SparkSession) -> Any:
        spark.sql(f"DROP DATABASE IF EXISTS {DB} CASCADE")
        spark.sql(f"CREATE DATABASE {DB}")
        spark.catalog.setCurrentDatabase(DB)
        try:
            result = make(spark)
            return result if not hasattr(result, "collect") else [list(map(str, row)) for row in result.collect()]
        finally:
            spark.catalog.setCurrentDatabase("default")
            with contextlib.suppress(Exception):
                spark.sql(f"DROP DATABASE IF EXISTS {DB} CASCADE")

    CATALOG_CASES.append(Case(name, in_database))


def table(spark: SparkSession, name: str = "t", **how: Any) -> Any:
    """A Parquet table of three rows."""
    writer = spark.sql("SELECT * FROM VALUES (1, 'a'), (2, 'b'), (3, NULL) v(x, y)").write.format("parquet")
    if "partition" in how:
        writer = writer.partitionBy(how["partition"])
    writer.saveAsTable(name)
    return spark.table(name)


def rows(frame: Any) -> list[list[str]]:
    return sorted([str(value) for value in row] for row in frame.collect())


def shorn(value: Any) -> Any:
    """A catalog answer as a dict, without locations and class names, which no two systems share."""
    hidden = ("locationUri", "className")
    return {k: v for k, v in value._asdict().items() if k not in hidden}


def scratch() -> str:
    return tempfile.mkdtemp(dir=SCRATCH.name)


# --------------------------------------------------------------------------------------------------------------
# Databases
# --------------------------------------------------------------------------------------------------------------

case("catalog_create_database", lambda s: [s.catalog.createDatabase("case_other"), s.catalog.databaseExists("case_other"), s.catalog.dropDatabase("case_other"), s.catalog.databaseExists("case_other")])  # fmt: skip
case("catalog_create_database_twice", lambda s: s.catalog.createDatabase(DB))
case("catalog_create_database_if", lambda s: s.catalog.createDatabase(DB, ifNotExists=True))
case("catalog_create_database_properties", lambda s: [s.catalog.createDatabase("case_other", properties={"comment": "hello"}), s.catalog.getDatabase("case_other").description, s.catalog.dropDatabase("case_other")])  # fmt: skip
case("catalog_drop_database_missing", lambda s: s.catalog.dropDatabase("case_nothing"))
case("catalog_drop_database_if", lambda s: s.catalog.dropDatabase("case_nothing", ifExists=True))
case("catalog_drop_database_full", lambda s: (table(s), s.catalog.setCurrentDatabase("default"), s.catalog.dropDatabase(DB)))  # fmt: skip
case("catalog_drop_database_cascade", lambda s: [bool(table(s)), s.catalog.setCurrentDatabase("default"), s.catalog.dropDatabase(DB, cascade=True), s.catalog.databaseExists(DB)])  # fmt: skip
case("catalog_databases", lambda s: [shorn(d) for d in s.catalog.listDatabases("case_d*")])
case("catalog_database", lambda s: shorn(s.catalog.getDatabase(DB)))
case("catalog_database_missing", lambda s: s.catalog.getDatabase("case_nothing"))
case("catalog_set_database_missing", lambda s: s.catalog.setCurrentDatabase("case_nothing"))
case("catalog_current", lambda s: [s.catalog.currentDatabase(), s.catalog.currentCatalog(), s.catalog.databaseExists(DB), s.catalog.databaseExists("spark_catalog.case_db"), s.catalog.databaseExists("nope")])  # fmt: skip
case("catalog_set_catalog", lambda s: s.catalog.setCurrentCatalog("spark_catalog"))
case("catalog_set_catalog_missing", lambda s: s.catalog.setCurrentCatalog("case_nothing"))
case("catalog_catalogs", lambda s: [[c.name for c in s.catalog.listCatalogs()], [c.name for c in s.catalog.listCatalogs("zzz*")]])  # fmt: skip

# --------------------------------------------------------------------------------------------------------------
# Tables
# --------------------------------------------------------------------------------------------------------------

case("catalog_create_table", lambda s: [rows(s.catalog.createTable("t", schema=T.StructType().add("x", "integer").add("y", "string"), source="parquet", description="words")), shorn(s.catalog.getTable("t"))])  # fmt: skip
case("catalog_create_table_default", lambda s: [s.catalog.createTable("t", schema=T.StructType().add("x", "integer")).columns, shorn(s.catalog.getTable("t"))])  # fmt: skip
case("catalog_create_table_no_schema", lambda s: s.catalog.createTable("t", source="parquet").columns)
case("catalog_create_external_table", lambda s: (lambda d: [s.range(3).write.mode("overwrite").parquet(d), rows(s.catalog.createExternalTable("t", d)), shorn(s.catalog.getTable("t"))])(scratch()))  # fmt: skip
case("catalog_create_table_path", lambda s: (lambda d: [s.range(3).write.mode("overwrite").csv(d), rows(s.catalog.createTable("t", d, "csv", T.StructType().add("x", "integer"))), shorn(s.catalog.getTable("t"))])(scratch()))  # fmt: skip
case("catalog_create_table_twice", lambda s: (table(s), s.catalog.createTable("t", schema=T.StructType().add("x", "integer"))))  # fmt: skip
case("catalog_drop_table", lambda s: [bool(table(s)), s.catalog.tableExists("t"), s.catalog.dropTable("t"), s.catalog.tableExists("t")])  # fmt: skip
case("catalog_drop_table_missing", lambda s: s.catalog.dropTable("t"))
case("catalog_drop_table_if", lambda s: s.catalog.dropTable("t", ifExists=True))
case(
    "catalog_drop_table_view",
    lambda s: [bool(s.sql("CREATE VIEW v AS SELECT 1 AS x")), s.catalog.dropTable("v"), s.catalog.tableExists("v")],
)
case("catalog_drop_table_temp_view", lambda s: [s.range(1).createOrReplaceTempView("case_tv"), s.catalog.dropTable("case_tv")])  # fmt: skip
case("catalog_drop_view", lambda s: [bool(s.sql("CREATE VIEW v AS SELECT 1 AS x")), s.catalog.tableExists("v"), s.catalog.dropView("v"), s.catalog.tableExists("v")])  # fmt: skip
case("catalog_drop_view_missing", lambda s: s.catalog.dropView("v"))
case("catalog_drop_view_if", lambda s: s.catalog.dropView("v", ifExists=True))
case("catalog_drop_view_table", lambda s: (table(s), s.catalog.dropView("t")))
case("catalog_drop_temp_view", lambda s: [s.catalog.dropTempView("case_none"), s.range(1).createOrReplaceTempView("case_tv"), s.catalog.dropTempView("case_tv")])  # fmt: skip
case("catalog_drop_global_view", lambda s: [s.catalog.dropGlobalTempView("case_none"), s.range(1).createOrReplaceGlobalTempView("case_gv"), s.catalog.dropGlobalTempView("case_gv")])  # fmt: skip
case("catalog_list_tables", lambda s: [bool(table(s)), bool(s.sql("CREATE VIEW v AS SELECT 1 AS x")), [shorn(t) for t in s.catalog.listTables() if t.database == DB], [shorn(t) for t in s.catalog.listTables(DB, "t*")]])  # fmt: skip
case("catalog_list_tables_missing", lambda s: s.catalog.listTables("case_nothing"))
case("catalog_list_tables_temp", lambda s: [s.range(1).createOrReplaceTempView("case_tv"), [shorn(t) for t in s.catalog.listTables(DB, "case_tv")], s.catalog.dropTempView("case_tv")])  # fmt: skip
case("catalog_list_views", lambda s: [bool(table(s)), bool(s.sql("CREATE VIEW v AS SELECT 1 AS x")), [shorn(t) for t in s.catalog.listViews() if t.database == DB], [shorn(t) for t in s.catalog.listViews(DB, "z*") if t.database == DB]])  # fmt: skip
case("catalog_list_columns", lambda s: [bool(table(s, partition="y")), [c._asdict() for c in s.catalog.listColumns("t")], [c.name for c in s.catalog.listColumns("t", DB)]])  # fmt: skip
case("catalog_list_columns_missing", lambda s: s.catalog.listColumns("t"))
case("catalog_table", lambda s: [bool(table(s)), shorn(s.catalog.getTable("t")), shorn(s.catalog.getTable(f"{DB}.t"))])
case("catalog_table_missing", lambda s: s.catalog.getTable("t"))
case("catalog_table_exists", lambda s: [bool(table(s)), s.catalog.tableExists("t"), s.catalog.tableExists("t", DB), s.catalog.tableExists(f"{DB}.t"), s.catalog.tableExists("t", "default"), s.catalog.tableExists("spark_catalog.case_db.t")])  # fmt: skip
case("catalog_partitions", lambda s: [bool(table(s, partition="y")), sorted(p.partition for p in s.catalog.listPartitions("t"))])  # fmt: skip
case("catalog_partitions_none", lambda s: (table(s), s.catalog.listPartitions("t")))
case("catalog_partitions_missing", lambda s: s.catalog.listPartitions("t"))
case("catalog_properties", lambda s: (s.sql("CREATE TABLE t (x INT) USING parquet TBLPROPERTIES ('a' = '1', 'b.c' = 'd')"), s.catalog.getTableProperties("t"))[1])  # fmt: skip
case("catalog_properties_missing", lambda s: s.catalog.getTableProperties("t"))
case("catalog_create_string", lambda s: (s.sql("CREATE TABLE t (x INT COMMENT 'one', y STRING NOT NULL) USING parquet PARTITIONED BY (x) COMMENT 'words' TBLPROPERTIES ('a' = '1')"), s.catalog.getCreateTableString("t"))[1])  # fmt: skip
case("catalog_create_string_view", lambda s: (s.sql("CREATE VIEW v (z COMMENT 'one') AS SELECT 1 AS x"), s.catalog.getCreateTableString("v"))[1])  # fmt: skip
case("catalog_create_string_missing", lambda s: s.catalog.getCreateTableString("t"))
case("catalog_truncate", lambda s: [bool(table(s)), s.catalog.truncateTable("t"), s.table("t").count()])
case("catalog_truncate_view", lambda s: (s.sql("CREATE VIEW v AS SELECT 1 AS x"), s.catalog.truncateTable("v")))
case("catalog_truncate_missing", lambda s: s.catalog.truncateTable("t"))
case(
    "catalog_analyze", lambda s: [bool(table(s)), s.catalog.analyzeTable("t"), s.catalog.analyzeTable("t", noScan=True)]
)
case("catalog_analyze_missing", lambda s: s.catalog.analyzeTable("t"))
case("catalog_analyze_rows", lambda s: [bool(table(s)), s.catalog.analyzeTable("t"), [r.data_type.split(", ")[-1] for r in s.sql("DESCRIBE EXTENDED t").collect() if r.col_name == "Statistics"]])  # fmt: skip
case("catalog_recover", lambda s: recovered(s))
case("catalog_recover_flat", lambda s: (table(s), s.catalog.recoverPartitions("t")))
case("catalog_recover_missing", lambda s: s.catalog.recoverPartitions("t"))


def recovered(spark: SparkSession) -> Any:
    directory = scratch()
    spark.sql("SELECT 1 AS x, 'a' AS y UNION ALL SELECT 2, 'b'").write.mode("overwrite").partitionBy("y").parquet(
        directory
    )
    spark.sql(f"CREATE TABLE t (x INT, y STRING) USING parquet PARTITIONED BY (y) LOCATION '{directory}'")
    before = spark.table("t").count()
    spark.catalog.recoverPartitions("t")
    return [before, spark.table("t").count(), sorted(p.partition for p in spark.catalog.listPartitions("t"))]


# --------------------------------------------------------------------------------------------------------------
# Cache
# --------------------------------------------------------------------------------------------------------------

case("catalog_cache", lambda s: [bool(table(s)), s.catalog.isCached("t"), s.catalog.cacheTable("t"), s.catalog.isCached("t"), s.table("t").count(), s.catalog.uncacheTable("t"), s.catalog.isCached("t")])  # fmt: skip
case("catalog_cache_missing", lambda s: s.catalog.cacheTable("t"))
case("catalog_is_cached_missing", lambda s: s.catalog.isCached("t"))
case("catalog_uncache_missing", lambda s: s.catalog.uncacheTable("t"))
case("catalog_clear_cache", lambda s: [bool(table(s)), s.catalog.cacheTable("t"), s.catalog.clearCache(), s.catalog.isCached("t")])  # fmt: skip
case("catalog_refresh", lambda s: [bool(table(s)), s.catalog.refreshTable("t"), s.table("t").count()])
case("catalog_refresh_missing", lambda s: s.catalog.refreshTable("t"))
case("catalog_refresh_path", lambda s: s.catalog.refreshByPath(scratch()))

# --------------------------------------------------------------------------------------------------------------
# Functions
# --------------------------------------------------------------------------------------------------------------

FUNCTIONS = ["abs", "sum", "explode", "row_number", "window", "range", "nothing_such", "ABS", "count", "in", "cast"]
case("catalog_function_exists", lambda s: {name: s.catalog.functionExists(name) for name in FUNCTIONS})
case("catalog_function_exists_database", lambda s: [s.catalog.functionExists("abs", DB), s.catalog.functionExists("case_db.abs")])  # fmt: skip
case("catalog_function", lambda s: [s.catalog.getFunction(n)._asdict()["name"] for n in ("abs", "count", "explode")])
case("catalog_function_temporary", lambda s: [s.catalog.getFunction("abs").isTemporary, s.catalog.getFunction("abs").catalog, s.catalog.getFunction("abs").namespace])  # fmt: skip
case("catalog_function_missing", lambda s: s.catalog.getFunction("nothing_such"))
case("catalog_functions", lambda s: sorted(f.name for f in s.catalog.listFunctions(pattern="a*s")))
case("catalog_functions_operators", lambda s: [f.name in {g.name for g in s.catalog.listFunctions()} for f in s.catalog.listFunctions(pattern="arr*")][:1])  # fmt: skip
case("catalog_functions_missing", lambda s: s.catalog.listFunctions("case_nothing"))

# --------------------------------------------------------------------------------------------------------------
# Writing tables
# --------------------------------------------------------------------------------------------------------------

case("save_append", lambda s: [bool(table(s)), s.range(1).selectExpr("5 AS x", "'q' AS y").write.mode("append").saveAsTable("t"), rows(s.table("t"))])  # fmt: skip
case("save_append_by_name", lambda s: [bool(table(s)), s.sql("SELECT 'q' AS y, 5 AS x").write.mode("append").saveAsTable("t"), rows(s.table("t"))])  # fmt: skip
case("save_append_columns", lambda s: (table(s), s.sql("SELECT 5 AS x").write.mode("append").saveAsTable("t")))
case("save_exists", lambda s: (table(s), table(s)))
case("save_ignore", lambda s: [bool(table(s)), s.range(1).write.mode("ignore").saveAsTable("t"), s.table("t").count()])
case("save_overwrite", lambda s: [bool(table(s)), s.range(2).write.mode("overwrite").saveAsTable("t"), rows(s.table("t"))])  # fmt: skip
case("save_bucketed", lambda s: [people(s).write.bucketBy(4, "id").sortBy("name").saveAsTable("t"), s.table("t").count(), bucketing(s)])  # fmt: skip
case("save_bucketed_path", lambda s: people(s).write.bucketBy(4, "id").parquet(scratch() + "/x"))
case("save_sort_without_bucket", lambda s: people(s).write.sortBy("id").saveAsTable("t"))
case("save_clustered", lambda s: [people(s).write.clusterBy("id").saveAsTable("t"), s.table("t").count()])
case("save_cluster_and_partition", lambda s: people(s).write.clusterBy("id").partitionBy("team").saveAsTable("t"))
case("save_bucketed_column_missing", lambda s: people(s).write.bucketBy(4, "nothing").saveAsTable("t"))
case("save_partition_missing", lambda s: people(s).write.partitionBy("nothing").saveAsTable("t"))
case("save_partition_all", lambda s: s.range(1).write.partitionBy("id").saveAsTable("t"))
case("save_unknown_format", lambda s: people(s).write.format("nothing").saveAsTable("t"))
case("insert_into", lambda s: [bool(table(s)), s.sql("SELECT 9 AS a, 'z' AS b").write.insertInto("t"), rows(s.table("t"))])  # fmt: skip
case("insert_into_overwrite", lambda s: [bool(table(s)), s.sql("SELECT 9 AS a, 'z' AS b").write.insertInto("t", overwrite=True), rows(s.table("t"))])  # fmt: skip
case("insert_into_columns", lambda s: (table(s), s.range(1).write.insertInto("t")))
case("insert_into_missing", lambda s: s.range(1).write.insertInto("t"))
case("write_to_create", lambda s: [s.range(3).writeTo("t").using("parquet").create(), rows(s.table("t"))])
case("write_to_create_partitioned", lambda s: [people(s).writeTo("t").using("parquet").partitionedBy(F.col("team")).create(), sorted(p.partition for p in s.catalog.listPartitions("t"))])  # fmt: skip
case("write_to_create_exists", lambda s: (table(s), s.range(3).writeTo("t").using("parquet").create()))
case("write_to_create_properties", lambda s: [s.range(3).writeTo("t").using("parquet").tableProperty("a", "b").create(), s.catalog.getTableProperties("t").get("a")])  # fmt: skip
case("write_to_append_missing", lambda s: s.range(3).writeTo("t").append())
case("merge_into", lambda s: (table(s), people(s).mergeInto("t", F.col("t.x") == F.col("id")).whenMatched().delete().merge()))  # fmt: skip
case("merge_into_missing", lambda s: people(s).mergeInto("t", F.lit(True)).whenMatched().delete().merge())
case("merge_into_no_action", lambda s: (table(s), people(s).mergeInto("t", F.lit(True)).merge()))


def bucketing(spark: SparkSession) -> Any:
    wanted = ("Num Buckets", "Bucket Columns", "Sort Columns")
    return [[r.col_name, r.data_type] for r in spark.sql("DESCRIBE EXTENDED t").collect() if r.col_name in wanted]


case("table_files", lambda s: [bool(table(s)), len(s.table("t").inputFiles()) > 0, all(f.startswith("file:") for f in s.table("t").inputFiles())])  # fmt: skip
case("warehouse_kept", lambda s: os.path.basename(s.catalog.getDatabase(DB).locationUri))
