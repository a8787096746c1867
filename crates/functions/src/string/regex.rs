//! `regexp_replace`, `regexp_extract`, `regexp_extract_all`, `regexp_count`, `regexp_instr`,
//! `regexp_substr`, `split`.

use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{get, primitives, strings};
use crate::faults::invalid_parameter_value;
use crate::implicit::{literal_long, not_foldable};
use crate::predicate::java_regex::{Pattern, Patterns, complaint};
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{Array, ArrayRef, ListBuilder, StringBuilder};
use arrow::datatypes::{DataType, Int32Type};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use fancy_regex::Captures;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};
use std::sync::Arc;

fn with_default(mut call: Call<'_>, n_args: usize, default: i32) -> Call<'_> {
    if call.args.len() + 1 == n_args {
        let literal = Expr::Literal(ScalarValue::Int32(Some(default)), None);
        call.args.push(crate::cast::retyped(literal, &SparkType::Integer, false));
    }
    call
}

pub(super) fn regexp_replace(call: Call<'_>) -> Result<Expr> {
    call.check_arity(3, 4)?;
    let classes = [Class::String, Class::String, Class::String, Class::Integer];
    if call.args.get(3).is_some_and(|position| position.expr.any_column_refs()) {
        return Err(not_foldable("regexp_replace", "position"));
    }
    if let Some(position) = call.args.get(3).and_then(literal_long)
        && position < 1
    {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            format!(
                "Cannot resolve \"regexp_replace\" due to data type mismatch: The position must be \
                 between (0, 2147483647] (current value = {position})."
            ),
        )
        .with("exprName", "position")
        .with("valueRange", "(0, 2147483647]")
        .with("currentValue", position.to_string()));
    }
    with_default(call, 4, 1).strict(&REPLACE, 4, &classes, &SparkType::string())
}

pub(super) static REPLACE: Kind<()> = Kind::new("regexp_replace", replace);

fn replace(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let (texts, patterns, news) = (input.text(0)?, input.text(1)?, input.text(2)?);
    let positions = input.ints(3)?;
    let mut compiled = Patterns::new("regexp_replace");
    strings(input.n_rows, |row| {
        let (Some(text), Some(pattern), Some(new), Some(position)) =
            (get!(texts, row), get!(patterns, row), get!(news, row), get!(positions, row))
        else {
            return Ok(None);
        };
        let pattern_text = pattern;
        let pattern = compiled.get(pattern)?;
        let skipped = usize::try_from(position - 1).unwrap_or(0);
        let Some(start) = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(skipped)
        else {
            return Ok(Some(text.to_owned()));
        };
        let (before, rest) = text.split_at(start);
        let mut out = before.to_owned();
        let mut last = 0;
        for found in pattern.all(rest)? {
            let Some(whole) = found.get(0) else { continue };
            out.push_str(&rest[last..whole.start()]);
            if !expand(new, &found, pattern, &mut out) {
                return Err(no_replacement(text, pattern_text, new, position));
            }
            last = whole.end();
        }
        out.push_str(&rest[last..]);
        Ok(Some(out))
    })
}

/// Spark's error for a replacement that speaks of a group that the pattern does not have.
fn no_replacement(source: &str, pattern: &str, new: &str, position: i32) -> SparkError {
    SparkError::runtime(
        "INVALID_REGEXP_REPLACE",
        format!(
            "Could not perform regexp_replace for source = \"{source}\", pattern = \"{pattern}\", \
             replacement = \"{new}\" and position = {position}."
        ),
    )
    .with("source", source)
    .with("pattern", pattern)
    .with("replacement", new)
    .with("position", position.to_string())
}

/// Java's replacement text: `$1`, `${name}` and `\` before a letter that means itself. False: there is
/// no such group.
fn expand(new: &str, found: &Captures<'_>, pattern: &Pattern, out: &mut String) -> bool {
    let mut letters = new.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some(meant) => out.push(meant),
                None => return false,
            },
            '$' if letters.peek() == Some(&'{') => {
                letters.next();
                let name: String = letters.by_ref().take_while(|c| *c != '}').collect();
                if !pattern.has_group(&name) {
                    return false;
                }
                if let Some(group) = found.name(&name) {
                    out.push_str(group.as_str());
                }
            }
            '$' => {
                let Some(first) = letters.peek().and_then(|c| c.to_digit(10)) else {
                    return false;
                };
                letters.next();
                let mut group = first as usize;
                // Java takes further digits as long as such a group exists.
                while let Some(digit) = letters.peek().and_then(|c| c.to_digit(10)) {
                    let longer = group * 10 + digit as usize;
                    if longer > pattern.n_groups() {
                        break;
                    }
                    group = longer;
                    letters.next();
                }
                if group > pattern.n_groups() {
                    return false;
                }
                if let Some(text) = found.get(group) {
                    out.push_str(text.as_str());
                }
            }
            other => out.push(other),
        }
    }
    true
}

