//! What a correlated scalar subquery that became a join may give to a row: one row at most.

use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{ArrayRef, BooleanArray};
use arrow::datatypes::Int64Type;
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use std::sync::Arc;

/// True; `SCALAR_SUBQUERY_TOO_MANY_ROWS` where `n_rows` (a column of Int64) is beyond one.
pub fn is_one_row(n_rows: Expr) -> Expr {
    let kernel = IS_ONE_ROW.kernel((), &SparkType::Boolean);
    kernel.nullable(Nullable::Never).call(vec![n_rows])
}

pub(super) static IS_ONE_ROW: Kind<()> = Kind::new("is_one_row", evaluate);

fn evaluate(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let counts = input.primitive::<Int64Type>(0)?;
    if counts.iter().flatten().any(|n| n > 1) {
        return Err(SparkError::new(
            ErrorKind::Execution,
            "SCALAR_SUBQUERY_TOO_MANY_ROWS",
            "More than one row returned by a subquery used as an expression.",
        ));
    }
    Ok(Arc::new(BooleanArray::from(vec![true; input.n_rows])))
}
