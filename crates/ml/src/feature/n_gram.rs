//! `NGram`: runs of n words, joined by spaces.

use super::in_out;
use super::map_vectors::arg;
use super::words::{self, Words, WordsBuilder, words_type};
use crate::param::{Param, Params, Valid, shared};
use crate::{Class, FunctionKind, Role};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, StructField, TableHost};
use serde::{Deserialize, Serialize};

const PARAMS: &[Param] =
    &[shared::INPUT_COL, shared::OUTPUT_COL, Param::int("n", 2).valid(Valid::GtEq(1.0))];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.NGram",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Length {
    n: usize,
}

pub(super) static GRAMS: FunctionKind<Length> =
    FunctionKind::new("n_gram", grams).in_spark("NGram");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    words::check(&frame, params.string("inputCol")?, |own| {
        format!("Input type must be array<string> but got {own}")
    })?;
    let (input, output) = in_out::names(params, &frame)?;
    let field = StructField::new(output, words_type(), true);
    let words = frame.column(input)?.expr();
    in_out::add(frame, &GRAMS, Length { n: params.count("n")? }, vec![words], field)
}

fn grams(with: &Length, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let column = Words::new(arg(args, 0)?)?;
    let mut out = WordsBuilder::default();
    let mut own: Vec<&str> = Vec::new();
    for row in 0..column.len() {
        if let Some(words) = column.get(row) {
            own.clear();
            own.extend(words.map(|word| word.unwrap_or("null")));
            for gram in own.windows(with.n) {
                let parts = gram.iter().enumerate();
                out.push_parts(
                    true,
                    parts.flat_map(|(at, word)| [if at == 0 { "" } else { " " }, *word]),
                );
            }
        }
        out.end_row();
    }
    out.finish(column.nulls())
}