fn checked_group(function: &str, group: i32, pattern: &Pattern) -> Result<usize> {
    let count = pattern.n_groups();
    match usize::try_from(group) {
        Ok(group) if group <= count => Ok(group),
        _ => Err(invalid_parameter_value(
            function,
            "idx",
            "REGEX_GROUP_INDEX",
            &format!("Expects group index between 0 and {count}, but got {group}."),
        )
        .with("groupCount", count.to_string())
        .with("groupIndex", group.to_string())),
    }
}

pub(super) fn regexp_extract(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let classes = [Class::String, Class::String, Class::Integer];
    let call = with_default(call, 3, 1);
    call.strict(&EXTRACT, 3, &classes, &SparkType::string())
}

pub(super) static EXTRACT: Kind<()> = Kind::new("regexp_extract", |(), input| {
    let (texts, patterns, groups) = (input.text(0)?, input.text(1)?, input.ints(2)?);
    let mut compiled = Patterns::new("regexp_extract");
    strings(input.n_rows, |row| {
        let (Some(text), Some(pattern), Some(group)) =
            (get!(texts, row), get!(patterns, row), get!(groups, row))
        else {
            return Ok(None);
        };
        let pattern = compiled.get(pattern)?;
        // Where nothing is found, Spark does not look at the group.
        let Some(found) = pattern.captures(text)? else { return Ok(Some("")) };
        let group = checked_group("regexp_extract", group, pattern)?;
        Ok(Some(found.get(group).map_or("", |part| part.as_str())))
    })
});

pub(super) fn regexp_extract_all(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let classes = [Class::String, Class::String, Class::Integer];
    let result = SparkType::array(SparkType::string());
    with_default(call, 3, 1).strict(&EXTRACT_ALL, 3, &classes, &result)
}

pub(super) static EXTRACT_ALL: Kind<()> = Kind::new("regexp_extract_all", |(), input| {
    let (texts, patterns, groups) = (input.text(0)?, input.text(1)?, input.ints(2)?);
    let mut compiled = Patterns::new("regexp_extract_all");
    lists(input, |row| {
        let (Some(text), Some(pattern), Some(group)) =
            (get!(texts, row), get!(patterns, row), get!(groups, row))
        else {
            return Ok(None);
        };
        let pattern = compiled.get(pattern)?;
        let found = pattern.all(text)?;
        if found.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let group = checked_group("regexp_extract_all", group, pattern)?;
        let parts =
            found.iter().map(|found| found.get(group).map_or("", |part| part.as_str())).collect();
        Ok(Some(parts))
    })
});

/// A column of arrays of strings.
pub(super) fn lists<'a>(
    input: &Input<'_>,
    mut row: impl FnMut(usize) -> Result<Option<Vec<&'a str>>>,
) -> Result<ArrayRef> {
    let DataType::List(field) = input.result else {
        return Err(SparkError::internal("an array of strings has another type"));
    };
    let mut out = ListBuilder::new(StringBuilder::new()).with_field(Arc::clone(field));
    for position in 0..input.n_rows {
        match row(position)? {
            Some(parts) => {
                for part in parts {
                    out.values().append_value(part);
                }
                out.append(true);
            }
            None => out.append(false),
        }
    }
    Ok(Arc::new(out.finish()))
}

pub(super) fn regexp_count(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String];
    call.strict(&COUNT, 2, &classes, &SparkType::Integer)
}

pub(super) static COUNT: Kind<()> = Kind::new("regexp_count", |(), input| {
    let (texts, patterns) = (input.text(0)?, input.text(1)?);
    let mut compiled = Patterns::new("regexp_count");
    primitives::<Int32Type>(input.n_rows, |row| {
        let (Some(text), Some(pattern)) = (get!(texts, row), get!(patterns, row)) else {
            return Ok(None);
        };
        Ok(Some(compiled.get(pattern)?.positions(text)?.len() as i32))
    })
});

