//! A Python table function as plans hold it: Spark's `PythonUDTF`.

use super::{Command, PythonTask};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a worker is told of a table function. `task` has one call: the handler and its arguments.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PythonTableTask {
    pub task: PythonTask,
    pub name: String,
    /// Places, among the columns of the table argument, of those by which it is partitioned. They are at its end,
    /// and the handler does not see them.
    pub partition_columns: Vec<usize>,
    /// The pickled answer of `analyze`, for the handler's constructor.
    pub analyzed: Option<Command>,
    /// The rows' type, as JSON.
    pub return_type: String,
}

/// The answer of the static method `analyze` of a table function's class.
#[derive(Debug, Clone)]
pub struct Analyzed {
    /// The rows' type, as JSON.
    pub schema: String,
    /// The whole answer, pickled.
    pub pickled: Arc<[u8]>,
    pub with_single_partition: bool,
    /// SQL expressions over the table argument.
    pub partition_by: Vec<String>,
    pub order_by: Vec<AnalyzedOrder>,
    /// SQL expressions and their aliases, which may be empty. Without any, all columns.
    pub select: Vec<(String, String)>,
}

/// One key of an order that `analyze` asks for.
#[derive(Debug, Clone)]
pub struct AnalyzedOrder {
    pub expr: String,
    pub ascending: bool,
    /// None: as is usual for the direction.
    pub nulls_first: Option<bool>,
}

/// An argument of a table function, as `analyze` sees it.
#[derive(Debug, Clone)]
pub struct AnalyzeArg {
    /// Its type, as JSON.
    pub data_type: String,
    /// A constant's value, pickled.
    pub value: Option<Vec<u8>>,
    pub is_table: bool,
    pub keyword: Option<String>,
}

/// What `analyze` is called with.
#[derive(Debug, Clone)]
pub struct AnalyzeCall {
    pub name: String,
    /// The pickled class.
    pub command: Arc<[u8]>,
    /// Version of the Python that pickled it: `3.11`.
    pub version: String,
    pub args: Vec<AnalyzeArg>,
}
