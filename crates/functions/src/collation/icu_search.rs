//! Functions that look for one text in another one by an order of ICU: what is found is told by the order, what is
//! answered comes out of the text itself.

use super::find::{Finder, Text};
use super::icu::Order;
use super::name::Collation;
use crate::call::Call;
use crate::coercion::implicit::Class;
use crate::columns::{booleans, get, primitives, strings};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::Int32Type;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Search {
    Contains,
    StartsWith,
    EndsWith,
    /// `instr`: the text comes first.
    Instr,
    /// `locate` and `position`: what is wanted comes first, the place from which to look last.
    Locate,
    FindInSet,
    Replace,
    SplitPart,
    SubstringIndex,
    TrimBoth,
    TrimStart,
    TrimEnd,
    Translate,
}

/// A search, and the name of the collation.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Params {
    search: Search,
    collation: String,
}

pub(super) static ICU_SEARCH: Kind<Params> = Kind::new("icu_search", evaluate);

/// The call of `name` on plain arguments by an order of ICU; none: it is no function of this kind.
pub fn icu_searching(name: &str, collation: &str, call: Call<'_>) -> Option<Result<Expr>> {
    let search = match name {
        "contains" => Search::Contains,
        "startswith" => Search::StartsWith,
        "endswith" => Search::EndsWith,
        "instr" => Search::Instr,
        "locate" | "position" | "charindex" => Search::Locate,
        "find_in_set" => Search::FindInSet,
        "replace" => Search::Replace,
        "split_part" => Search::SplitPart,
        "substring_index" => Search::SubstringIndex,
        "trim" | "btrim" => Search::TrimBoth,
        "ltrim" => Search::TrimStart,
        "rtrim" => Search::TrimEnd,
        "translate" => Search::Translate,
        _ => return None,
    };
    Some(built(search, name, collation, call))
}

fn built(search: Search, name: &str, collation: &str, call: Call<'_>) -> Result<Expr> {
    Collation::parse(collation)?.check_order()?;
    use Class::{Integer, String};
    let (min, classes, result): (_, &[Class], _) = match search {
        Search::Contains | Search::StartsWith | Search::EndsWith => {
            (2, &[String, String], SparkType::Boolean)
        }
        Search::Instr | Search::FindInSet => (2, &[String, String], SparkType::Integer),
        Search::Locate => (2, &[String, String, Integer], SparkType::Integer),
        Search::Replace => (2, &[String, String, String], SparkType::string()),
        Search::Translate => (3, &[String, String, String], SparkType::string()),
        Search::SplitPart | Search::SubstringIndex => {
            (3, &[String, String, Integer], SparkType::string())
        }
        Search::TrimBoth | Search::TrimStart | Search::TrimEnd => {
            (2, &[String, String], SparkType::string())
        }
    };
    let mut exprs = call.coerced(min, classes)?.exprs();
    match (search, exprs.len()) {
        (Search::Locate, 2) => exprs.push(datafusion_expr::lit(1_i32)),
        (Search::Replace, 2) => exprs.push(datafusion_expr::lit("")),
        _ => {}
    }
    if matches!(name, "trim" | "ltrim" | "rtrim") {
        // The letters come first there.
        exprs.reverse();
    }
    let nullable = match search {
        Search::SplitPart => Nullable::Always,
        _ => Nullable::Propagate,
    };
    let params = Params { search, collation: collation.to_owned() };
    Ok(ICU_SEARCH.kernel(params, &result).nullable(nullable).call(exprs))
}

