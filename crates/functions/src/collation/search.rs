//! `replace`, `split_part`, `substring_index` and `trim` where capital letters are small ones: what is found is told by
//! keys, what is answered comes out of the text itself.

use super::key::lowered;
use crate::call::Call;
use crate::columns::{get, strings};
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Search {
    Replace,
    SplitPart,
    SubstringIndex,
    Translate,
    TrimBoth,
    TrimStart,
    TrimEnd,
}

/// The call of `name` on plain arguments, without regard to case; none: it is no function of this kind.
pub fn searching(name: &str, call: Call<'_>) -> Option<Result<Expr>> {
    let (search, n_args) = match name {
        "replace" => (Search::Replace, 3),
        "split_part" => (Search::SplitPart, 3),
        "substring_index" => (Search::SubstringIndex, 3),
        "translate" => (Search::Translate, 3),
        "trim" | "btrim" => (Search::TrimBoth, 2),
        "ltrim" => (Search::TrimStart, 2),
        "rtrim" => (Search::TrimEnd, 2),
        _ => return None,
    };
    let mut exprs: Vec<Expr> = call.args.into_iter().map(|arg| arg.expr).collect();
    if matches!(name, "trim" | "ltrim" | "rtrim") {
        // The letters come first there.
        exprs.reverse();
    }
    if search == Search::Replace && exprs.len() == 2 {
        exprs.push(datafusion_expr::lit(""));
    }
    let nullable = match search {
        Search::SplitPart => Nullable::Always,
        _ => Nullable::Propagate,
    };
    let kernel = SEARCH.kernel(search, &SparkType::string()).nullable(nullable);
    (exprs.len() == n_args).then(|| Ok(kernel.call(exprs)))
}

pub(super) static SEARCH: Kind<Search> = Kind::new("collated_search", evaluate);

/// Text as letters, each beside what it is compared by.
struct Letters {
    letters: Vec<char>,
    keys: Vec<String>,
}

impl Letters {
    fn of(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let keys = letters.iter().map(|letter| lowered(&letter.to_string())).collect();
        Self { letters, keys }
    }

    fn part(&self, from: usize, to: usize) -> String {
        self.letters[from..to].iter().collect()
    }

    /// Where `wanted` stands, from the left and without overlap.
    fn places(&self, wanted: &Letters) -> Vec<usize> {
        let mut places = Vec::new();
        let mut place = 0;
        while !wanted.keys.is_empty() && place + wanted.keys.len() <= self.keys.len() {
            if self.keys[place..].starts_with(&wanted.keys) {
                places.push(place);
                place += wanted.keys.len();
            } else {
                place += 1;
            }
        }
        places
    }
}

fn evaluate(search: &Search, input: &Input<'_>) -> Result<ArrayRef> {
    match search {
        Search::Replace => {
            let (texts, wanted, by) = (input.text(0)?, input.text(1)?, input.text(2)?);
            strings(input.n_rows, |row| {
                let (Some(text), Some(wanted), Some(by)) =
                    (get!(texts, row), get!(wanted, row), get!(by, row))
                else {
                    return Ok(None);
                };
                Ok(Some(pieces(&Letters::of(text), &Letters::of(wanted)).join(by)))
            })
        }
        Search::SplitPart => {
            let (texts, wanted, numbers) = (input.text(0)?, input.text(1)?, input.ints(2)?);
            strings(input.n_rows, |row| {
                let (Some(text), Some(wanted), Some(number)) =
                    (get!(texts, row), get!(wanted, row), get!(numbers, row))
                else {
                    return Ok(None);
                };
                split_part(text, wanted, number).map(Some)
            })
        }
        Search::Translate => {
            let (texts, from, to) = (input.text(0)?, input.text(1)?, input.text(2)?);
            strings(input.n_rows, |row| {
                let (Some(text), Some(from), Some(to)) =
                    (get!(texts, row), get!(from, row), get!(to, row))
                else {
                    return Ok(None);
                };
                let (text, from) = (Letters::of(text), Letters::of(from));
                let to: Vec<char> = to.chars().collect();
                let letters = text.letters.iter().zip(&text.keys);
                let changed = letters.filter_map(|(letter, key)| {
                    match from.keys.iter().position(|known| known == key) {
                        Some(position) => to.get(position).copied(),
                        None => Some(*letter),
                    }
                });
                Ok(Some(changed.collect::<String>()))
            })
        }
        Search::SubstringIndex => {
            let (texts, wanted, counts) = (input.text(0)?, input.text(1)?, input.ints(2)?);
            strings(input.n_rows, |row| {
                let (Some(text), Some(wanted), Some(count)) =
                    (get!(texts, row), get!(wanted, row), get!(counts, row))
                else {
                    return Ok(None);
                };
                Ok(Some(substring_index(text, wanted, count)))
            })
        }
        Search::TrimBoth | Search::TrimStart | Search::TrimEnd => {
            let (texts, blanks) = (input.text(0)?, input.text(1)?);
            strings(input.n_rows, |row| {
                let (Some(text), Some(blanks)) = (get!(texts, row), get!(blanks, row)) else {
                    return Ok(None);
                };
                Ok(Some(trimmed(text, blanks, *search)))
            })
        }
    }
}

