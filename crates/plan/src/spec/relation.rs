//! Unresolved relations. One variant per Spark Connect relation, plus what only SQL text can say.

use super::{
    CatalogCall, Expr, GraphCall, Literal, Name, Options, PythonFunction, SortOrder, Window,
};
use arrow::record_batch::RecordBatch;
use firesteel_common::error::Origin;
use firesteel_common::{SparkType, StructType, TransformHandle};

/// A relation and the id by which `df["x"]` and subqueries refer to it.
#[derive(Debug, Clone)]
pub struct Relation {
    pub plan_id: Option<i64>,
    /// Where the user wrote it, of tables and other leaves: errors about them say it.
    pub origin: Option<Origin>,
    pub node: Box<RelationNode>,
}

/// The place is no part of what a relation means: a kept table is found wherever it is named.
impl PartialEq for Relation {
    fn eq(&self, other: &Self) -> bool {
        self.plan_id == other.plan_id && self.node == other.node
    }
}

impl Relation {
    /// The same relation, written at `origin`.
    #[must_use]
    pub fn at(self, origin: Origin) -> Self {
        Self { origin: Some(origin), ..self }
    }
}

impl From<RelationNode> for Relation {
    fn from(node: RelationNode) -> Self {
        Relation { plan_id: None, origin: None, node: Box::new(node) }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum RelationNode {
    // Leaves.
    NamedTable(NamedTable),
    DataSource(DataSource),
    Local(LocalRelation),
    Range(Range),
    /// One row without columns: `SELECT 1`.
    OneRow,
    /// `VALUES (…), (…)`.
    InlineTable {
        rows: Vec<Vec<Expr>>,
    },
    /// `explode(…)`, `range(…)`, a registered UDTF in FROM.
    TableFunction(TableFunction),
    /// A UDTF that came with the query.
    PythonTableFunction(Box<PythonTableFunction>),
    /// Result of `checkpoint` or of a micro batch, kept by the server.
    CachedRemote {
        relation_id: String,
    },
    /// `spark.sql(text)`; parsed by the resolver.
    Sql(SqlText),
    Catalog(CatalogCall),
    /// What a model, a transformer or an attribute of one makes of its inputs.
    Transform {
        inputs: Vec<Relation>,
        transform: TransformHandle,
    },
    /// A method of GraphFrames.
    Graph(Box<GraphCall>),
    /// A relation that the resolver has resolved already, by its number there: what it builds other
    /// relations from (`describe`, `crosstab`, …). Neither front makes it.
    Resolved(usize),

    // Rows and columns.
    Project {
        input: Relation,
        exprs: Vec<Expr>,
    },
    Filter {
        input: Relation,
        condition: Expr,
    },
    /// HAVING: may name aggregates and grouping columns of the `Aggregate` below.
    Having {
        input: Relation,
        condition: Expr,
    },
    /// QUALIFY: filters by window functions; may name select items of the `Project` or `Aggregate`
    /// (under a `Having` or `WindowClause`) below.
    Qualify {
        input: Relation,
        condition: Expr,
    },
    /// Global, or within each partition.
    Sort {
        input: Relation,
        order: Vec<SortOrder>,
        global: bool,
    },
    /// `ORDER BY ALL`.
    SortAll {
        input: Relation,
        ascending: bool,
        nulls_first: Option<bool>,
    },
    Limit {
        input: Relation,
        limit: Expr,
    },
    Offset {
        input: Relation,
        offset: Expr,
    },
    Tail {
        input: Relation,
        limit: Expr,
    },
    Sample(Sample),
    Aggregate(Aggregate),
    /// `|> AGGREGATE`: every item must hold an aggregate.
    PipeAggregate(Aggregate),
    /// Window definitions of a `WINDOW` clause, for the `Project` or `Aggregate` in `input`.
    WindowClause {
        input: Relation,
        windows: Vec<(String, Window)>,
    },
    Deduplicate {
        input: Relation,
        columns: Vec<String>,
        all_columns: bool,
        within_watermark: bool,
    },
    WithColumns {
        input: Relation,
        columns: Vec<(String, Expr, Option<String>)>,
    },
    /// `|> SET name = value`: the column must be there.
    SetColumn {
        input: Relation,
        name: String,
        value: Expr,
    },
    WithColumnsRenamed {
        input: Relation,
        renames: Vec<(String, String)>,
    },
    Drop {
        input: Relation,
        columns: Vec<Expr>,
        names: Vec<String>,
    },
    ToDf {
        input: Relation,
        names: Vec<String>,
    },
    ToSchema {
        input: Relation,
        schema: StructType,
    },
    LateralView(LateralView),
    Unpivot(Unpivot),
    /// SQL's `PIVOT (aggs FOR columns IN (values))`; the DataFrame form is `Aggregate::pivot`.
    Pivot(Pivot),
    Transpose {
        input: Relation,
        index: Vec<Expr>,
    },

    // Two inputs and names.
    Join(Join),
    SetOperation(SetOperation),
    /// `AS alias(columns)`; `qualifier` are the parts before the alias.
    Alias {
        input: Relation,
        name: String,
        qualifier: Vec<String>,
        columns: Vec<String>,
    },
    With(With),
    WithRelations {
        root: Relation,
        references: Vec<Relation>,
    },
    AsOfJoin(Box<AsOfJoin>),
    NearestByJoin(Box<NearestByJoin>),

    // Partitioning and hints.
    Repartition {
        input: Relation,
        partitions: usize,
        shuffle: bool,
    },
    RepartitionByExpression {
        input: Relation,
        exprs: Vec<Expr>,
        partitions: Option<usize>,
    },
    Hint {
        input: Relation,
        name: String,
        parameters: Vec<Expr>,
    },

    // Nulls and statistics.
    NaFill {
        input: Relation,
        columns: Vec<String>,
        values: Vec<Literal>,
    },
    NaDrop {
        input: Relation,
        columns: Vec<String>,
        min_non_nulls: Option<i32>,
    },
    NaReplace {
        input: Relation,
        columns: Vec<String>,
        replacements: Vec<(Literal, Literal)>,
    },
    Summary {
        input: Relation,
        statistics: Vec<String>,
    },
    Describe {
        input: Relation,
        columns: Vec<String>,
    },
    Crosstab {
        input: Relation,
        column1: String,
        column2: String,
    },
    Cov {
        input: Relation,
        column1: String,
        column2: String,
    },
    Corr {
        input: Relation,
        column1: String,
        column2: String,
        method: Option<String>,
    },
    ApproxQuantile {
        input: Relation,
        columns: Vec<String>,
        probabilities: Vec<f64>,
        relative_error: f64,
    },
    FreqItems {
        input: Relation,
        columns: Vec<String>,
        support: Option<f64>,
    },
    SampleBy {
        input: Relation,
        column: Expr,
        fractions: Vec<(Literal, f64)>,
        seed: Option<i64>,
    },

    // Output.
    ShowString {
        input: Relation,
        rows: i32,
        truncate: i32,
        vertical: bool,
    },
    HtmlString {
        input: Relation,
        rows: i32,
        truncate: i32,
    },
    CollectMetrics {
        input: Relation,
        name: String,
        metrics: Vec<Expr>,
    },
    /// `spark.read.csv(df_of_strings)`, `.json(…)`.
    Parse {
        input: Relation,
        format: String,
        schema: Option<StructType>,
        options: Options,
    },

    // Python functions over partitions and groups.
    MapPartitions {
        input: Relation,
        function: PythonFunction,
        is_barrier: bool,
    },
    GroupMap {
        input: Relation,
        grouping: Vec<Expr>,
        function: PythonFunction,
        sorting: Vec<Expr>,
    },
    CoGroupMap(Box<CoGroupMap>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct NamedTable {
    pub name: Name,
    pub options: Options,
    /// `IDENTIFIER(expr)`: evaluated to the name.
    pub identifier: Option<Box<Expr>>,
    /// `TIMESTAMP AS OF` or `VERSION AS OF`.
    pub time_travel: Option<Box<Expr>>,
}

/// A Python table function as the client sent it; its class is never looked into.
#[derive(Debug, Clone, PartialEq)]
pub struct PythonTableFunction {
    pub name: String,
    pub args: Vec<Expr>,
    pub deterministic: bool,
    /// None: its static method `analyze` says.
    pub return_type: Option<SparkType>,
    pub eval_type: i32,
    pub command: Vec<u8>,
    pub python_version: String,
}

/// `spark.read…load()`, or `` csv.`path` `` in SQL.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSource {
    /// None: `spark.sql.sources.default` (parquet).
    pub format: Option<String>,
    pub schema: Option<StructType>,
    pub options: Options,
    pub paths: Vec<String>,
    /// JDBC partition predicates.
    pub predicates: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct LocalRelation {
    /// The schema that the client declared; none: taken from the batches.
    pub schema: Option<StructType>,
    pub batches: Vec<RecordBatch>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    pub start: i64,
    pub end: i64,
    pub step: i64,
    pub partitions: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct TableFunction {
    pub name: Name,
    pub args: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SqlText {
    pub query: String,
    pub named: Vec<(String, Expr)>,
    pub positional: Vec<Expr>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub input: Relation,
    pub lower: f64,
    pub upper: f64,
    pub with_replacement: bool,
    pub seed: Option<i64>,
    /// Sort by all columns first, so that equal seeds pick equal rows (`randomSplit`).
    pub deterministic_order: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    pub input: Relation,
    pub grouping: Grouping,
    /// SQL: the whole SELECT list. DataFrame: aggregates only; grouping columns come before them.
    pub aggregates: Vec<Expr>,
    pub prepend_grouping: bool,
    pub pivot: Option<(Expr, Vec<Literal>)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Grouping {
    /// Empty: one global group.
    By(Vec<Expr>),
    /// `GROUP BY ALL`: every select item without an aggregate.
    All,
    Rollup(Vec<Expr>),
    Cube(Vec<Expr>),
    Sets {
        exprs: Vec<Expr>,
        sets: Vec<Vec<Expr>>,
    },
    /// Several grouping elements that are combined: `GROUP BY a, ROLLUP (b, c)`.
    Product(Vec<Grouping>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct LateralView {
    pub input: Relation,
    pub generator: Expr,
    pub outer: bool,
    pub table_alias: Option<String>,
    pub column_aliases: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Unpivot {
    pub input: Relation,
    /// None in SQL: all columns that are not values.
    pub ids: Option<Vec<Expr>>,
    /// None in the DataFrame API: all columns that are not ids. One inner list per value row, with
    /// its optional alias.
    pub values: Option<Vec<(Vec<Expr>, Option<String>)>>,
    pub variable_column: String,
    pub value_columns: Vec<String>,
    pub include_nulls: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Pivot {
    pub input: Relation,
    pub aggregates: Vec<Expr>,
    pub columns: Vec<Expr>,
    /// A value (a row for several columns) and its alias.
    pub values: Vec<(Expr, Option<String>)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Join {
    pub left: Relation,
    pub right: Relation,
    pub join_type: JoinType,
    pub condition: JoinCondition,
    /// The right side may refer to columns of the left.
    pub lateral: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JoinType {
    Inner,
    Left,
    Right,
    Full,
    LeftSemi,
    LeftAnti,
    Cross,
}

#[derive(Debug, Clone, PartialEq)]
pub enum JoinCondition {
    None,
    On(Expr),
    Using(Vec<String>),
    Natural,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SetOperation {
    pub left: Relation,
    pub right: Relation,
    pub op: SetOperator,
    pub all: bool,
    pub by_name: bool,
    pub allow_missing_columns: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOperator {
    Union,
    Intersect,
    Except,
}

#[derive(Debug, Clone, PartialEq)]
pub struct With {
    pub input: Relation,
    pub tables: Vec<CommonTable>,
    pub recursive: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CommonTable {
    pub name: String,
    pub columns: Vec<String>,
    pub query: Relation,
    /// `MAX RECURSION LEVEL n`.
    pub recursion_levels_max: Option<i32>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct AsOfJoin {
    pub left: Relation,
    pub right: Relation,
    pub left_as_of: Expr,
    pub right_as_of: Expr,
    pub condition: Option<Expr>,
    pub using: Vec<String>,
    pub join_type: String,
    pub tolerance: Option<Expr>,
    pub allow_exact_matches: bool,
    pub direction: String,
}

/// `left.nearestByJoin(right, ranking, n, mode, direction)`.
#[derive(Debug, Clone, PartialEq)]
pub struct NearestByJoin {
    pub left: Relation,
    pub right: Relation,
    pub ranking: Expr,
    /// Most partners of a left row.
    pub n_results: i32,
    pub join_type: String,
    /// `exact` or `approx`.
    pub mode: String,
    /// `distance` (smallest first) or `similarity` (largest first).
    pub direction: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct CoGroupMap {
    pub left: Relation,
    pub left_grouping: Vec<Expr>,
    pub right: Relation,
    pub right_grouping: Vec<Expr>,
    pub function: PythonFunction,
    pub left_sorting: Vec<Expr>,
    pub right_sorting: Vec<Expr>,
}

/// A column definition of CREATE TABLE and ALTER TABLE.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDefinition {
    pub name: String,
    pub data_type: SparkType,
    pub nullable: bool,
    pub comment: Option<String>,
    /// SQL text of `DEFAULT expr`.
    pub default: Option<String>,
    /// SQL text of `GENERATED ALWAYS AS (expr)`.
    pub generated: Option<String>,
}
