//! Commands: they act at once and answer with few rows or none.

use super::{ColumnDefinition, Expr, Name, Options, Relation};

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    // Views.
    CreateView(CreateView),
    DropView {
        name: Name,
        if_exists: bool,
    },
    // Catalog.
    CreateTable(CreateTable),
    DropTable {
        name: Name,
        if_exists: bool,
        purge: bool,
    },
    RenameTable {
        from: Name,
        to: Name,
        is_view: bool,
    },
    CreateDatabase {
        name: Name,
        if_not_exists: bool,
        comment: Option<String>,
        location: Option<String>,
        properties: Options,
    },
    DropDatabase {
        name: Name,
        if_exists: bool,
        cascade: bool,
    },
    UseDatabase {
        name: Name,
    },
    UseCatalog {
        name: String,
    },
    TruncateTable {
        name: Name,
    },
    RefreshTable {
        name: Name,
    },
    RefreshPath {
        path: String,
    },
    // Writes.
    Write(WritePath),
    Insert(Insert),
    /// `df.write.saveAsTable`, `df.writeTo(…)`.
    WriteTable(WriteTable),
    // Cache.
    CacheTable {
        name: Name,
        lazy: bool,
        options: Options,
        query: Option<Relation>,
    },
    UncacheTable {
        name: Name,
        if_exists: bool,
    },
    ClearCache,
    // Configuration.
    Set {
        key: Option<String>,
        value: Option<String>,
        verbose: bool,
    },
    Reset {
        key: Option<String>,
    },
    SetTimeZone {
        zone: Expr,
    },
    // Questions.
    ShowDatabases {
        pattern: Option<String>,
    },
    ShowTables {
        database: Option<Name>,
        pattern: Option<String>,
        extended: bool,
    },
    ShowViews {
        database: Option<Name>,
        pattern: Option<String>,
    },
    ShowColumns {
        table: Name,
    },
    ShowFunctions {
        scope: Option<String>,
        pattern: Option<String>,
    },
    ShowCreateTable {
        table: Name,
    },
    ShowTableProperties {
        table: Name,
        key: Option<String>,
    },
    ShowPartitions {
        table: Name,
    },
    ShowCatalogs {
        pattern: Option<String>,
    },
    ShowCurrentNamespace,
    DescribeTable {
        table: Name,
        extended: bool,
        column: Option<Name>,
    },
    DescribeQuery {
        query: Relation,
    },
    DescribeDatabase {
        name: Name,
        extended: bool,
    },
    DescribeFunction {
        name: Name,
        extended: bool,
    },
    Explain {
        plan: Box<super::Plan>,
        mode: ExplainMode,
    },
    /// A statement that the grammar knows and the engine does not run yet; `statement` names it.
    Unsupported {
        statement: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplainMode {
    Simple,
    Extended,
    Codegen,
    Cost,
    Formatted,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateView {
    pub name: Name,
    pub query: Relation,
    pub kind: ViewKind,
    pub replace: bool,
    pub if_not_exists: bool,
    /// New column names with their comments; empty: the query's own.
    pub columns: Vec<(String, Option<String>)>,
    pub comment: Option<String>,
    pub properties: Options,
    /// Text of the query, kept for SHOW CREATE TABLE; none from the DataFrame API.
    pub text: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViewKind {
    Temporary,
    GlobalTemporary,
    Persistent,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreateTable {
    pub name: Name,
    pub columns: Vec<ColumnDefinition>,
    /// `USING format`.
    pub format: Option<String>,
    pub options: Options,
    pub partition_by: Vec<Expr>,
    pub location: Option<String>,
    pub comment: Option<String>,
    pub properties: Options,
    pub query: Option<Relation>,
    pub if_not_exists: bool,
    /// `REPLACE TABLE` or `CREATE OR REPLACE TABLE`.
    pub replace: bool,
}

/// `df.write.format(…).mode(…).save(path)`.
#[derive(Debug, Clone, PartialEq)]
pub struct WritePath {
    pub input: Relation,
    pub format: Option<String>,
    pub path: Option<String>,
    pub mode: SaveMode,
    pub options: Options,
    pub partition_by: Vec<String>,
    pub sort_by: Vec<String>,
    pub bucket_by: Option<(u32, Vec<String>)>,
    pub cluster_by: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaveMode {
    ErrorIfExists,
    Append,
    Overwrite,
    Ignore,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    pub table: Name,
    pub query: Relation,
    pub overwrite: bool,
    pub columns: Vec<String>,
    pub by_name: bool,
    /// `PARTITION (a = 1, b)`.
    pub partition: Vec<(String, Option<Expr>)>,
    pub if_not_exists: bool,
    /// `INSERT OVERWRITE DIRECTORY 'path' USING format`.
    pub directory: Option<(String, Option<String>, Options)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct WriteTable {
    pub input: Relation,
    pub table: Name,
    pub method: TableMethod,
    pub format: Option<String>,
    pub options: Options,
    pub properties: Options,
    pub partition_by: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum TableMethod {
    SaveAsTable(SaveMode),
    InsertInto { overwrite: bool },
    Create,
    Replace,
    CreateOrReplace,
    Append,
    Overwrite(Expr),
    OverwritePartitions,
}
