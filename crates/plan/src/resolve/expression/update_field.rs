//! `withField` and `dropFields`: a struct with one field set or removed.

use super::{ExprContext, ResolvedExpr};
use crate::resolve::Resolver;
use crate::resolve::scope::same_name;
use crate::spec;
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr_fn::when;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    pub(super) fn update_field(
        &mut self,
        child: &spec::Expr,
        name: &str,
        value: Option<&spec::Expr>,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let child = self.expr(child, context)?;
        let value = match value {
            Some(value) => Some(self.expr(value, context)?),
            None => None,
        };
        let path = crate::sql::parse_name(name)?;
        let shown = match &value {
            Some(value) if self.in_python_args => {
                format!("update_fields({}, WithField({name}, {}))", child.name, value.name)
            }
            None if self.in_python_args => {
                format!("update_fields({}, dropfield({name}))", child.name)
            }
            Some(value) => format!("update_fields({}, WithField({}))", child.name, value.name),
            None => format!("update_fields({}, dropfield())", child.name),
        };
        let mut updated = self.updated(child, &path, value, context)?;
        updated.name = shown;
        updated.output_name = None;
        updated.is_named = false;
        Ok(updated)
    }

    fn updated(
        &mut self,
        child: ResolvedExpr,
        path: &[String],
        value: Option<ResolvedExpr>,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let (DataType::Struct(fields), [first, rest @ ..]) = (child.field.data_type(), path) else {
            return Err(not_a_struct(&child)?);
        };
        let names: Vec<String> = fields.iter().map(|field| field.name().clone()).collect();
        let mut parts: Vec<(String, ResolvedExpr)> = Vec::new();
        let mut is_found = false;
        for name in &names {
            let field = self.struct_field(child.clone(), name, context)?;
            if !same_name(self.settings, name, first) {
                parts.push((name.clone(), field));
                continue;
            }
            is_found = true;
            if !rest.is_empty() {
                parts.push((name.clone(), self.updated(field, rest, value.clone(), context)?));
            } else if let Some(value) = &value {
                parts.push((first.clone(), value.clone()));
            }
        }
        match (&value, rest) {
            (Some(value), []) if !is_found => parts.push((first.clone(), value.clone())),
            (_, [_, ..]) if !is_found => {
                let mut known: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                known.sort();
                return Err(SparkError::analysis(
                    "FIELD_NOT_FOUND",
                    format!("No such struct field `{first}` in {}.", known.join(", ")),
                )
                .with("fieldName", format!("`{first}`"))
                .with("fields", known.join(", ")));
            }
            _ => {}
        }
        if parts.is_empty() {
            return Err(SparkError::analysis(
                "DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS",
                format!(
                    "Cannot resolve \"update_fields({}, dropfield())\" due to data type mismatch: \
                     Cannot drop all fields in struct.",
                    child.name
                ),
            ));
        }
        let mut args = Vec::with_capacity(parts.len() * 2);
        for (name, part) in parts {
            args.push(self.literal(&spec::Literal::String(name))?.arg());
            args.push(part.arg());
        }
        let built = self.call_builtin("named_struct", args, child.name.clone(), context)?;
        if !child.field.is_nullable() {
            return Ok(built);
        }
        // A null struct stays null.
        let null = ScalarValue::try_from(built.field.data_type())?;
        let guarded = when(Expr::IsNull(Box::new(child.expr)), Expr::Literal(null, None))
            .otherwise(built.expr)?;
        self.typed(guarded, built.name, context)
    }
}

fn not_a_struct(child: &ResolvedExpr) -> Result<SparkError> {
    let data_type = child.spark_type()?.sql();
    let name = format!("\"update_fields({})\"", child.name);
    Ok(SparkError::analysis(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        format!(
            "Cannot resolve {name} due to data type mismatch: The first parameter requires the \
             \"STRUCT\" type, however \"{}\" has the type \"{data_type}\".",
            child.name
        ),
    )
    .with("sqlExpr", name)
    .with("paramIndex", "first")
    .with("requiredType", "\"STRUCT\"")
    .with("inputSql", format!("\"{}\"", child.name))
    .with("inputType", format!("\"{data_type}\"")))
}
