//! Functions that need OVER (`org.apache.spark.sql.catalyst.expressions.windowExpressions`).
//! Aggregates used with OVER are in `aggregate`.

mod nth;
mod pandas;
mod ranking;
mod running;
mod shift;
mod udwf;

use crate::registry::{Builder, FunctionDef};
use crate::wire::from_bytes;
use datafusion_expr::WindowUDF;
use firesteel_common::{Result, SparkError};
use serde::de::IgnoredAny;
use udwf::AnyWindowKind;

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
        window("ewm", pandas::ewm),
        window("null_index", pandas::null_index),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyWindowKind> {
    vec![
        &ranking::ROW_NUMBER,
        &ranking::RANK,
        &ranking::DENSE_RANK,
        &ranking::PERCENT_RANK,
        &ranking::CUME_DIST,
        &ranking::NTILE,
        &shift::LAG,
        &shift::LEAD,
        &nth::NTH_VALUE,
        &pandas::EWM,
        &pandas::NULL_INDEX,
    ]
}

/// The function as bytes; none if it is not of this group.
pub(crate) fn encode(function: &WindowUDF) -> Result<Option<Vec<u8>>> {
    kinds().into_iter().find_map(|kind| kind.encode(function)).transpose()
}

/// # Errors
/// An internal error: the bytes are none that [`encode`] gives.
pub(crate) fn decode(bytes: &[u8]) -> Result<WindowUDF> {
    let (head, IgnoredAny): (udwf::Head<'_>, _) = from_bytes(bytes)?;
    let kind = kinds().into_iter().find(|kind| kind.id() == head.id);
    let kind = kind.ok_or_else(|| SparkError::internal(format!("no function {}", head.id)))?;
    kind.decode(bytes)
}

/// The function with `IGNORE NULLS`; none if it is not of this group.
pub(crate) fn ignoring_nulls(function: &WindowUDF) -> Option<WindowUDF> {
    kinds().into_iter().find_map(|kind| kind.ignoring_nulls(function))
}
