//! `xpath(xml, path)` and its forms that give one value (`xpath.scala`).

use super::document::{Document, Kind as NodeKind};
use super::evaluate::{Context, Value, evaluate};
use super::path::{Expr as Path, parse};
use crate::call::Call;
use crate::implicit::{implicit, literal_text};
use crate::scalar_kernel::{Input, Kind, at};
use arrow::array::{ArrayRef, BooleanBuilder, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use std::sync::Arc;

pub(super) fn xpath(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [xml, path] = call.exactly()?;
    let result = match name.as_str() {
        "xpath" => SparkType::array(SparkType::string()),
        "xpath_boolean" => SparkType::Boolean,
        "xpath_short" => SparkType::Short,
        "xpath_int" => SparkType::Integer,
        "xpath_long" => SparkType::Long,
        "xpath_float" => SparkType::Float,
        "xpath_double" | "xpath_number" => SparkType::Double,
        _ => SparkType::string(),
    };
    if literal_text(&path).is_none() && !path.literal().is_some_and(ScalarValue::is_null) {
        return Err(not_foldable(&name, &xml.sql(), &path.sql()));
    }
    let text = SparkType::string();
    let args =
        vec![implicit(&name, 0, xml, &text, settings)?, implicit(&name, 1, path, &text, settings)?];
    Ok(XPATH.kernel(name, &result).call(args))
}

fn not_foldable(name: &str, xml: &str, path: &str) -> SparkError {
    SparkError::analysis(
        "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT",
        format!(
            "Cannot resolve \"{name}({xml}, {path})\" due to data type mismatch: the input `path` \
             should be a foldable \"STRING\" expression; however, got \"{path}\"."
        ),
    )
    .with("sqlExpr", format!("\"{name}({xml}, {path})\""))
    .with("inputName", "`path`")
    .with("inputType", "\"STRING\"")
    .with("inputExpr", format!("\"{path}\""))
}

/// Its parameter is the function's name.
pub(super) static XPATH: Kind<String> = Kind::new("xpath", rows);

fn rows(name: &String, input: &Input<'_>) -> Result<ArrayRef> {
    let (texts, paths) = (input.string(0)?, input.string(1)?);
    let mut known: Option<(&str, Path)> = None;
    let mut value = |row: usize| -> Result<Option<(Document, Value)>> {
        let (Some(text), Some(path)) = (at(texts, row), at(paths, row)) else { return Ok(None) };
        if text.is_empty() || path.is_empty() {
            return Ok(None);
        }
        if known.as_ref().is_none_or(|(known, _)| *known != path) {
            let parsed = parse(path).ok_or_else(|| failure(format!("Invalid XPath '{path}'")))?;
            known = Some((path, parsed));
        }
        let loading = || failure(format!("Error loading expression '{path}'"));
        let Some((_, parsed)) = &known else { return Ok(None) };
        let document = Document::parse(text).ok_or_else(loading)?;
        let context = Context { document: &document, node: 0, position: 1, size: 1 };
        let value = evaluate(parsed, context).ok_or_else(loading)?;
        Ok(Some((document, value)))
    };
    let mut number = |row| Ok(value(row)?.map(|(document, value)| value.to_number(&document)));
    match name.as_str() {
        "xpath_double" | "xpath_number" => input.primitives::<Float64Type>(number),
        "xpath_float" => {
            input.primitives::<Float32Type>(|row| Ok(number(row)?.map(|value| value as f32)))
        }
        // As Java narrows: what is not a number is 0, what is too large the largest.
        "xpath_long" => {
            input.primitives::<Int64Type>(|row| Ok(number(row)?.map(|value| value as i64)))
        }
        "xpath_int" => {
            input.primitives::<Int32Type>(|row| Ok(number(row)?.map(|value| value as i32)))
        }
        "xpath_short" => {
            input.primitives::<Int16Type>(|row| Ok(number(row)?.map(|value| value as i32 as i16)))
        }
        "xpath_boolean" => {
            let mut builder = BooleanBuilder::with_capacity(input.n_rows);
            for row in 0..input.n_rows {
                builder.append_option(value(row)?.map(|(_, value)| value.to_boolean()));
            }
            Ok(Arc::new(builder.finish()))
        }
        "xpath" => {
            let DataType::List(field) = input.result else {
                return Err(SparkError::internal("xpath answers with a list"));
            };
            let mut builder = ListBuilder::new(StringBuilder::new()).with_field(Arc::clone(field));
            for row in 0..input.n_rows {
                match value(row)? {
                    None => builder.append_null(),
                    Some((document, Value::Nodes(nodes))) => {
                        for node in nodes {
                            // An element has no value of its own.
                            builder.values().append_option(match document.nodes[node].kind {
                                NodeKind::Document | NodeKind::Element(_) => None,
                                _ => Some(document.text(node)),
                            });
                        }
                        builder.append(true);
                    }
                    Some(_) => return Err(failure("The XPath gives no nodes".to_owned())),
                }
            }
            Ok(Arc::new(builder.finish()))
        }
        _ => input.strings(|row| Ok(value(row)?.map(|(document, value)| value.to_text(&document)))),
    }
}

/// Spark has no condition for these.
fn failure(message: String) -> SparkError {
    SparkError::new(ErrorKind::Execution, "", message)
}
