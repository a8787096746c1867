"""``SQLContext`` and ``HiveContext``: Spark 1's names for a session."""

from __future__ import annotations

from typing import Any


def patch() -> None:
    """Let PySpark's own classes be made without a JVM."""
    from pyspark.sql.context import HiveContext, SQLContext

    def begin(self: Any, sparkContext: Any, sparkSession: Any = None, jsqlContext: Any = None) -> None:  # noqa: ARG001
        if sparkSession is None:
            import warnings

            warnings.warn(
                "Deprecated in 3.0.0. Use SparkSession.builder.getOrCreate() instead.", FutureWarning, stacklevel=2
            )
        self._sc = sparkContext
        self.sparkSession = sparkSession if sparkSession is not None else sparkContext._session
        context._instantiatedContext = self

    def get_or_create(cls: Any, sc: Any, /, **_static_conf: Any) -> Any:
        known = context._instantiatedContext
        return known if known is not None and not known.sparkSession.is_stopped else cls(sc, sc._session)

    context: Any = SQLContext
    context.__init__ = begin
    context._get_or_create = classmethod(get_or_create)
    # They ask the JVM where the session would do.
    for name, ask in _THROUGH_THE_CATALOG.items():
        setattr(context, name, ask)
    hive: Any = HiveContext
    hive.__init__ = begin


def _drop_temp_table(self: Any, tableName: str) -> None:
    self.sparkSession.catalog.dropTempView(tableName)


def _tables(self: Any, dbName: str | None = None) -> Any:
    return self.sparkSession.sql("SHOW TABLES" if dbName is None else f"SHOW TABLES IN {dbName}")


def _table_names(self: Any, dbName: str | None = None) -> list[str]:
    catalog = self.sparkSession.catalog
    return [table.name for table in (catalog.listTables() if dbName is None else catalog.listTables(dbName))]


def _cache_table(self: Any, tableName: str) -> None:
    self.sparkSession.catalog.cacheTable(tableName)


def _uncache_table(self: Any, tableName: str) -> None:
    self.sparkSession.catalog.uncacheTable(tableName)


def _clear_cache(self: Any) -> None:
    self.sparkSession.catalog.clearCache()


_THROUGH_THE_CATALOG = {
    "dropTempTable": _drop_temp_table,
    "tables": _tables,
    "tableNames": _table_names,
    "cacheTable": _cache_table,
    "uncacheTable": _uncache_table,
    "clearCache": _clear_cache,
}
