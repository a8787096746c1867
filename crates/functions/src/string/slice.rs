//! Parts of strings: `substring`, `left`, `right`, `substring_index`, `split_part`.

use crate::call::{Arg, Call};
use crate::coercion::implicit::{Class, expect};
use crate::columns::{binaries, get, strings};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};

/// (the argument is binary, there is a length)
type Params = (bool, bool);

pub(super) fn substring(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let (name, settings) = (call.name, call.settings);
    let with_length = call.args.len() == 3;
    let mut exprs = Vec::new();
    let mut result = SparkType::string();
    for (position, arg) in call.args.into_iter().enumerate() {
        let class = if position == 0 { Class::StringOrBinary } else { Class::Integer };
        let arg = expect(name, position, arg, class, settings)?;
        if position == 0 && arg.spark_type()? == SparkType::Binary {
            result = SparkType::Binary;
        }
        exprs.push(arg.expr);
    }
    let params = (result == SparkType::Binary, with_length);
    let kernel = SUBSTRING.kernel(params, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(exprs))
}

pub(super) static SUBSTRING: Kind<Params> = Kind::new("substring", evaluate_substring);

/// First and last position (exclusive) of Spark's `substring(…, position, length)` in `n` units:
/// positions count from 1, from the end if negative, and what lies before the start is lost.
fn range(n: usize, position: i32, length: i32) -> (usize, usize) {
    let n = n as i64;
    let start = match i64::from(position) {
        position if position > 0 => position - 1,
        0 => 0,
        position => n + position,
    };
    let end = (start + i64::from(length)).clamp(0, n);
    let start = start.clamp(0, n);
    (start as usize, end.max(start) as usize)
}

fn evaluate_substring(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let (binary, with_length) = *params;
    let positions = input.ints(1)?;
    let lengths = if with_length { Some(input.ints(2)?) } else { None };
    let bounds = |row: usize| {
        let length = match lengths {
            Some(lengths) => get!(lengths, row)?,
            None => i32::MAX,
        };
        Some((get!(positions, row)?, length))
    };
    if binary {
        let values = input.bytes(0)?;
        return binaries(input.n_rows, |row| {
            let (Some(bytes), Some((position, length))) = (get!(values, row), bounds(row)) else {
                return Ok(None);
            };
            let (start, end) = range(bytes.len(), position, length);
            Ok(bytes.get(start..end))
        });
    }
    let texts = input.text(0)?;
    strings(input.n_rows, |row| {
        let (Some(text), Some((position, length))) = (get!(texts, row), bounds(row)) else {
            return Ok(None);
        };
        Ok(Some(part(text, position, length)))
    })
}

fn part(text: &str, position: i32, length: i32) -> &str {
    if text.is_ascii() {
        let (start, end) = range(text.len(), position, length);
        return text.get(start..end).unwrap_or_default();
    }
    let (start, end) = range(text.chars().count(), position, length);
    let byte = |letter: usize| text.char_indices().nth(letter).map_or(text.len(), |(at, _)| at);
    text.get(byte(start)..byte(end)).unwrap_or_default()
}

/// `substring(…, 1, n)`; bytes give bytes.
pub(super) fn left(call: Call<'_>) -> Result<Expr> {
    if matches!(call.args.first().map(Arg::spark_type), Some(Ok(SparkType::Binary))) {
        let Call { name, settings, query_start_micros, .. } = call;
        let [bytes, length] = call.exactly::<2>()?;
        let one = Expr::Literal(ScalarValue::Int32(Some(1)), None);
        let one = crate::cast::retyped(one, &SparkType::Integer, false);
        let args = vec![bytes, one, length];
        return substring(Call { name, args, settings, query_start_micros });
    }
    call.strict(&LEFT, 2, &[Class::String, Class::Integer], &SparkType::string())
}

