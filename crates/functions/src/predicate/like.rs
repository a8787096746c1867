//! `LIKE` and `ILIKE`.

use crate::call::{Arg, Call};
use crate::coercion::implicit::Class;
use crate::columns::{booleans, get};
use crate::implicit::{invalid_parameter, literal_text};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use datafusion_expr::expr::Like;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

pub(super) fn like(call: Call<'_>) -> Result<Expr> {
    build(call, false)
}

pub(super) fn ilike(call: Call<'_>) -> Result<Expr> {
    build(call, true)
}

type Params = (char, bool);

fn build(call: Call<'_>, ignore_case: bool) -> Result<Expr> {
    let name = call.name.to_owned();
    call.check_arity(2, 3)?;
    let mut call = call.coerced(2, &[Class::String, Class::String, Class::String])?;
    let escape = match call.args.get(2) {
        None => '\\',
        Some(arg) => escape_of(&name, arg)?,
    };
    call.args.truncate(2);
    let [text, pattern] = call.exactly::<2>()?;
    if escape == '\\'
        && let Some(literal) = literal_text(&pattern)
    {
        // Refused here as Spark does; what is left means the same to Arrow.
        check(&literal, escape)?;
        let like = Like::new(false, Box::new(text.expr), Box::new(pattern.expr), None, ignore_case);
        return Ok(Expr::Like(like));
    }
    let kernel = LIKE.kernel((escape, ignore_case), &SparkType::Boolean);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![text.expr, pattern.expr]))
}

pub(super) static LIKE: Kind<Params> = Kind::new("like", evaluate);

fn escape_of(name: &str, arg: &Arg) -> Result<char> {
    let text = literal_text(arg).unwrap_or_default();
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(escape), None) => Ok(escape),
        _ => Err(invalid_parameter(name, "escape", "it must be a string of one character")),
    }
}

/// One part of a pattern.
#[derive(Debug, PartialEq)]
pub(super) enum Part {
    Letter(char),
    One,
    Any,
}

pub(super) fn parts(pattern: &str, escape: char) -> Result<Vec<Part>> {
    let mut out = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        out.push(match letter {
            _ if letter == escape => match letters.next() {
                Some(next) if next == escape || matches!(next, '_' | '%') => Part::Letter(next),
                Some(next) => {
                    return Err(invalid(
                        pattern,
                        "ESC_IN_THE_MIDDLE",
                        &format!("The escape character is not allowed to precede '{next}'."),
                    )
                    .with("char", format!("'{next}'")));
                }
                None => {
                    let why = "The escape character is not allowed to end with.";
                    return Err(invalid(pattern, "ESC_AT_THE_END", why));
                }
            },
            '_' => Part::One,
            '%' => Part::Any,
            letter => Part::Letter(letter),
        });
    }
    Ok(out)
}

fn check(pattern: &str, escape: char) -> Result<()> {
    parts(pattern, escape).map(|_| ())
}

fn invalid(pattern: &str, sub: &str, why: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Analysis,
        format!("INVALID_FORMAT.{sub}"),
        format!("The format is invalid: '{pattern}'. {why}"),
    )
    .with("format", format!("'{pattern}'"))
}

fn evaluate(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let (escape, ignore_case) = *params;
    let (texts, patterns) = (input.text(0)?, input.text(1)?);
    booleans(input.n_rows, |row| {
        let (Some(text), Some(pattern)) = (get!(texts, row), get!(patterns, row)) else {
            return Ok(None);
        };
        if ignore_case {
            let parts = parts(&pattern.to_lowercase(), escape)?;
            return Ok(Some(matches(&text.to_lowercase(), &parts)));
        }
        Ok(Some(matches(text, &parts(pattern, escape)?)))
    })
}

/// Greedy with one point of return: the last `%`.
pub(super) fn matches(text: &str, pattern: &[Part]) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut part) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        match pattern.get(part) {
            Some(Part::Any) => {
                retry = Some((at, part + 1));
                part += 1;
                continue;
            }
            Some(Part::One) if at < text.len() => {
                (at, part) = (at + 1, part + 1);
                continue;
            }
            Some(Part::Letter(letter)) if text.get(at) == Some(letter) => {
                (at, part) = (at + 1, part + 1);
                continue;
            }
            None if at == text.len() => return true,
            _ => {}
        }
        match retry {
            Some((from, after)) if from < text.len() => {
                retry = Some((from + 1, after));
                (at, part) = (from + 1, after);
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let like =
            |text: &str, pattern: &str| parts(pattern, '/').map(|parts| matches(text, &parts)).ok();
        assert_eq!(like("Spark", "%park"), Some(true));
        assert_eq!(like("a%c", "a/%c"), Some(true));
        assert_eq!(like("abc", "a/%c"), Some(false));
        assert_eq!(like("mississippi", "%iss%ip_i"), Some(true));
        assert_eq!(like("", "%"), Some(true));
        assert_eq!(like("a", "/a"), None);
    }
}
