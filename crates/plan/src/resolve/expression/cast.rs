//! Casts that the user wrote.

use super::{ExprContext, ResolvedExpr, tagged};
use crate::resolve::Resolver;
use crate::spec::{self, CastMode, ExprNode};
use firesteel_common::{Result, SparkType};
use firesteel_functions::cast::{EvalMode, cast};

impl Resolver<'_> {
    pub(super) fn cast_expr(
        &mut self,
        expr: &spec::Expr,
        to: &SparkType,
        mode: CastMode,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let value = self.expr(expr, context)?;
        let mode = match mode {
            CastMode::Session => EvalMode::of(self.settings),
            CastMode::Legacy => EvalMode::Legacy,
            CastMode::Ansi => EvalMode::Ansi,
            CastMode::Try => EvalMode::Try,
        };
        // char and varchar are types of table columns; a cast to them is one to string.
        let to = match to {
            SparkType::Char { .. } | SparkType::Varchar { .. } => &SparkType::string(),
            other => other,
        };
        let prefix = if mode == EvalMode::Try { "TRY_" } else { "" };
        let name = format!("{prefix}CAST({} AS {})", value.name, to.sql());
        let mut resolved =
            self.typed(cast(value.arg(), to, mode, self.settings)?, name, context)?;
        resolved.field = tagged(&resolved.field, to);
        // As an output column, a cast of a column is called like the column.
        let is_reference = matches!(expr.node, ExprNode::Attribute { .. } | ExprNode::Alias { .. });
        if is_reference || matches!(expr.node, ExprNode::Cast { .. }) && value.output_name.is_some()
        {
            resolved.output_name = Some(value.output_name().to_owned());
        }
        Ok(resolved)
    }
}
