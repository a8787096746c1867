//! Commands: they act at once and answer with few rows or none.

use super::{ColumnDefinition, Expr, Name, Options, Relation};
use firesteel_common::SparkType;

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
    ShowCollations {
        pattern: Option<String>,
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
        /// Values that the partitions must have.
        partition: PartitionSpec,
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
    // Session variables.
    /// `DECLARE [OR REPLACE] VARIABLE name [type] [DEFAULT expr]`; the default is null without one.
    DeclareVariable {
        name: Name,
        replace: bool,
        data_type: Option<SparkType>,
        default: Option<Expr>,
    },
    /// Of functions of the session the name has one part.
    DropFunction {
        name: Name,
        is_temporary: bool,
        if_exists: bool,
    },
    DropVariable {
        name: Name,
        if_exists: bool,
    },
    /// `SET VAR a = expr, …`; `None` is DEFAULT.
    SetVariables {
        assignments: Vec<(Name, Option<Expr>)>,
    },
    /// `SET VAR (a, b) = (query)`.
    SetVariablesFrom {
        names: Vec<Name>,
        query: Relation,
    },
    ExecuteImmediate(ExecuteImmediate),
    // Changes of definitions.
    AlterTable {
        table: Name,
        is_view: bool,
        change: TableChange,
    },
    AlterDatabase {
        name: Name,
        properties: Options,
    },
    /// `ALTER TABLE t RECOVER PARTITIONS`, `MSCK REPAIR TABLE t`.
    RecoverPartitions {
        table: Name,
    },
    AnalyzeTable {
        table: Name,
        no_scan: bool,
    },
    CommentOnTable {
        table: Name,
        comment: Option<String>,
    },
    CommentOnDatabase {
        name: Name,
        comment: Option<String>,
    },
    CreateTableLike {
        name: Name,
        source: Name,
        if_not_exists: bool,
        format: Option<String>,
        location: Option<String>,
        properties: Options,
    },
    /// `UPDATE`, `DELETE` or `MERGE`: no table of ours can do it; `operation` names it as Spark does.
    RowLevel {
        table: Name,
        operation: &'static str,
    },
    /// A statement that the grammar knows and the engine does not run yet; `statement` names it.
    Unsupported {
        statement: String,
    },
}

/// `PARTITION (a = 1, b = 'x')`.
pub type PartitionSpec = Vec<(String, Expr)>;

/// `EXECUTE IMMEDIATE statement [INTO a, …] [USING value [AS name], …]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ExecuteImmediate {
    pub statement: Expr,
    pub into: Vec<Name>,
    pub using: Vec<(Expr, Option<String>)>,
}

/// What ALTER TABLE and ALTER VIEW change.
#[derive(Debug, Clone, PartialEq)]
pub enum TableChange {
    SetProperties(Options),
    UnsetProperties {
        keys: Vec<String>,
        if_exists: bool,
    },
    AddColumns(Vec<ColumnDefinition>),
    CommentOnColumn {
        column: Name,
        comment: String,
    },
    /// `ALTER COLUMN c SET DEFAULT expr`, as text, or `DROP DEFAULT`.
    ColumnDefault {
        column: Name,
        default: Option<String>,
    },
    AddPartitions {
        partitions: Vec<(PartitionSpec, Option<String>)>,
        if_not_exists: bool,
    },
    DropPartitions {
        partitions: Vec<PartitionSpec>,
        if_exists: bool,
    },
    SetLocation(String),
    /// `ALTER VIEW v AS query`; and the query's text.
    Query(Relation, String),
    /// What tables of files cannot do; named as Spark names it: `DROP COLUMN`.
    Refused(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExplainMode {
    Simple,
    Extended,
    Codegen,
    Cost,
    Formatted,
    /// `EXPLAIN ANALYZE`: runs a query and tells what its operators measured. Spark has no such mode.
    Analyze,
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
    pub layout: Layout,
    pub location: Option<String>,
    pub comment: Option<String>,
    pub properties: Options,
    pub query: Option<Relation>,
    pub if_not_exists: bool,
    /// `REPLACE TABLE` or `CREATE OR REPLACE TABLE`.
    pub replace: bool,
}

/// How a table's rows are to be laid out beside its partitions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// How many buckets, and by which columns.
    pub bucket_by: Option<(u32, Vec<String>)>,
    pub sort_by: Vec<String>,
    pub cluster_by: Vec<String>,
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
    pub layout: Layout,
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
