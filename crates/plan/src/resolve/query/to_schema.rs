//! `df.to(schema)`: columns reordered, cast and checked against a schema.

use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::scope::{quote, same_name};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Literal, Relation};
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};

impl Resolver<'_> {
    pub(super) fn to_schema(&mut self, input: &Relation, schema: &StructType) -> Result<Resolved> {
        let input = self.relation(input)?;
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let mut items = Vec::with_capacity(schema.fields.len());
        for field in &schema.fields {
            let found: Vec<_> = input.scope.named(&field.name, self.settings).cloned().collect();
            let item = match found.as_slice() {
                [own] => {
                    context.fields.insert(own.to_arrow());
                    check_nullable(&field.name, own.field.nullable, field.nullable)?;
                    self.to_field(ResolvedExpr::of_column(own), field, &field.name, &context)?
                }
                [] if field.nullable => self.literal(&Literal::Null(field.data_type.clone()))?,
                [] => return Err(unresolved_field(&field.name, &input)),
                _ => {
                    return Err(SparkError::analysis(
                        "AMBIGUOUS_COLUMN_OR_FIELD",
                        format!(
                            "Column or field {} is ambiguous and has {} matches.",
                            quote(&field.name),
                            found.len()
                        ),
                    )
                    .with("name", quote(&field.name))
                    .with("n", found.len().to_string()));
                }
            };
            let metadata = if field.metadata.is_empty() {
                found.first().map(|own| own.field.metadata.clone()).unwrap_or_default()
            } else {
                field.metadata.clone()
            };
            let mut item = match &item.column {
                Some(own) if own.field.name == field.name && own.field.metadata == metadata => item,
                _ => item.aliased(&field.name),
            };
            item.metadata = Some(metadata);
            items.push(item);
        }
        self.project(&input, items)
    }

    /// `value` as `field` wants it; structs by name, everything else by cast.
    fn to_field(
        &mut self,
        value: ResolvedExpr,
        field: &StructField,
        path: &str,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        let from = value.spark_type()?;
        match (&from, &field.data_type) {
            (from, to) if from == to => Ok(value),
            (SparkType::Struct(own), SparkType::Struct(wanted)) => {
                let mut args = Vec::with_capacity(wanted.fields.len() * 2);
                for field in &wanted.fields {
                    let path = format!("{path}.{}", field.name);
                    let known = own
                        .fields
                        .iter()
                        .find(|known| same_name(self.settings, &known.name, &field.name));
                    let part = match known {
                        Some(known) => {
                            check_nullable(&path, known.nullable, field.nullable)?;
                            let part = self.struct_field(value.clone(), &known.name, context)?;
                            self.to_field(part, field, &path, context)?
                        }
                        None => self.literal(&Literal::Null(field.data_type.clone()))?,
                    };
                    args.push(self.literal(&Literal::String(field.name.clone()))?.arg());
                    args.push(part.arg());
                }
                let name = value.name.clone();
                let made = self.call_builtin("named_struct", args, name.clone(), context)?;
                if !value.field.is_nullable() {
                    return Ok(made);
                }
                // A null stays one.
                let present = value.expr.clone().is_not_null();
                let made = datafusion::logical_expr::when(present, made.expr).end()?;
                self.typed(made, name, context)
            }
            (from, to) if can_up_cast(from, to) => self.coerce(value, to, context),
            (from, to) => Err(SparkError::analysis(
                "INVALID_COLUMN_OR_FIELD_DATA_TYPE",
                format!(
                    "Column or field {} is of type \"{}\" while it's required to be \"{}\".",
                    quote(path),
                    from.sql(),
                    to.sql()
                ),
            )
            .with("name", quote(path))
            .with("type", format!("\"{}\"", from.sql()))
            .with("expectedType", format!("\"{}\"", to.sql()))),
        }
    }
}

fn check_nullable(name: &str, own: bool, wanted: bool) -> Result<()> {
    if !own || wanted {
        return Ok(());
    }
    Err(SparkError::analysis(
        "NULLABLE_COLUMN_OR_FIELD",
        format!(
            "Column or field {} is nullable while it's required to be non-nullable.",
            quote(name)
        ),
    )
    .with("name", quote(name)))
}

fn unresolved_field(name: &str, input: &Resolved) -> SparkError {
    let columns: Vec<_> = input.scope.columns.iter().collect();
    crate::resolve::suggestion::unresolved_column(&[name.to_owned()], &columns)
}

/// Casts that `to` makes without being asked: numbers to numbers, atoms to strings, and what always
/// fits.
fn can_up_cast(from: &SparkType, to: &SparkType) -> bool {
    match (from, to) {
        (SparkType::Null, _) => true,
        (from, to) if from.is_numeric() && to.is_numeric() => true,
        (from, to) if to.is_string() => !matches!(
            from,
            SparkType::Array { .. }
                | SparkType::Map { .. }
                | SparkType::Struct(_)
                | SparkType::Binary
        ),
        (SparkType::Date, SparkType::Timestamp | SparkType::TimestampNtz)
        | (SparkType::Timestamp, SparkType::Date)
        | (SparkType::TimestampNtz, SparkType::Timestamp | SparkType::Date)
        | (SparkType::Timestamp, SparkType::TimestampNtz) => true,
        (SparkType::Array { element: from, .. }, SparkType::Array { element: to, .. }) => {
            from == to || can_up_cast(from, to)
        }
        (
            SparkType::Map { key: from_key, value: from_value, .. },
            SparkType::Map { key: to_key, value: to_value, .. },
        ) => {
            (from_key == to_key || can_up_cast(from_key, to_key))
                && (from_value == to_value || can_up_cast(from_value, to_value))
        }
        _ => false,
    }
}
