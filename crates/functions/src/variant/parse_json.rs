//! `parse_json(text)`, `try_parse_json(text)`; `is_variant_null`, `is_valid_variant`.

use super::column::{VariantBuilder, Variants};
use super::copy::copy;
use super::json_in::write_document;
use super::writer::Writer;
use crate::call::{Arg, Call};
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Input, Kind, Nullable, at};
use arrow::array::{ArrayRef, BooleanArray};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use std::sync::Arc;

pub(super) fn parse_json(call: Call<'_>) -> Result<Expr> {
    let name = call.name.to_owned();
    let settings = call.settings;
    let [arg] = call.exactly()?;
    let actual = arg.spark_type()?;
    if !actual.is_string() && actual != SparkType::Null {
        return Err(unexpected_type(&name, 0, &arg, &SparkType::string().sql()));
    }
    let text = crate::implicit::implicit(&name, 0, arg, &SparkType::string(), settings)?;
    let fails = !name.starts_with("try_");
    let kernel = PARSE.named(
        if fails { "parse_json" } else { "try_parse_json" },
        fails,
        &SparkType::Variant,
    );
    let nullable = if fails { Nullable::Propagate } else { Nullable::Always };
    Ok(kernel.nullable(nullable).call(vec![text]))
}

/// Whether a text that is no JSON is an error, or null.
pub(super) static PARSE: Kind<bool> = Kind::new("parse_json", parse);

fn parse(fails: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let texts = input.string(0)?;
    let mut builder = VariantBuilder::default();
    for row in 0..input.n_rows {
        let Some(text) = at(texts, row) else {
            builder.null();
            continue;
        };
        let mut writer = Writer::default();
        // Spark gives its own error for a repeated key, and wraps it in this one.
        let done = write_document(text, &mut writer).unwrap_or(false);
        if done {
            builder.written(writer)?;
        } else if *fails {
            return Err(malformed(text));
        } else {
            builder.null();
        }
    }
    builder.finish()
}

fn malformed(text: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION",
        format!(
            "Malformed records are detected in record parsing: {text}.\nParse Mode: FAILFAST. To \
             process malformed records as null result, try setting the option 'mode' as \
             'PERMISSIVE'. "
        ),
    )
    .with("badRecord", text)
    .with("failFastMode", "FAILFAST")
}

/// The argument at `position`, a variant or null.
///
/// # Errors
/// `DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE`.
pub(super) fn variant_arg(
    name: &str,
    position: usize,
    arg: Arg,
    settings: &firesteel_common::SessionSettings,
) -> Result<Expr> {
    let actual = arg.spark_type()?;
    if actual != SparkType::Variant && actual != SparkType::Null {
        return Err(unexpected_type(name, position, &arg, &SparkType::Variant.sql()));
    }
    crate::implicit::implicit(name, position, arg, &SparkType::Variant, settings)
}

/// `is_variant_null(variant)`: whether the document is `null`; false for a missing one.
pub(super) fn is_variant_null(call: Call<'_>) -> Result<Expr> {
    call_of_variant(call, &IS_NULL, Nullable::Never)
}

/// `is_valid_variant(variant)`: whether its bytes are in order.
pub(super) fn is_valid_variant(call: Call<'_>) -> Result<Expr> {
    call_of_variant(call, &IS_VALID, Nullable::Propagate)
}

fn call_of_variant(call: Call<'_>, kind: &'static Kind<()>, nullable: Nullable) -> Result<Expr> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg] = call.exactly()?;
    let value = variant_arg(&name, 0, arg, settings)?;
    Ok(kind.kernel((), &SparkType::Boolean).nullable(nullable).call(vec![value]))
}

pub(super) static IS_NULL: Kind<()> = Kind::new("is_variant_null", |(), input| {
    let variants = Variants::of(&input.args[0])?;
    let answers = (0..input.n_rows).map(|row| variants.get(row).is_some_and(|view| view.is_null()));
    Ok(Arc::new(BooleanArray::from(answers.collect::<Vec<_>>())) as ArrayRef)
});

pub(super) static IS_VALID: Kind<()> = Kind::new("is_valid_variant", |(), input| {
    let variants = Variants::of(&input.args[0])?;
    let answers = (0..input.n_rows)
        .map(|row| variants.get(row).map(|view| copy(view, &mut Writer::default()).is_ok()));
    Ok(Arc::new(answers.collect::<BooleanArray>()) as ArrayRef)
});
