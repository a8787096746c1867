//! Functions that need OVER (`org.apache.spark.sql.catalyst.expressions.windowExpressions`).
//! Aggregates used with OVER are in `aggregate`.

mod nth;
mod ranking;
mod shift;
mod udwf;

use crate::registry::{Builder, FunctionDef};

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let window = |name, build| FunctionDef { name, builder: Builder::Window(build) };
    vec![
        window("row_number", ranking::row_number),
        window("rank", ranking::rank),
        window("dense_rank", ranking::dense_rank),
        window("percent_rank", ranking::percent_rank),
        window("cume_dist", ranking::cume_dist),
        window("ntile", ranking::ntile),
        window("lag", shift::lag),
        window("lead", shift::lead),
        window("nth_value", nth::nth_value),
    ]
}
