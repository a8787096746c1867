//! `child[key]` and `child.key`: array elements, map values, struct fields.

use super::{ExprContext, ResolvedExpr};
use crate::resolve::Resolver;
use crate::resolve::scope::{quote, same_name};
use crate::spec;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::functions::core::get_field;
use datafusion::logical_expr::Expr;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn extract_value(
        &mut self,
        child: &spec::Expr,
        key: &spec::Expr,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let child = self.extracted_from(child, key, context)?;
        let key = self.expr(key, context)?;
        let is_generated = child.is_generated || key.is_generated;
        Ok(ResolvedExpr { is_generated, ..self.extract(child, key, context)? })
    }

    /// The value that `key` selects from. In the arguments of Python functions Spark prints as SQL what fields are
    /// selected from.
    fn extracted_from(
        &mut self,
        child: &spec::Expr,
        key: &spec::Expr,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let may_be_field = matches!(key.node, spec::ExprNode::Literal(spec::Literal::String(_)));
        if self.in_python_args && may_be_field {
            self.in_python_args = false;
            let resolved = self.expr(child, context);
            self.in_python_args = true;
            match resolved {
                Ok(map) if matches!(map.field.data_type(), DataType::Map(..)) => {}
                other => return other,
            }
        }
        self.expr(child, context)
    }

    /// What `key` selects from `child`, by the type of `child`.
    pub(super) fn extract(
        &mut self,
        child: ResolvedExpr,
        key: ResolvedExpr,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let field_name = match key.arg().literal() {
            Some(ScalarValue::Utf8(Some(name))) => Some(name.clone()),
            _ => None,
        };
        match (child.field.data_type(), field_name) {
            (DataType::Struct(_), Some(name)) => self.struct_field(child, &name, context),
            (DataType::List(element), Some(name)) if super::is_struct(element.data_type()) => {
                let resolved = self.exact_field_name(element.data_type(), &name)?;
                let shown = format!("{}.{}", child.name, name);
                let key = self.literal(&spec::Literal::String(resolved))?;
                self.call_builtin(
                    "get_array_struct_fields",
                    vec![child.arg(), key.arg()],
                    shown,
                    context,
                )
            }
            (DataType::List(_) | DataType::Map(..), _) => {
                let shown = format!("{}[{}]", child.name, key.name);
                let args = match super::collation::keyed_lookup(&child, &key)? {
                    Some(keyed) => keyed.iter().map(ResolvedExpr::arg).collect(),
                    None => vec![child.arg(), key.arg()],
                };
                self.call_builtin("get_item", args, shown, context)
            }
            _ => {
                let child_type = child.spark_type()?.sql();
                let base = format!("\"{}\"", child.name);
                Err(SparkError::analysis(
                    "INVALID_EXTRACT_BASE_FIELD_TYPE",
                    format!(
                        "Can't extract a value from {base}. Need a complex type [STRUCT, ARRAY, \
                         MAP] but got \"{child_type}\"."
                    ),
                )
                .with("base", base)
                .with("other", format!("\"{child_type}\"")))
            }
        }
    }

    /// The field of a struct, found as the session compares names.
    pub(crate) fn struct_field(
        &mut self,
        child: ResolvedExpr,
        name: &str,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let exact = self.exact_field_name(child.field.data_type(), name)?;
        let shown = format!("{}.{name}", child.name);
        // DataFusion's own function: its rules push it into Parquet scans.
        let key = Expr::Literal(ScalarValue::Utf8(Some(exact)), None);
        self.typed(get_field().call(vec![child.expr, key]), shown, context)
    }

    fn exact_field_name(&self, data_type: &DataType, name: &str) -> Result<String> {
        let DataType::Struct(fields) = data_type else {
            return Err(SparkError::internal("field of something that is no struct"));
        };
        let found: Vec<&String> = fields
            .iter()
            .map(|field| field.name())
            .filter(|field| same_name(self.settings, field, name))
            .collect();
        match found.as_slice() {
            [one] => Ok((*one).clone()),
            [] => {
                let known: Vec<String> = fields.iter().map(|field| quote(field.name())).collect();
                let known = known.join(", ");
                Err(SparkError::analysis(
                    "FIELD_NOT_FOUND",
                    format!("No such struct field {} in {known}.", quote(name)),
                )
                .with("fieldName", quote(name))
                .with("fields", known))
            }
            several => Err(SparkError::analysis(
                "AMBIGUOUS_REFERENCE_TO_FIELDS",
                format!(
                    "Ambiguous reference to the field {}. It appears {} times in the schema.",
                    quote(name),
                    several.len()
                ),
            )
            .with("field", quote(name))
            .with("count", several.len().to_string())),
        }
    }
}
