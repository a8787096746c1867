//! Equal parts of one query are computed once: a view or common table that is read twice, a scalar subquery over
//! what the query itself reads. Spark's `ReuseExchange` and `ReuseSubquery`.
//!
//! ```text
//!  LogicalPlan, optimized ─find──▶ SharedRows nodes over equal subplans (columns renamed above them)
//!              ─planner──▶ SharedRowsExec marks, each over a copy: barriers for filters and sorts
//!              ─rules::PlaceSharedRows, last──▶ the first of each id keeps its copy, the others read from it
//! ```
//!
//! This is for runners that run a query in one process: consumers share rows through memory. A runner that makes
//! tasks of bytes must leave it out (`NodeQueryPlanner::share` is false there); a cluster would write the rows of
//! such a part as one more stage.

mod classes;
mod exec;
mod find;
mod node;
mod rows;

pub(crate) use exec::{Role, SharedRowsExec};
pub(crate) use find::share_equal_subplans;
pub(crate) use node::SharedRows;