fn evaluate(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let collation = Collation::parse(&params.collation)?;
    let mut finder = match params.search {
        // Members of a set are compared as a whole.
        Search::FindInSet => Finder::of(Order::comparing(&collation)?),
        _ => Finder::new(&collation)?,
    };
    let (first, second) = (input.text(0)?, input.text(1)?);
    // Where blanks at the end do not count, none are looked for.
    let pair = |row: usize| {
        let (one, other) = get!(first, row).zip(get!(second, row))?;
        Some(match params.search {
            Search::EndsWith => (collation.compared(one), collation.compared(other)),
            Search::Locate => (collation.compared(one), other),
            Search::Contains
            | Search::StartsWith
            | Search::Instr
            | Search::SplitPart
            | Search::SubstringIndex => (one, collation.compared(other)),
            _ => (one, other),
        })
    };
    match params.search {
        Search::Contains => booleans(input.n_rows, |row| {
            Ok(pair(row).map(|(text, part)| {
                let key = finder.key(part);
                part.is_empty() || finder.find(&Text::of(text), &key, 0).is_some()
            }))
        }),
        Search::StartsWith => booleans(input.n_rows, |row| {
            Ok(pair(row).map(|(text, part)| {
                let key = finder.key(part);
                let place = finder.find(&Text::of(text), &key, 0);
                part.is_empty() || place.is_some_and(|place| place.start == 0)
            }))
        }),
        Search::EndsWith => booleans(input.n_rows, |row| {
            Ok(pair(row).map(|(text, part)| {
                let key = finder.key(part);
                let place = finder.find_last(&Text::of(text), &key);
                part.is_empty() || place.is_some_and(|place| place.end == text.len())
            }))
        }),
        Search::Instr => primitives::<Int32Type>(input.n_rows, |row| {
            Ok(pair(row).map(|(text, part)| position(&mut finder, text, part, 1)))
        }),
        Search::Locate => {
            let starts = input.ints(2)?;
            primitives::<Int32Type>(input.n_rows, |row| {
                // A start of null finds nothing.
                let Some(start) = get!(starts, row) else { return Ok(Some(0)) };
                Ok(pair(row).map(|(part, text)| position(&mut finder, text, part, start)))
            })
        }
        Search::FindInSet => primitives::<Int32Type>(input.n_rows, |row| {
            Ok(pair(row).map(|(word, set)| member(&mut finder, &collation, word, set)))
        }),
        Search::Replace => {
            let by = input.text(2)?;
            strings(input.n_rows, |row| {
                let Some(((text, part), by)) = pair(row).zip(get!(by, row)) else {
                    return Ok(None);
                };
                let places = places(&mut finder, text, part);
                Ok(Some(pieces(text, &places).join(by)))
            })
        }
        Search::Translate => {
            let to = input.text(2)?;
            strings(input.n_rows, |row| {
                let found = pair(row).zip(get!(to, row));
                Ok(found.map(|((text, from), to)| translated(&mut finder, text, from, to)))
            })
        }
        Search::SplitPart => {
            let numbers = input.ints(2)?;
            strings(input.n_rows, |row| {
                let Some(((text, part), number)) = pair(row).zip(get!(numbers, row)) else {
                    return Ok(None);
                };
                split_part(&mut finder, text, part, number).map(Some)
            })
        }
        Search::SubstringIndex => {
            let counts = input.ints(2)?;
            strings(input.n_rows, |row| {
                let found = pair(row).zip(get!(counts, row));
                Ok(found
                    .map(|((text, part), count)| substring_index(&mut finder, text, part, count)))
            })
        }
        Search::TrimBoth | Search::TrimStart | Search::TrimEnd => strings(input.n_rows, |row| {
            Ok(pair(row).map(|(text, blanks)| trimmed(&mut finder, text, blanks, params.search)))
        }),
    }
}

fn places(finder: &mut Finder, text: &str, part: &str) -> Vec<Range<usize>> {
    let key = finder.key(part);
    finder.find_all(&Text::of(text), &key, false)
}

/// Position from 1, in code points, of the first place of `part` at or after letter `from` (from 1); 0 for none.
fn position(finder: &mut Finder, text: &str, part: &str, from: i32) -> i32 {
    if from < 1 {
        return 0;
    }
    if part.is_empty() {
        return 1;
    }
    let skipped = (from - 1) as usize;
    let Some(start) = text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(skipped) else {
        return 0;
    };
    let key = finder.key(part);
    match finder.find(&Text::of(text), &key, start) {
        Some(place) => text[..place.start].chars().count() as i32 + 1,
        None => 0,
    }
}

/// The number, from 1, of the member of a comma-separated set that is equal to `word`; 0 for none.
fn member(finder: &mut Finder, collation: &Collation, word: &str, set: &str) -> i32 {
    if word.contains(',') {
        return 0;
    }
    let word = finder.key(collation.compared(word));
    let at = set.split(',').position(|own| finder.key(collation.compared(own)) == word);
    at.map_or(0, |at| at as i32 + 1)
}

/// The text between the places.
fn pieces<'t>(text: &'t str, places: &[Range<usize>]) -> Vec<&'t str> {
    let starts = std::iter::once(0).chain(places.iter().map(|place| place.end));
    let ends = places.iter().map(|place| place.start).chain([text.len()]);
    starts.zip(ends).map(|(start, end)| &text[start..end]).collect()
}

fn split_part(finder: &mut Finder, text: &str, part: &str, number: i32) -> Result<String> {
    if number == 0 {
        return Err(SparkError::runtime(
            "INVALID_INDEX_OF_ZERO",
            "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).",
        ));
    }
    let places = places(finder, text, part);
    let pieces = pieces(text, &places);
    let position = match usize::try_from(number) {
        Ok(number) => Some(number - 1),
        Err(_) => pieces.len().checked_sub(number.unsigned_abs() as usize),
    };
    let piece = position.and_then(|position| pieces.get(position));
    Ok(piece.copied().unwrap_or_default().to_owned())
}

