//! `FILTER (WHERE condition)` of an aggregate function (Spark's `CheckAnalysis`).

use super::aggregates::{contains_aggregate, contains_window};
use super::{ExprContext, ResolvedExpr};
use crate::resolve::Resolver;
use crate::spec;
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    /// The condition; `over` a window it may hold aggregates.
    ///
    /// # Errors
    /// `INVALID_AGGREGATE_FILTER` with the reason.
    pub(super) fn aggregate_filter(
        &mut self,
        condition: &spec::Expr,
        over: bool,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let n_partition_columns = context.partition_columns.len();
        let resolved = self.expr(condition, context)?;
        let invalid = |reason: &str, expected: &str| {
            let shown = format!("\"{}\"", resolved.name);
            Err(SparkError::analysis(
                format!("INVALID_AGGREGATE_FILTER.{reason}"),
                format!(
                    "The FILTER expression {shown} in an aggregate function is invalid. {expected}"
                ),
            )
            .with("filterExpr", shown))
        };
        if context.partition_columns.len() > n_partition_columns || resolved.expr.is_volatile() {
            return invalid("NON_DETERMINISTIC", "Expected a deterministic FILTER expression.");
        }
        if resolved.field.data_type() != &DataType::Boolean {
            return invalid("NOT_BOOLEAN", "Expected a FILTER expression of the BOOLEAN type.");
        }
        if !over && contains_aggregate(&resolved.expr) {
            return invalid(
                "CONTAINS_AGGREGATE",
                "Expected a FILTER expression without an aggregation.",
            );
        }
        if contains_window(&resolved.expr) {
            return invalid(
                "CONTAINS_WINDOW_FUNCTION",
                "Expected a FILTER expression without a window function.",
            );
        }
        Ok(resolved)
    }
}
