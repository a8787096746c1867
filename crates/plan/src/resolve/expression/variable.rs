//! Session variables in expressions: constants, found after columns.

use super::{ExprContext, ResolvedExpr};
use crate::resolve::Resolver;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use firesteel_common::{Result, SparkType, StructField};

impl Resolver<'_> {
    /// The variable that `name` begins with, and the fields of it that follow.
    pub(super) fn variable(
        &mut self,
        name: &[String],
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        let is = |at: usize, word: &str| {
            name.get(at).is_some_and(|part| part.eq_ignore_ascii_case(word))
        };
        let n_used = match (is(0, "system") && is(1, "session"), is(0, "session")) {
            (true, _) => 3,
            (_, true) => 2,
            _ => 1,
        };
        let Some(own) = name.get(..n_used) else { return Ok(None) };
        let Some((data_type, value)) = self.env.variable(&own.to_vec()) else { return Ok(None) };
        let last = &own[n_used - 1];
        let shown =
            format!("variablereference(system.session.{last}={})", text(&value, &data_type));
        let resolved = ResolvedExpr {
            expr: Expr::Literal(value, None),
            field: StructField::new(last, data_type, true).to_arrow(),
            name: shown.clone(),
            output_name: Some(last.clone()),
            is_named: true,
            column: None,
            metadata: None,
            is_generated: false,
        };
        self.fields_of(resolved, &name[n_used..], shown, context).map(Some)
    }
}

/// The value as SQL text.
fn text(value: &ScalarValue, data_type: &SparkType) -> String {
    match (value, data_type) {
        (value, _) if value.is_null() => format!("CAST(NULL AS {})", data_type.sql()),
        (ScalarValue::Utf8(Some(text)), _) => format!("'{text}'"),
        (ScalarValue::Date32(_), _) => format!("DATE '{value}'"),
        (ScalarValue::Int64(_), _) => format!("{value}L"),
        (ScalarValue::Float64(_), _) => format!("{value}D"),
        (value, _) => value.to_string(),
    }
}
