//! LIMIT, OFFSET and `tail`.

use super::shown_order::LIMIT_MAX;
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Relation};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr as PlanExpr, Extension, Limit, LogicalPlan};
use firesteel_common::nodes::Tail;
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn limit(&mut self, input: &Relation, limit: &Expr) -> Result<Resolved> {
        let input = self.relation(input)?;
        let rows = self.row_count("limit", limit)?;
        // Which rows of a group-by these are is as much a habit of Spark as the order of `show`.
        let input = if rows <= LIMIT_MAX { self.in_shown_order(input) } else { input };
        Ok(limited(input, None, Some(rows)))
    }

    pub(super) fn offset(&mut self, input: &Relation, offset: &Expr) -> Result<Resolved> {
        let input = self.relation(input)?;
        let rows = self.row_count("offset", offset)?;
        Ok(limited(input, Some(rows), None))
    }

    pub(super) fn tail(&mut self, input: &Relation, limit: &Expr) -> Result<Resolved> {
        let input = self.relation(input)?;
        let rows = self.row_count("tail", limit)?;
        let limit = usize::try_from(rows).unwrap_or(usize::MAX);
        let node = Arc::new(Tail { input: input.plan, limit });
        Ok(Resolved { plan: LogicalPlan::Extension(Extension { node }), scope: input.scope })
    }

    /// The constant number of rows that `expr` is.
    fn row_count(&mut self, name: &str, expr: &Expr) -> Result<i64> {
        let error = |condition: &str, text: String| {
            SparkError::analysis(
                format!("INVALID_LIMIT_LIKE_EXPRESSION.{condition}"),
                format!("The limit like expression is invalid. {text}"),
            )
            .with("name", name)
        };
        let value = self.constant_of(expr).map_err(|problem| {
            if problem.condition() == "NON_FOLDABLE_ARGUMENT"
                || problem.condition().starts_with("UNRESOLVED_COLUMN")
            {
                error(
                    "IS_UNFOLDABLE",
                    format!("The {name} expression must evaluate to a constant value."),
                )
            } else {
                problem
            }
        })?;
        if !value.data_type().is_integer() {
            return Err(error(
                "DATA_TYPE",
                format!(
                    "The {name} expression must be integer type, but got {}.",
                    value.data_type()
                ),
            ));
        }
        match value.cast_to(&DataType::Int64)? {
            ScalarValue::Int64(Some(rows)) if rows >= 0 => Ok(rows),
            ScalarValue::Int64(Some(rows)) => Err(SparkError::analysis(
                "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE",
                format!(
                    "The limit like expression \"{rows}\" is invalid. The {name} expression must be \
                     equal to or greater than 0, but got {rows}."
                ),
            )
            .with("name", name)
            .with("expr", format!("\"{rows}\""))
            .with("v", rows.to_string())),
            _ => {
                Err(error("IS_NULL", format!("The evaluated {name} expression must not be null.")))
            }
        }
    }
}

/// `input` after `skip` rows, at most `fetch` of them.
pub(super) fn limited(input: Resolved, skip: Option<i64>, fetch: Option<i64>) -> Resolved {
    let literal = |rows: i64| Box::new(PlanExpr::Literal(ScalarValue::Int64(Some(rows)), None));
    let plan = LogicalPlan::Limit(Limit {
        skip: skip.map(literal),
        fetch: fetch.map(literal),
        input: Arc::new(input.plan),
    });
    Resolved { plan, scope: input.scope }
}
