//! Catalog calls: each answers with rows, named as in `pyspark.sql.catalog`.

use super::{Name, Options};
use firesteel_common::StructType;

/// `spark.catalog.*`.
#[derive(Debug, Clone, PartialEq)]
pub enum CatalogCall {
    CurrentDatabase,
    SetCurrentDatabase {
        database: String,
    },
    ListDatabases {
        pattern: Option<String>,
    },
    ListTables {
        database: Option<String>,
        pattern: Option<String>,
    },
    ListViews {
        database: Option<String>,
        pattern: Option<String>,
    },
    ListFunctions {
        database: Option<String>,
        pattern: Option<String>,
    },
    ListColumns {
        table: Name,
        database: Option<String>,
    },
    GetDatabase {
        database: String,
    },
    GetTable {
        table: Name,
        database: Option<String>,
    },
    GetFunction {
        function: Name,
        database: Option<String>,
    },
    DatabaseExists {
        database: String,
    },
    TableExists {
        table: Name,
        database: Option<String>,
    },
    FunctionExists {
        function: Name,
        database: Option<String>,
    },
    CreateTable {
        table: Name,
        path: Option<String>,
        source: Option<String>,
        description: Option<String>,
        schema: Option<StructType>,
        options: Options,
    },
    DropTable {
        table: Name,
        if_exists: bool,
        purge: bool,
    },
    DropView {
        view: Name,
        if_exists: bool,
    },
    DropTempView {
        view: String,
    },
    DropGlobalTempView {
        view: String,
    },
    CreateDatabase {
        database: String,
        if_not_exists: bool,
        properties: Options,
    },
    DropDatabase {
        database: String,
        if_exists: bool,
        cascade: bool,
    },
    RecoverPartitions {
        table: Name,
    },
    ListPartitions {
        table: Name,
    },
    GetTableProperties {
        table: Name,
    },
    GetCreateTableString {
        table: Name,
        as_serde: bool,
    },
    TruncateTable {
        table: Name,
    },
    AnalyzeTable {
        table: Name,
        no_scan: bool,
    },
    IsCached {
        table: Name,
    },
    CacheTable {
        table: Name,
        storage_level: Option<String>,
    },
    UncacheTable {
        table: Name,
    },
    ClearCache,
    RefreshTable {
        table: Name,
    },
    RefreshByPath {
        path: String,
    },
    CurrentCatalog,
    SetCurrentCatalog {
        catalog: String,
    },
    ListCatalogs {
        pattern: Option<String>,
    },
}
