//! `schema_of_json(text)`: a literal, computed while planning, because the text must be one.

use super::options::Options;
use super::relaxed;
use crate::call::Call;
use crate::implicit::{literal_text, not_foldable};
use datafusion_expr::{Expr, lit};
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use serde_json::Value;

pub(crate) fn schema_of_json(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let text = literal_text(&call.args[0]).ok_or_else(|| not_foldable("schema_of_json", "json"))?;
    let options = Options::from_arg("schema_of_json", call.args.get(1))?;
    let value = relaxed::parse(&text, &options).ok_or_else(|| {
        SparkError::runtime(
            "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
            format!("Malformed records are detected in record parsing: {text}."),
        )
    })?;
    Ok(lit(infer(&value).sql()))
}

fn infer(value: &Value) -> SparkType {
    match value {
        Value::Null | Value::String(_) => SparkType::string(),
        Value::Bool(_) => SparkType::Boolean,
        Value::Number(number) if number.is_i64() => SparkType::Long,
        Value::Number(number) if number.is_u64() => SparkType::Decimal { precision: 20, scale: 0 },
        Value::Number(_) => SparkType::Double,
        Value::Array(elements) => {
            let element = elements.iter().map(infer_nested).reduce(merge);
            SparkType::array(named(element.unwrap_or(SparkType::Null)))
        }
        Value::Object(object) => {
            let mut fields: Vec<_> = object
                .iter()
                .map(|(name, value)| StructField::new(name, infer(value), true))
                .collect();
            fields.sort_by(|a, b| a.name.cmp(&b.name));
            SparkType::Struct(StructType::new(fields))
        }
    }
}

/// Null has no type of its own while it may still meet another element.
fn infer_nested(value: &Value) -> SparkType {
    if value.is_null() { SparkType::Null } else { infer(value) }
}

fn named(data_type: SparkType) -> SparkType {
    if data_type == SparkType::Null { SparkType::string() } else { data_type }
}

fn merge(left: SparkType, right: SparkType) -> SparkType {
    match (left, right) {
        (left, right) if left == right => left,
        (SparkType::Null, other) | (other, SparkType::Null) => other,
        (SparkType::Long, SparkType::Double) | (SparkType::Double, SparkType::Long) => {
            SparkType::Double
        }
        (SparkType::Array { element: a, .. }, SparkType::Array { element: b, .. }) => {
            SparkType::array(merge(*a, *b))
        }
        (SparkType::Struct(a), SparkType::Struct(b)) => {
            let mut fields = a.fields;
            for field in b.fields {
                match fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => {
                        known.data_type = merge(known.data_type.clone(), field.data_type);
                    }
                    None => fields.push(field),
                }
            }
            fields.sort_by(|a, b| a.name.cmp(&b.name));
            SparkType::Struct(StructType::new(fields))
        }
        _ => SparkType::string(),
    }
}