/// Position from 1 of the first match; 0 for none. The group is checked and not used, as in Spark.
pub(super) fn regexp_instr(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String, Class::Integer];
    call.strict(&INSTR, 2, &classes, &SparkType::Integer)
}

pub(super) static INSTR: Kind<()> = Kind::new("regexp_instr", |(), input| {
    let (texts, patterns) = (input.text(0)?, input.text(1)?);
    let mut compiled = Patterns::new("regexp_instr");
    primitives::<Int32Type>(input.n_rows, |row| {
        let (Some(text), Some(pattern)) = (get!(texts, row), get!(patterns, row)) else {
            return Ok(None);
        };
        if input.args.get(2).is_some_and(|groups| groups.is_null(row)) {
            return Ok(None);
        }
        let found = compiled.get(pattern)?.captures(text)?;
        let start = found.and_then(|found| found.get(0).map(|whole| whole.start()));
        Ok(Some(start.map_or(0, |start| text[..start].chars().count() as i32 + 1)))
    })
});

pub(super) fn regexp_substr(call: Call<'_>) -> Result<Expr> {
    let classes = [Class::String, Class::String];
    call.partial(&SUBSTR, 2, &classes, &SparkType::string())
}

pub(super) static SUBSTR: Kind<()> = Kind::new("regexp_substr", |(), input| {
    let (texts, patterns) = (input.text(0)?, input.text(1)?);
    let mut compiled = Patterns::new("regexp_substr");
    strings(input.n_rows, |row| {
        let (Some(text), Some(pattern)) = (get!(texts, row), get!(patterns, row)) else {
            return Ok(None);
        };
        let found = compiled.get(pattern)?.captures(text)?;
        let part = found.and_then(|found| found.get(0).map(|whole| whole.as_str()));
        // An empty match counts as none.
        Ok(part.filter(|part| !part.is_empty()))
    })
});

/// `split` lets Java's error through; the other functions wrap it.
fn bare(pattern: &str, error: SparkError) -> SparkError {
    match complaint(pattern) {
        Some(text) => SparkError::new(ErrorKind::IllegalArgument, "", text),
        None => error,
    }
}

/// `split(text, pattern [, limit])` as Java's `String.split` with -1: no part is dropped.
pub(super) fn split(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    let classes = [Class::String, Class::String, Class::Integer];
    let result = SparkType::Array { element: Box::new(SparkType::string()), contains_null: false };
    with_default(call, 3, -1).strict(&SPLIT, 3, &classes, &result)
}

pub(super) static SPLIT: Kind<()> = Kind::new("split", |(), input| {
    let (texts, patterns, limits) = (input.text(0)?, input.text(1)?, input.ints(2)?);
    let mut compiled = Patterns::new("split");
    lists(input, |row| {
        let (Some(text), Some(pattern), Some(limit)) =
            (get!(texts, row), get!(patterns, row), get!(limits, row))
        else {
            return Ok(None);
        };
        let limit = usize::try_from(limit).ok().filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        let literal = pattern.len() == 1 && !".$|()[{^?*+\\".contains(pattern);
        if literal {
            return Ok(Some(text.splitn(limit, pattern).collect()));
        }
        if pattern.is_empty() {
            return Ok(Some(letters(text, limit)));
        }
        let mut parts = Vec::new();
        let mut last = 0;
        for (start, end) in
            compiled.get(pattern).map_err(|error| bare(pattern, error))?.positions(text)?
        {
            if parts.len() + 1 >= limit {
                break;
            }
            // An empty match at the start makes no empty part.
            if end == 0 {
                continue;
            }
            parts.push(&text[last..start]);
            last = end;
        }
        parts.push(&text[last..]);
        Ok(Some(parts))
    })
});

/// An empty pattern: one part per letter, without an empty one at the end.
fn letters(text: &str, limit: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        if parts.len() + 1 >= limit || rest.len() == letter.len_utf8() {
            break;
        }
        let (part, tail) = rest.split_at(letter.len_utf8());
        parts.push(part);
        rest = tail;
    }
    parts.push(rest);
    parts
}