pub(super) static LEFT: Kind<()> = Kind::new("left", |(), input| {
    let (texts, lengths) = (input.text(0)?, input.ints(1)?);
    strings(input.n_rows, |row| match (get!(texts, row), get!(lengths, row)) {
        (Some(text), Some(length)) => Ok(Some(part(text, 1, length.max(0)))),
        _ => Ok(None),
    })
});

pub(super) fn right(call: Call<'_>) -> Result<Expr> {
    call.strict(&RIGHT, 2, &[Class::String, Class::Integer], &SparkType::string())
}

pub(super) static RIGHT: Kind<()> = Kind::new("right", |(), input| {
    let (texts, lengths) = (input.text(0)?, input.ints(1)?);
    strings(input.n_rows, |row| match (get!(texts, row), get!(lengths, row)) {
        (Some(_), Some(length)) if length <= 0 => Ok(Some("")),
        (Some(text), Some(length)) => Ok(Some(part(text, length.saturating_neg(), i32::MAX))),
        _ => Ok(None),
    })
});

pub(super) fn substring_index(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String, Class::Integer];
    call.strict(&SUBSTRING_INDEX, 3, &classes, &SparkType::string())
}

pub(super) static SUBSTRING_INDEX: Kind<()> = Kind::new("substring_index", |(), input| {
    let (texts, delimiters, counts) = (input.text(0)?, input.text(1)?, input.ints(2)?);
    strings(input.n_rows, |row| {
        match (get!(texts, row), get!(delimiters, row), get!(counts, row)) {
            (Some(text), Some(delimiter), Some(count)) => {
                Ok(Some(before_delimiter(text, delimiter, count)))
            }
            _ => Ok(None),
        }
    })
});

fn before_delimiter<'a>(text: &'a str, delimiter: &str, count: i32) -> &'a str {
    if delimiter.is_empty() || count == 0 {
        return "";
    }
    // Occurrences may overlap: the search goes on one letter after the last.
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(delimiter)) {
        found.push(from + at);
        from += at + text[from + at..].chars().next().map_or(1, char::len_utf8);
    }
    let wanted = count.unsigned_abs() as usize;
    if wanted > found.len() {
        return text;
    }
    if count > 0 {
        &text[..found[wanted - 1]]
    } else {
        &text[found[found.len() - wanted] + delimiter.len()..]
    }
}

pub(super) fn split_part(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String, Class::Integer];
    call.strict(&SPLIT_PART, 3, &classes, &SparkType::string())
}

pub(super) static SPLIT_PART: Kind<()> = Kind::new("split_part", |(), input| {
    let (texts, delimiters, positions) = (input.text(0)?, input.text(1)?, input.ints(2)?);
    strings(input.n_rows, |row| {
        let (Some(text), Some(delimiter), Some(position)) =
            (get!(texts, row), get!(delimiters, row), get!(positions, row))
        else {
            return Ok(None);
        };
        if position == 0 {
            return Err(SparkError::runtime(
                "INVALID_INDEX_OF_ZERO",
                "The index 0 is invalid. An index shall be either < 0 or > 0 (the first \
                     element has index 1).",
            ));
        }
        let parts: Vec<_> =
            if delimiter.is_empty() { vec![text] } else { text.split(delimiter).collect() };
        let at = if position > 0 {
            i64::from(position) - 1
        } else {
            parts.len() as i64 + i64::from(position)
        };
        let part = usize::try_from(at).ok().and_then(|at| parts.get(at).copied());
        Ok(Some(part.unwrap_or_default()))
    })
});

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn recorded() {
        assert_eq!(part("Spark SQL", 5, 1), "k");
        assert_eq!(part("Spark SQL", -3, 2), "SQ");
        assert_eq!(part("abc", -5, 3), "a");
        assert_eq!(part("abc", 0, 2), "ab");
        assert_eq!(part("héllo", 2, 3), "éll");
        assert_eq!(before_delimiter("www.apache.org", ".", 2), "www.apache");
        assert_eq!(before_delimiter("www.apache.org", ".", -1), "org");
        assert_eq!(before_delimiter("a.b", ".", 5), "a.b");
    }
}
