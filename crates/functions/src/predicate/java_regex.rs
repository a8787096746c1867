//! Java's regular expressions on `fancy-regex`.
//!
//! Left out: names of letters (`\N{…}`), blocks (`\p{InGreek}`), look-behind of variable width.

mod properties;
mod translate;

use crate::faults::invalid_parameter_value;
use fancy_regex::{Captures, Regex};
use firesteel_common::{Result, SparkError};
use std::iter;
use std::sync::OnceLock;
use translate::{Refused, translate};

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    regex: Regex,
    /// The pattern for texts that end with a line terminator, if `$` could stand before it: apart, because
    /// it has to look around, which is slow.
    before_terminator: Option<(String, OnceLock<Regex>)>,
}

impl Pattern {
    /// # Errors
    /// `INVALID_PARAMETER_VALUE.PATTERN`.
    pub fn new(function: &str, pattern: &str) -> Result<Pattern> {
        Self::compiled(pattern).map_err(|_| {
            let shown = format!("'{pattern}'");
            let error =
                invalid_parameter_value(function, "regexp", "PATTERN", &format!("{shown}."));
            error.with("value", shown)
        })
    }

    fn compiled(pattern: &str) -> std::result::Result<Pattern, Refused> {
        let translated = translate(pattern)?;
        match Regex::new(&translated.plain) {
            Ok(regex) => Ok(Pattern {
                regex,
                before_terminator: translated.before_terminator.map(|text| (text, OnceLock::new())),
            }),
            Err(error) => Err(Refused { why: error.to_string(), at: 0 }),
        }
    }

    /// The regular expression that answers as Java's for a text.
    fn of(&self, text: &str) -> Result<&Regex> {
        let Some((pattern, compiled)) = &self.before_terminator else { return Ok(&self.regex) };
        if !text.ends_with(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) {
            return Ok(&self.regex);
        }
        if let Some(regex) = compiled.get() {
            return Ok(regex);
        }
        let regex = Regex::new(pattern).map_err(too_hard)?;
        Ok(compiled.get_or_init(|| regex))
    }

    pub(crate) fn is_match(&self, text: &str) -> Result<bool> {
        self.of(text)?.is_match(text).map_err(too_hard)
    }

    /// Number of groups, the whole match not counted.
    pub(crate) fn n_groups(&self) -> usize {
        self.regex.captures_len().saturating_sub(1)
    }

    pub(crate) fn has_group(&self, name: &str) -> bool {
        self.regex.capture_names().flatten().any(|group| group == name)
    }

    pub(crate) fn captures<'t>(&self, text: &'t str) -> Result<Option<Captures<'t>>> {
        self.of(text)?.captures(text).map_err(too_hard)
    }

    /// All matches from left to right, as Java's `Matcher.find` finds them: right after a match may come an
    /// empty one.
    pub(crate) fn all<'t>(&self, text: &'t str) -> Result<Vec<Captures<'t>>> {
        let regex = self.of(text)?;
        let mut from = Some(0);
        iter::from_fn(|| {
            let found = regex.captures_from_pos(text, from?).transpose()?;
            if let Ok(found) = &found
                && let Some(whole) = found.get(0)
            {
                from = next_start(text, whole.start(), whole.end());
            } else {
                from = None;
            }
            Some(found.map_err(too_hard))
        })
        .collect()
    }

    /// Where all matches begin and end, in bytes.
    ///
    /// # Errors
    /// The pattern needs too many steps.
    pub fn positions(&self, text: &str) -> Result<Vec<(usize, usize)>> {
        let regex = self.of(text)?;
        let mut positions = Vec::new();
        let mut from = Some(0);
        while let Some(start) = from {
            let Some(found) = regex.find_from_pos(text, start).map_err(too_hard)? else { break };
            positions.push((found.start(), found.end()));
            from = next_start(text, found.start(), found.end());
        }
        Ok(positions)
    }
}

/// Where the next match is looked for. None: the text is at its end.
fn next_start(text: &str, start: usize, end: usize) -> Option<usize> {
    if start < end {
        return Some(end);
    }
    text[end..].chars().next().map(|letter| end + letter.len_utf8())
}

/// What `java.util.regex` says about a pattern that it refuses. None: it takes it.
pub(crate) fn complaint(pattern: &str) -> Option<String> {
    let Refused { why, at } = Pattern::compiled(pattern).err()?;
    let mark =
        if at < pattern.chars().count() { format!("\n{}^", " ".repeat(at)) } else { String::new() };
    Some(format!("{why} near index {at}\n{pattern}{mark}"))
}

fn too_hard(error: fancy_regex::Error) -> SparkError {
    SparkError::runtime("", format!("The regular expression could not be evaluated: {error}"))
}

/// The last pattern, compiled: in nearly every column all rows have the same.
#[derive(Debug)]
pub(crate) struct Patterns {
    function: &'static str,
    last: Option<(String, Pattern)>,
}

impl Patterns {
    pub(crate) fn new(function: &'static str) -> Self {
        Self { function, last: None }
    }

    /// # Errors
    /// As [`Pattern::new`].
    pub(crate) fn get(&mut self, pattern: &str) -> Result<&Pattern> {
        let same = self.last.as_ref().is_some_and(|(last, _)| last == pattern);
        if !same {
            self.last = Some((pattern.to_owned(), Pattern::new(self.function, pattern)?));
        }
        match &self.last {
            Some((_, compiled)) => Ok(compiled),
            None => Err(SparkError::internal("a pattern was compiled and is gone")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_syntax() {
        let matches = |pattern: &str, text: &str| {
            Pattern::new("rlike", pattern).and_then(|p| p.is_match(text)).expect("a pattern")
        };
        assert!(matches(r"^\d+$", "123"));
        assert!(!matches(r"^\d+$", "٣"));
        assert!(matches(r"[\w-]+@\p{Alpha}+", "a-b@cd"));
        assert!(matches(r"\Qa.b\E", "xa.by"));
        assert!(matches(r"(a)(?=b)\1?", "ab"));
        for refused in
            ["(", ")", "a{,2}", "*", "(?P<n>x)", "(?<1a>x)", "(?<a>x)(?<a>y)", "[a", r"\y"]
        {
            assert!(Pattern::new("rlike", refused).is_err(), "{refused}");
        }
        assert!(matches("b$", "ab\n"));
        assert!(matches("^b$", "b\r\n"));
        assert!(!matches("b$", "b\n\n"));
        assert!(!matches("(?i)àé", "ÀÉ"));
        assert!(matches("(?iu)àé", "ÀÉ"));
        assert!(matches("(?i)[^a-c]X", "dx"));
        assert!(!matches("(?i)[^a-c]", "B"));
        assert!(matches("(?U)^\\d$", "١"));
        assert!(matches(r"^\R\X\0101$", "\r\nxA"));
        assert!(!matches(r"\101", "A"));
        assert!(matches("(?m)^b$", "a\r\nb\r\nc"));
        assert!(matches("(?x) a b # c", "ab"));
    }

    #[test]
    fn empty_matches_follow_others() {
        let pattern = Pattern::new("regexp_count", "a|").expect("a pattern");
        assert_eq!(pattern.positions("ab").expect("matches"), [(0, 1), (1, 1), (2, 2)]);
        assert_eq!(pattern.all("ab").expect("matches").len(), 3);
    }
}