fn substring_index(finder: &mut Finder, text: &str, part: &str, count: i32) -> String {
    if count == 0 || part.is_empty() {
        return String::new();
    }
    let key = finder.key(part);
    let places = finder.find_all(&Text::of(text), &key, true);
    let n = count.unsigned_abs() as usize;
    if n > places.len() {
        return text.to_owned();
    }
    match count > 0 {
        true => text[..places[n - 1].start].to_owned(),
        false => text[places[places.len() - n].end..].to_owned(),
    }
}

/// Without the letters of `blanks` at its ends; the longest of what fits goes.
fn trimmed(finder: &mut Finder, text: &str, blanks: &str, search: Search) -> String {
    let mut buffer = [0; 4];
    let keys = blanks.chars().map(|blank| finder.key(blank.encode_utf8(&mut buffer)));
    let keys: Vec<_> = keys.collect();
    let whole = Text::of(text);
    let (mut from, mut to) = (0, text.len());
    if search != Search::TrimEnd {
        while let Some(end) = keys.iter().filter_map(|key| finder.end_at(&whole, from, key)).max() {
            from = end;
        }
    }
    if search != Search::TrimStart {
        while let Some(start) = keys.iter().filter_map(|key| finder.start_of(&whole, to, key)).min()
            && start >= from
        {
            to = start;
        }
    }
    text[from..to].to_owned()
}

/// Each letter of `from` becomes the letter of `to` at its place, or goes.
fn translated(finder: &mut Finder, text: &str, from: &str, to: &str) -> String {
    let mut by = to.chars();
    let mut letters: Vec<(char, Option<char>)> = Vec::new();
    for letter in from.chars() {
        let change = by.next();
        if !letters.iter().any(|(known, _)| *known == letter) {
            letters.push((letter, change));
        }
    }
    // Spark asks letters that are equal by the order as they come out of a hash map of Java.
    let mut room = 16;
    while letters.len() * 4 > room * 3 {
        room *= 2;
    }
    letters.sort_by_key(|(letter, _)| {
        let mut units = [0; 2];
        let units = letter.encode_utf16(&mut units).iter();
        let hash = units.fold(0_u32, |hash, unit| hash.wrapping_mul(31) + u32::from(*unit));
        (hash ^ (hash >> 16)) as usize & (room - 1)
    });
    let mut buffer = [0; 4];
    let keyed = letters.into_iter();
    let keyed = keyed.map(|(own, change)| (finder.key(own.encode_utf8(&mut buffer)), change));
    let changes: Vec<_> = keyed.collect();
    let whole = Text::of(text);
    let (mut at, mut out) = (0, String::with_capacity(text.len()));
    while let Some(letter) = text[at..].chars().next() {
        let mut found = None;
        for (key, change) in &changes {
            // The longest, and the first of equal ones.
            if let Some(end) = finder.end_at(&whole, at, key)
                && found.is_none_or(|(longest, _)| end > longest)
            {
                found = Some((end, *change));
            }
        }
        let (end, change) = found.unwrap_or((at + letter.len_utf8(), Some(letter)));
        out.extend(change);
        at = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder(name: &str) -> Result<Finder> {
        Finder::new(&Collation::parse(name)?)
    }

    #[test]
    fn letters_are_found_by_strength() -> Result<()> {
        for (name, text, part, expected) in [
            ("UNICODE", "Straße", "ss", 0),
            ("UNICODE_CI", "ABCabc", "b", 2),
            ("UNICODE_CI_AI", "Straße", "SS", 5),
            ("UNICODE_CI_AI", "Straße", "s", 1),
            ("UNICODE_AI", "xáb", "a", 2),
            ("UNICODE", "a\u{301}b", "a", 0),
            ("UNICODE", "a\u{301}b", "á", 1),
            ("cs", "chata", "c", 0),
            ("cs", "chata", "ch", 1),
            ("UNICODE", "😀a😀", "a", 2),
        ] {
            let found = position(&mut finder(name)?, text, part, 1);
            assert_eq!(found, expected, "{name} {text} {part}");
        }
        Ok(())
    }

    #[test]
    fn pieces_keep_their_letters() -> Result<()> {
        let mut own = finder("UNICODE_CI")?;
        assert_eq!(split_part(&mut own, "ABCabc", "b", 2)?, "Ca");
        assert_eq!(substring_index(&mut own, "ABCabc", "b", -1), "c");
        assert_eq!(trimmed(&mut own, "AabcA", "a", Search::TrimBoth), "bc");
        assert_eq!(trimmed(&mut own, "AA", "a", Search::TrimBoth), "");
        Ok(())
    }
}
