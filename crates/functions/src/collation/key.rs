//! The key of a string under its collation, wherever a value holds one.

use super::icu::Order;
use super::labels::walked;
use super::name::Collation;
use super::without_collation;
use crate::columns::strings;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::borrow::Cow;

/// A plain value that is equal to another one exactly if the values are equal under their collations, and
/// stands in their order.
///
/// # Errors
/// `INDETERMINATE_COLLATION` where operands disagreed.
pub fn key(expr: Expr, data_type: &SparkType) -> Result<Expr> {
    check(data_type)?;
    let kernel = KEY.kernel(data_type.clone(), &without_collation(data_type));
    Ok(kernel.nullable(Nullable::Propagate).call(vec![expr]))
}

fn check(data_type: &SparkType) -> Result<()> {
    match data_type {
        SparkType::String { collation: Some(name) } if name == "null" => Err(SparkError::analysis(
            "INDETERMINATE_COLLATION",
            "Could not determine which collation to use for string operation. Use COLLATE clause to set the \
             collation explicitly.",
        )),
        SparkType::String { collation: Some(name) } => Collation::parse(name)?.check_order(),
        SparkType::Array { element, .. } => check(element),
        SparkType::Map { key, value, .. } => check(key).and_then(|()| check(value)),
        SparkType::Struct(row) => row.fields.iter().try_for_each(|field| check(&field.data_type)),
        _ => Ok(()),
    }
}

pub(super) static KEY: Kind<SparkType> = Kind::new("collation_key", evaluate);

fn evaluate(data_type: &SparkType, input: &Input<'_>) -> Result<ArrayRef> {
    let Some(column) = input.args.first() else {
        return Err(SparkError::internal("a collation key without a value"));
    };
    walked(column, Some(data_type), input.result, &|column, name| {
        let collation = Collation::parse(name)?;
        let texts = crate::columns::plain(column)?;
        let texts = texts.as_string::<i32>();
        if collation.is_icu() {
            let (order, mut bytes) = (Order::comparing(&collation)?, Vec::new());
            return strings(texts.len(), |row| {
                let text = texts.is_valid(row).then(|| collation.compared(texts.value(row)));
                Ok(text.map(|text| order.key(text, &mut bytes)))
            });
        }
        strings(texts.len(), |row| {
            Ok(texts.is_valid(row).then(|| folded(texts.value(row), &collation)))
        })
    })
}

fn folded<'t>(text: &'t str, collation: &Collation) -> Cow<'t, str> {
    let text = collation.compared(text);
    if !collation.ignores_case() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(lowered(text))
}

/// Text in small letters, code point by code point; a sigma at the end of a word is a sigma.
pub(super) fn lowered(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let small = text.chars().flat_map(char::to_lowercase);
    small.map(|letter| if letter == 'ς' { 'σ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_equal_where_the_collation_says() -> Result<()> {
        let key = |name: &str, text: &str| {
            Ok::<_, SparkError>(folded(text, &Collation::parse(name)?).into_owned())
        };
        assert_eq!(key("UTF8_LCASE", "aBΣς")?, "abσσ");
        assert_eq!(key("UTF8_LCASE", "İ")?, key("UTF8_LCASE", "i\u{307}")?);
        assert_ne!(key("UTF8_LCASE", "ß")?, key("UTF8_LCASE", "SS")?);
        assert_ne!(key("UTF8_LCASE", "a ")?, key("UTF8_LCASE", "a")?);
        assert_eq!(key("UTF8_LCASE_RTRIM", "A  ")?, "a");
        assert_eq!(key("UTF8_BINARY_RTRIM", "A\t ")?, "A\t");
        Ok(())
    }
}
