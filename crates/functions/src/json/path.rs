//! `get_json_object(text, '$.a[0].b')`.

use super::options::Options;
use super::relaxed;
use crate::call::Call;
use crate::scalar_kernel::{Kind, at};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use serde_json::Value;

pub(crate) fn get_json_object(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 2)?;
    let args = call.implicit(&[SparkType::string(), SparkType::string()])?;
    let kernel = GET.kernel((), &SparkType::string());
    Ok(kernel.call(args))
}

pub(super) static GET: Kind<()> = Kind::new("get_json_object", |(), input| {
    let (texts, paths) = (input.string(0)?, input.string(1)?);
    let mut last: Option<(String, Option<Vec<Step>>)> = None;
    input.strings(|row| {
        let (Some(text), Some(path)) = (at(texts, row), at(paths, row)) else {
            return Ok(None);
        };
        if last.as_ref().is_none_or(|(known, _)| known != path) {
            last = Some((path.to_owned(), parse_path(path)));
        }
        let Some((_, Some(steps))) = &last else { return Ok(None) };
        let Some(value) = relaxed::parse(text, &Options::default()) else { return Ok(None) };
        Ok(select(&value, steps).and_then(|found| match found {
            Value::String(text) => Some(text),
            Value::Null => None,
            other => Some(other.to_string()),
        }))
    })
});

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Name(String),
    Index(usize),
    AnyName,
    AnyIndex,
}

/// The steps of a path, none if it is no path.
fn parse_path(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("['") {
            let end = after.find("']")?;
            steps.push(match &after[..end] {
                "*" => Step::AnyName,
                name => Step::Name(name.to_owned()),
            });
            rest = &after[end + 2..];
        } else if let Some(after) = rest.strip_prefix('[') {
            let end = after.find(']')?;
            steps.push(match &after[..end] {
                "*" => Step::AnyIndex,
                index => Step::Index(index.parse().ok()?),
            });
            rest = &after[end + 1..];
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            match &after[..end] {
                "" => return None,
                "*" => steps.push(Step::AnyName),
                name => steps.push(Step::Name(name.to_owned())),
            }
            rest = &after[end..];
        }
    }
    Some(steps)
}

/// What the steps lead to; a wildcard gives an array, or the only match itself.
fn select(value: &Value, steps: &[Step]) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else { return Some(value.clone()) };
    match (step, value) {
        (Step::Name(name), Value::Object(fields)) => select(fields.get(name)?, rest),
        // A name goes through an array to the objects in it.
        (Step::Name(_), Value::Array(elements)) => {
            matches(elements.iter().filter_map(|element| select(element, steps)))
        }
        (Step::Index(index), Value::Array(elements)) => select(elements.get(*index)?, rest),
        (Step::AnyIndex, Value::Array(elements)) => {
            matches(elements.iter().filter_map(|element| select(element, rest)))
        }
        (Step::AnyName, Value::Object(fields)) => {
            matches(fields.values().filter_map(|field| select(field, rest)))
        }
        _ => None,
    }
}

fn matches(found: impl Iterator<Item = Value>) -> Option<Value> {
    let mut found: Vec<Value> = found.collect();
    match found.len() {
        0 => None,
        // The only match stays quoted if it is a string: it was written as part of an array.
        1 => found.pop().map(|only| match only {
            Value::String(text) => Value::String(Value::String(text).to_string()),
            other => other,
        }),
        _ => Some(Value::Array(found)),
    }
}
