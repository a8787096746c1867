//! Expressions that must be known while planning: limits, frame bounds, names, pivot values.

use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Resolver, Scope};
use crate::spec::{self, Name};
use datafusion::common::ScalarValue;
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use firesteel_common::{Result, SparkError, batch_room};
use std::sync::Arc;

impl Resolver<'_> {
    /// The value of an expression without columns.
    pub(crate) fn constant(&self, expr: &Expr) -> Result<ScalarValue> {
        if let Expr::Literal(value, _) = expr {
            return Ok(value.clone());
        }
        let refers = expr
            .exists(|node| Ok(matches!(node, Expr::Column(_) | Expr::OuterReferenceColumn(..))))?;
        if !refers {
            let context = SimplifyContext::builder().with_current_time().build();
            let simplifier = ExprSimplifier::new(context);
            let simplified = batch_room::folding(|| simplifier.simplify(expr.clone()))?;
            if let Expr::Literal(value, _) = simplified {
                return Ok(value);
            }
        }
        Err(SparkError::analysis(
            "NON_FOLDABLE_ARGUMENT",
            format!("The expression must be a foldable constant, got {expr}."),
        ))
    }

    /// The value of a constant that the user wrote.
    pub(crate) fn constant_of(&mut self, expr: &spec::Expr) -> Result<ScalarValue> {
        let mut context = ExprContext::new(&Arc::new(Scope::default()), Clause::Other);
        let resolved = self.expr(expr, &mut context)?;
        self.constant(&resolved.expr)
    }

    /// The name that `IDENTIFIER(expr)` stands for.
    pub(crate) fn identifier(&mut self, expr: &spec::Expr) -> Result<Name> {
        let name = self.constant_of(expr).map_err(|error| {
            let condition = error.condition();
            let depends_on_rows =
                condition.starts_with("UNRESOLVED_COLUMN") || condition == "NON_FOLDABLE_ARGUMENT";
            if !depends_on_rows {
                return error;
            }
            SparkError::analysis(
                "NOT_A_CONSTANT_STRING.NOT_CONSTANT",
                "The expression used for the routine or clause IDENTIFIER must be a constant STRING \
                 which is NOT NULL. To be considered constant the expression must not depend on any \
                 columns, contain a subquery, or invoke a non deterministic function such as rand().",
            )
        })?;
        match name {
            ScalarValue::Utf8(Some(text)) => crate::sql::parse_name(&text),
            other => Err(SparkError::analysis(
                "NOT_A_CONSTANT_STRING.WRONG_TYPE",
                format!(
                    "The expression used for the routine or clause IDENTIFIER must be a constant \
                     STRING which is NOT NULL. The data type of the expression is {}.",
                    other.data_type()
                ),
            )),
        }
    }
}
