//! `RegexTokenizer`: words between the matches of a pattern, or the matches themselves.
//!
//! Patterns are Java's, as in SQL's `regexp_extract`.

use super::in_out;
use super::map_vectors::arg;
use super::tokenizer::check_text;
use super::words::{WordsBuilder, words_type};
use crate::param::{Param, Params, Valid, shared};
use crate::{Class, FunctionKind, Role, error};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use firesteel_common::{Frame, Result, StructField, TableHost};
use firesteel_functions::Pattern;
use serde::{Deserialize, Serialize};

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::int("minTokenLength", 1).valid(Valid::GtEq(0.0)),
    Param::bool("gaps", true),
    Param::string("pattern", "\\s+"),
    Param::bool("toLowercase", true),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.RegexTokenizer",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Tokens {
    pattern: String,
    /// In UTF-16 units.
    least: usize,
    gaps: bool,
    lower: bool,
}

pub(super) static TOKENS: FunctionKind<Tokens> =
    FunctionKind::new("regex_tokenizer", tokens).in_spark("RegexTokenizer");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    check_text(params, &frame)?;
    let (input, output) = in_out::names(params, &frame)?;
    let pattern = params.string("pattern")?;
    // Spark finds this out when the parameter is set.
    let invalid = |_| error::illegal(format!("{pattern} is no regular expression."));
    Pattern::new("RegexTokenizer", pattern).map_err(invalid)?;
    let with = Tokens {
        pattern: pattern.to_owned(),
        least: params.count("minTokenLength")?,
        gaps: params.bool("gaps")?,
        lower: params.bool("toLowercase")?,
    };
    let (text, field) = (frame.column(input)?.expr(), StructField::new(output, words_type(), true));
    in_out::add(frame, &TOKENS, with, vec![text], field)
}

fn tokens(with: &Tokens, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let column = cast(arg(args, 0)?, &DataType::Utf8)?;
    let texts = column.as_string::<i32>();
    let pattern = Pattern::new("RegexTokenizer", &with.pattern)?;
    let mut out = WordsBuilder::default();
    let (mut lower, mut own) = (String::new(), Vec::new());
    for text in texts {
        if let Some(text) = text {
            if with.lower {
                lower = text.to_lowercase();
            }
            let text = if with.lower { lower.as_str() } else { text };
            let matches = pattern.positions(text)?;
            own.clear();
            match with.gaps {
                true => split(text, &matches, &mut own),
                false => own.extend(matches),
            }
            let words = own.iter().map(|(from, to)| &text[*from..*to]);
            let long = |word: &&str| word.encode_utf16().count() >= with.least;
            words.filter(long).for_each(|word| out.push(Some(word)));
        }
        out.end_row();
    }
    out.finish(texts.nulls().cloned())
}

/// What lies between the gaps, as Java's `Pattern.split`: no empty word before an empty match at the start, none at the
/// end unless there is no gap at all.
fn split(text: &str, gaps: &[(usize, usize)], out: &mut Vec<(usize, usize)>) {
    let mut from = 0;
    for (start, end) in gaps {
        if *end == 0 {
            continue;
        }
        out.push((from, *start));
        from = *end;
    }
    if from == 0 {
        return out.push((0, text.len()));
    }
    out.push((from, text.len()));
    while out.last().is_some_and(|(from, to)| from == to) {
        out.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn ends() {
        let words = |text: &str, gaps: &[(usize, usize)]| {
            let mut out = Vec::new();
            split(text, gaps, &mut out);
            out
        };
        assert_eq!(
            words(",a,,b,,", &[(0, 1), (2, 3), (3, 4), (5, 6), (6, 7)]),
            [(0, 0), (1, 2), (3, 3), (4, 5)]
        );
        assert_eq!(words("", &[]), [(0, 0)]);
        assert_eq!(words(",", &[(0, 1)]), []);
    }
}
