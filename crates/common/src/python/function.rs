//! A Python function, as the client pickled it.

use super::PythonSettings;
use crate::types::SparkType;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// How a worker calls a function and what crosses the socket: `pyspark.util.PythonEvalType`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct EvalType(pub i32);

impl EvalType {
    /// `udf(f, useArrow=False)` and functions registered for SQL: pickled rows.
    pub const BATCHED: Self = Self(100);
    /// `udf(f)`: values one by one, exchanged as Arrow.
    pub const ARROW_BATCHED: Self = Self(101);
    pub const SCALAR_PANDAS: Self = Self(200);
    pub const SCALAR_PANDAS_ITER: Self = Self(204);
    pub const MAP_PANDAS_ITER: Self = Self(205);
    pub const MAP_ARROW_ITER: Self = Self(207);
    pub const SCALAR_ARROW: Self = Self(250);
    pub const SCALAR_ARROW_ITER: Self = Self(251);

    /// A table function over rows, exchanged as Arrow.
    pub const TABLE: Self = Self(301);
    /// A table function over Arrow batches.
    pub const ARROW_TABLE: Self = Self(302);

    /// One value per row, wherever an expression may stand.
    pub fn is_scalar(self) -> bool {
        matches!(self.0, 100 | 101 | 200 | 204 | 250 | 251)
    }

    /// One value per group or window: over pandas series, Arrow arrays, or batches of either.
    pub fn is_aggregate(self) -> bool {
        matches!(self.0, 202 | 217 | 252 | 254)
    }

    /// Such a function takes a worker for itself: it reads the whole input as one iterator.
    pub fn is_iterator(self) -> bool {
        matches!(self.0, 204 | 251)
    }
}

/// How many functions were resolved.
static N_FUNCTIONS: AtomicI64 = AtomicI64::new(1);

/// A Python function with the settings of the session that calls it.
#[derive(Debug, Clone)]
pub struct PythonFunction {
    /// As names of columns and errors show it.
    pub name: String,
    pub eval_type: EvalType,
    /// `(function, return type)`, pickled; never looked into.
    pub command: Arc<[u8]>,
    /// Version of the Python that pickled it: `3.11`.
    pub version: String,
    /// Names of files among the session's that must be on the worker's path.
    pub includes: Vec<String>,
    pub output_type: SparkType,
    pub deterministic: bool,
    /// Number of this use of the function, under which profiles are shown.
    pub result_id: i64,
    pub settings: Arc<PythonSettings>,
}

impl PythonFunction {
    /// A number for [`PythonFunction::result_id`].
    pub fn next_result_id() -> i64 {
        N_FUNCTIONS.fetch_add(1, Ordering::Relaxed)
    }

    /// Two calls of a function that is not deterministic are two values.
    fn identity(&self) -> Option<i64> {
        (!self.deterministic).then_some(self.result_id)
    }
}

impl PartialEq for PythonFunction {
    fn eq(&self, other: &Self) -> bool {
        let same_command =
            Arc::ptr_eq(&self.command, &other.command) || self.command == other.command;
        same_command
            && self.eval_type == other.eval_type
            && self.output_type == other.output_type
            && self.deterministic == other.deterministic
            && self.identity() == other.identity()
            && self.version == other.version
            && self.settings == other.settings
    }
}

impl Eq for PythonFunction {}

impl Hash for PythonFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.command, self.eval_type, self.identity()).hash(state);
    }
}