/// The text between the places of `wanted`.
fn pieces(text: &Letters, wanted: &Letters) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for place in text.places(wanted) {
        pieces.push(text.part(from, place));
        from = place + wanted.letters.len();
    }
    pieces.push(text.part(from, text.letters.len()));
    pieces
}

fn split_part(text: &str, wanted: &str, number: i32) -> Result<String> {
    if number == 0 {
        return Err(SparkError::runtime(
            "INVALID_INDEX_OF_ZERO",
            "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).",
        ));
    }
    let pieces = pieces(&Letters::of(text), &Letters::of(wanted));
    let position = match usize::try_from(number) {
        Ok(number) => Some(number - 1),
        Err(_) => pieces.len().checked_sub(number.unsigned_abs() as usize),
    };
    Ok(position.and_then(|position| pieces.get(position)).cloned().unwrap_or_default())
}

fn substring_index(text: &str, wanted: &str, count: i32) -> String {
    let (letters, wanted) = (Letters::of(text), Letters::of(wanted));
    if count == 0 || wanted.letters.is_empty() {
        return String::new();
    }
    let places = letters.places(&wanted);
    let n = count.unsigned_abs() as usize;
    if n > places.len() {
        return text.to_owned();
    }
    match count > 0 {
        true => letters.part(0, places[n - 1]),
        false => {
            letters.part(places[places.len() - n] + wanted.letters.len(), letters.letters.len())
        }
    }
}

fn trimmed(text: &str, blanks: &str, search: Search) -> String {
    let (text, blanks) = (Letters::of(text), Letters::of(blanks));
    let is_blank = |key: &String| blanks.keys.contains(key);
    let n = text.keys.len();
    let from = match search {
        Search::TrimEnd => 0,
        _ => text.keys.iter().take_while(|key| is_blank(key)).count(),
    };
    let to = match search {
        Search::TrimStart => n,
        _ => n - text.keys.iter().rev().take_while(|key| is_blank(key)).count(),
    };
    text.part(from, to.max(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capital_letters_are_found_and_kept() {
        let joined =
            |text: &str, wanted: &str| pieces(&Letters::of(text), &Letters::of(wanted)).join("x");
        assert_eq!(joined("ABCabc", "b"), "AxCaxc");
        assert_eq!(joined("abc", ""), "abc");
        assert_eq!(split_part("ABCabc", "b", 2).ok().as_deref(), Some("Ca"));
        assert_eq!(split_part("ABCabc", "b", -1).ok().as_deref(), Some("c"));
        assert!(split_part("a", "b", 0).is_err());
        assert_eq!(substring_index("ABCabc", "b", 1), "A");
        assert_eq!(substring_index("ABCabc", "b", -1), "c");
        assert_eq!(trimmed("AabcA", "a", Search::TrimBoth), "bc");
        assert_eq!(trimmed("AA", "a", Search::TrimBoth), "");
        assert_eq!(trimmed("AabcA", "a", Search::TrimStart), "bcA");
    }
}
