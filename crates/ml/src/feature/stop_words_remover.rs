//! `StopWordsRemover`: leaves out words that a list has.

use super::map_vectors::arg;
use super::words::{self, Words, WordsBuilder, words_type};
use super::{in_out, in_out_many, stop_words};
use crate::param::{Default, Param, ParamKind, Params, shared};
use crate::{Answer, Argument, Class, FunctionKind, Role, Shared, Value, error};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, SparkError, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    shared::INPUT_COLS,
    shared::OUTPUT_COLS,
    // The client always sends a list.
    Param::new("stopWords", ParamKind::Strings, Default::Strs(&[])),
    Param::bool("caseSensitive", false),
    Param::string("locale", "en_US"),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.StopWordsRemover",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unwanted {
    /// In lower case unless `case_sensitive`.
    words: HashSet<String>,
    case_sensitive: bool,
    turkish: bool,
}

pub(super) static REMOVE: FunctionKind<Unwanted> =
    FunctionKind::new("stop_words_remover", remove).in_spark("StopWordsRemover");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    let pairs = in_out_many::pairs(params, &["outputCol"], &["outputCols"])?;
    let case_sensitive = params.bool("caseSensitive")?;
    let locale = params.string("locale")?;
    let turkish = ["tr", "az"].iter().any(|own| locale.split('_').next() == Some(*own));
    let list = match params.is_set("stopWords") {
        true => params.strings("stopWords")?.to_vec(),
        false => stop_words::of("english").unwrap_or_default(),
    };
    let words = match case_sensitive {
        true => list.into_iter().collect(),
        false => list.iter().map(|word| lower(word, turkish)).collect(),
    };
    let with = Shared::new(Unwanted { words, case_sensitive, turkish });
    let mut added = Vec::with_capacity(pairs.len());
    for (input, output) in &pairs {
        words::check(&frame, input, |own| {
            format!("Input type must be array<string> but got {own}.")
        })?;
        in_out::check_new(&frame, output)?;
        let expr = REMOVE.call(&with, &words_type(), true, vec![frame.column(input)?.expr()]);
        added.push((expr, StructField::new(output.as_str(), words_type(), true)));
    }
    frame.with_columns(added)
}

/// Java's lower case in a locale; Turkish and Azerbaijani have a dotless i.
fn lower(word: &str, turkish: bool) -> String {
    match turkish {
        true => word.replace('I', "ı").replace('İ', "i").to_lowercase(),
        false => word.to_lowercase(),
    }
}

fn remove(with: &Unwanted, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let column = Words::new(arg(args, 0)?)?;
    let mut out = WordsBuilder::default();
    let is_plain =
        |word: &str| word.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    for row in 0..column.len() {
        for word in column.get(row).into_iter().flatten() {
            let unwanted = word.is_some_and(|word| match with.case_sensitive || is_plain(word) {
                true => with.words.contains(word),
                false => with.words.contains(&lower(word, with.turkish)),
            });
            if !unwanted {
                out.push(word);
            }
        }
        out.end_row();
    }
    out.finish(column.nulls())
}

/// The helper's `stopWordsRemoverLoadDefaultStopWords`.
///
/// # Errors
/// Spark's: the language has no list.
pub(crate) fn load_default_stop_words(args: &[Argument]) -> Result<Answer> {
    let language = match args.first().map(Argument::value).transpose()? {
        Some(Value::String(language)) => language.as_str(),
        _ => return Err(SparkError::invalid_plan("A language was expected.")),
    };
    let words = stop_words::of(language).ok_or_else(|| {
        if stop_words::LANGUAGES.contains(&language) {
            let feature = format!("stop words of the language {language}");
            return SparkError::unsupported(feature);
        }
        error::requirement(format!(
            "{language} is not in the supported language list: {}.",
            stop_words::LANGUAGES.join(", ")
        ))
    })?;
    Ok(Value::Strings(words).into())
}
