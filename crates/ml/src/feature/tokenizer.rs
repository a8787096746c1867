//! `Tokenizer`: lower case, cut at each white space.

use super::in_out;
use super::map_vectors::arg;
use super::words::{WordsBuilder, is_string, words_type};
use crate::param::{Param, Params, shared};
use crate::{Class, FunctionKind, Role, error};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use firesteel_common::{Frame, Result, StructField, TableHost};

const PARAMS: &[Param] = &[shared::INPUT_COL, shared::OUTPUT_COL];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.Tokenizer",
    params: PARAMS,
    role: Role::Transformer { transform },
};

pub(super) static TOKENIZE: FunctionKind<()> =
    FunctionKind::new("tokenizer", tokenize).in_spark("Tokenizer");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    check_text(params, &frame)?;
    let (input, output) = in_out::names(params, &frame)?;
    let (text, field) = (frame.column(input)?.expr(), StructField::new(output, words_type(), true));
    in_out::add(frame, &TOKENIZE, (), vec![text], field)
}

/// # Errors
/// Spark's, if the input column has no strings.
pub(super) fn check_text(params: &Params, frame: &Frame) -> Result<()> {
    let data_type = &frame.column(params.string("inputCol")?)?.field.data_type;
    if is_string(data_type) {
        return Ok(());
    }
    Err(error::requirement(format!(
        "Input type must be string type but got {}.",
        data_type.simple_string()
    )))
}

fn tokenize(_: &(), args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let column = cast(arg(args, 0)?, &DataType::Utf8)?;
    let texts = column.as_string::<i32>();
    let mut out = WordsBuilder::default();
    let mut lower = String::new();
    for text in texts {
        if let Some(text) = text {
            lower.clear();
            match text.is_ascii() {
                true => lower.extend(text.chars().map(|letter| letter.to_ascii_lowercase())),
                false => lower.push_str(&text.to_lowercase()),
            }
            split(&lower, &mut out);
        }
        out.end_row();
    }
    out.finish(texts.nulls().cloned())
}

/// As Java splits at `\s`: empty words at the end are left out, but an empty text is one empty word.
fn split(text: &str, out: &mut WordsBuilder) {
    let is_space = |letter: char| matches!(letter, ' ' | '\t' | '\n' | '\x0b' | '\x0c' | '\r');
    if text.is_empty() {
        return out.push(Some(""));
    }
    let text = text.trim_end_matches(is_space);
    // A text of spaces alone has no words.
    if !text.is_empty() {
        text.split(is_space).for_each(|word| out.push(Some(word)));
    }
}
