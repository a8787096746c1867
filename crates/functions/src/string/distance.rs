//! `levenshtein` and `sentences`.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, primitives};
use crate::implicit::is_null_constant;
use crate::scalar_kernel::Kind;
use arrow::array::{Array, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Int32Type};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

/// The number of edits; with a threshold, -1 where it is exceeded. A threshold of null makes the answer null if it is a
/// constant; in a column it counts as zero.
pub(super) fn levenshtein(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String, Class::Integer];
    if call.args.get(2).is_some_and(is_null_constant) {
        call.coerced(2, &classes)?;
        return Ok(Expr::Literal(ScalarValue::Int32(None), None));
    }
    call.strict(&LEVENSHTEIN, 2, &classes, &SparkType::Integer)
}

pub(super) static LEVENSHTEIN: Kind<()> = Kind::new("levenshtein", |(), input| {
    let (left, right) = (input.text(0)?, input.text(1)?);
    let thresholds = if input.args.len() == 3 { Some(input.ints(2)?) } else { None };
    primitives::<Int32Type>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else { return Ok(None) };
        let distance = distance(a, b);
        match thresholds {
            None => Ok(Some(distance)),
            Some(thresholds) => {
                let threshold = get!(thresholds, row).unwrap_or(0);
                Ok(Some(if distance > threshold { -1 } else { distance }))
            }
        }
    })
});

fn distance(a: &str, b: &str) -> i32 {
    let b: Vec<char> = b.chars().collect();
    let mut costs: Vec<i32> = (0..=b.len() as i32).collect();
    for (row, letter) in a.chars().enumerate() {
        let mut diagonal = costs[0];
        costs[0] = row as i32 + 1;
        for (column, other) in b.iter().enumerate() {
            let change = diagonal + i32::from(letter != *other);
            diagonal = costs[column + 1];
            costs[column + 1] = change.min(costs[column] + 1).min(diagonal + 1);
        }
    }
    costs[b.len()]
}

/// `sentences(text [, language, country])`: words of sentences, punctuation left out.
pub(super) fn sentences(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String, Class::String];
    let words = SparkType::Array { element: Box::new(SparkType::string()), contains_null: false };
    let result = SparkType::Array { element: Box::new(words), contains_null: false };
    call.partial(&SENTENCES, 1, &classes, &result)
}

pub(super) static SENTENCES: Kind<()> = Kind::new("sentences", |(), input| {
    let texts = input.text(0)?;
    let DataType::List(outer) = input.result else {
        return Err(SparkError::internal("sentences give arrays"));
    };
    let DataType::List(inner) = outer.data_type() else {
        return Err(SparkError::internal("sentences give arrays of arrays"));
    };
    let words = ListBuilder::new(StringBuilder::new()).with_field(Arc::clone(inner));
    let mut out = ListBuilder::new(words).with_field(Arc::clone(outer));
    for row in 0..input.n_rows {
        let Some(text) = get!(texts, row) else {
            out.append(false);
            continue;
        };
        for sentence in split_sentences(text) {
            for word in sentence {
                out.values().values().append_value(word);
            }
            out.values().append(true);
        }
        out.append(true);
    }
    Ok(Arc::new(out.finish()))
});

/// Words as Unicode parts text: marks stay with their letter, a point or an apostrophe between two
/// letters parts nothing.
fn words(sentence: &str) -> Vec<&str> {
    let is_mark = |letter: char| matches!(letter, '\u{300}'..='\u{36f}' | '\u{20d0}'..='\u{20ff}');
    let is_inner = |letter: char| letter.is_alphanumeric() || letter == '_' || is_mark(letter);
    let mut words = Vec::new();
    let mut start = None;
    let mut letters = sentence.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let joins = matches!(letter, '.' | '\'' | '\u{2019}')
            && start.is_some()
            && letters.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        match (is_inner(letter) || joins, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(&sentence[from..at]);
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| &sentence[from..]));
    words
}

/// A sentence ends with `.`, `!` or `?` before a blank or the end.
fn split_sentences(text: &str) -> Vec<Vec<&str>> {
    let mut sentences = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let ends = matches!(letter, '.' | '!' | '?')
            && letters.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ends {
            sentences.push(&text[start..=at]);
            start = at + 1;
        }
    }
    sentences.push(&text[start..]);
    sentences
        .into_iter()
        .map(|sentence| words(sentence))
        .filter(|words| !words.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(
            split_sentences("Hi there! Good morning."),
            [vec!["Hi", "there"], vec!["Good", "morning"],]
        );
    }
}
