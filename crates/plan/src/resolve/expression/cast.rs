//! Casts that the user wrote.

use super::{ExprContext, ResolvedExpr, tagged};
use crate::resolve::{Resolver, argument_naming};
use crate::spec::{self, CastMode, ExprNode, Literal};
use crate::sql::{has_time_zone, special_time};
use datafusion::common::ScalarValue;
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_functions::cast::{EvalMode, cast};
use firesteel_functions::fitted;

impl Resolver<'_> {
    pub(super) fn cast_expr(
        &mut self,
        expr: &spec::Expr,
        to: &SparkType,
        mode: CastMode,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        if mode == CastMode::Ansi
            && *to == SparkType::Timestamp
            && let ExprNode::Literal(Literal::String(text)) = &expr.node
        {
            return self.timestamp_literal(text, context);
        }
        if mode == CastMode::Session
            && let ExprNode::Literal(Literal::String(text)) = &expr.node
            && let Some(special) = special_time(text, to)
        {
            let resolved = self.expr(&special.into(), context)?;
            let name = if self.in_python_args {
                argument_naming::cast(text, to, false)
            } else {
                format!("CAST({text} AS {})", to.sql())
            };
            return Ok(ResolvedExpr { name, output_name: None, ..resolved });
        }
        let value = self.expr(expr, context)?;
        let mode = match mode {
            CastMode::Session => EvalMode::of(self.settings),
            CastMode::Legacy => EvalMode::Legacy,
            CastMode::Ansi => EvalMode::Ansi,
            CastMode::Try => EvalMode::Try,
        };
        // char and varchar are types of table columns; a cast to them is one to string, unless asked otherwise.
        let declared = to;
        let keeps_length = self.settings.preserve_char_varchar
            && matches!(to, SparkType::Char { .. } | SparkType::Varchar { .. });
        let plain;
        let to = if to.holds_length() {
            plain = to.without_length();
            &plain
        } else {
            to
        };
        let prefix = if mode == EvalMode::Try { "TRY_" } else { "" };
        // Spark prints no casts to nested types.
        let is_nested =
            matches!(to, SparkType::Array { .. } | SparkType::Map { .. } | SparkType::Struct(_));
        let name = if self.in_python_args {
            argument_naming::cast(&value.name, to, mode == EvalMode::Try)
        } else if is_nested && mode != EvalMode::Try {
            value.name.clone()
        } else {
            let shown = if keeps_length { declared } else { to };
            format!("{prefix}CAST({} AS {})", value.name, shown.sql())
        };
        let mut resolved =
            self.typed(cast(value.arg(), to, mode, self.settings)?, name, context)?;
        if keeps_length {
            let expr = fitted(resolved.arg(), declared, mode == EvalMode::Try);
            resolved = self.typed(expr, resolved.name, context)?;
            resolved.field = tagged(&resolved.field, declared);
        } else {
            resolved.field = tagged(&resolved.field, to);
        }
        // As an output column, a cast of a column is called like the column.
        let is_reference = matches!(expr.node, ExprNode::Attribute { .. } | ExprNode::Alias { .. });
        if is_reference {
            resolved.output_name = Some(value.output_name().to_owned());
            resolved.is_generated = false;
        }
        Ok(resolved)
    }

    /// `TIMESTAMP'…'`: the parser has checked the text and leaves the session's time zone to us. With
    /// `spark.sql.timestampType=TIMESTAMP_NTZ` a text without a zone is a time on the wall clock.
    fn timestamp_literal(&mut self, text: &str, context: &mut ExprContext) -> Result<ResolvedExpr> {
        let is_local = self.settings.timestamp_ntz && !has_time_zone(text);
        let to = if is_local { SparkType::TimestampNtz } else { SparkType::Timestamp };
        let text = self.expr(&spec::Expr::string(text), context)?;
        let value = self.constant(&cast(text.arg(), &to, EvalMode::Ansi, self.settings)?)?;
        let ScalarValue::TimestampMicrosecond(Some(micros), _) = value else {
            return Err(SparkError::internal(format!("a timestamp literal became {value}")));
        };
        let literal =
            if is_local { Literal::TimestampNtz(micros) } else { Literal::Timestamp(micros) };
        self.literal(&literal)
    }
}
