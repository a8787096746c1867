//! Java's regular expressions on `fancy-regex`.
//!
//! The syntaxes are close. Translated are: `\d \w \s`, which Java takes as ASCII; POSIX names such
//! as `\p{Alpha}`; `\Q…\E`; `\h`, `\Z`.

use crate::faults::invalid_parameter_value;
use fancy_regex::{Captures, Regex};
use firesteel_common::{Result, SparkError};

/// A compiled pattern.
#[derive(Debug)]
pub struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// # Errors
    /// `INVALID_PARAMETER_VALUE.PATTERN`.
    pub fn new(function: &str, pattern: &str) -> Result<Pattern> {
        match Regex::new(&translate(pattern)) {
            Ok(regex) => Ok(Pattern { regex }),
            Err(_) => {
                let shown = format!("'{pattern}'");
                let error =
                    invalid_parameter_value(function, "regexp", "PATTERN", &format!("{shown}."));
                Err(error.with("value", shown))
            }
        }
    }

    pub(crate) fn is_match(&self, text: &str) -> Result<bool> {
        self.regex.is_match(text).map_err(too_hard)
    }

    /// Number of groups, the whole match not counted.
    pub(crate) fn n_groups(&self) -> usize {
        self.regex.captures_len().saturating_sub(1)
    }

    pub(crate) fn captures<'t>(&self, text: &'t str) -> Result<Option<Captures<'t>>> {
        self.regex.captures(text).map_err(too_hard)
    }

    /// All matches from left to right, as Java's `Matcher.find` finds them.
    pub(crate) fn all<'t>(&self, text: &'t str) -> Result<Vec<Captures<'t>>> {
        self.regex.captures_iter(text).map(|found| found.map_err(too_hard)).collect()
    }

    /// Where all matches begin and end, in bytes.
    ///
    /// # Errors
    /// The pattern needs too many steps.
    pub fn positions(&self, text: &str) -> Result<Vec<(usize, usize)>> {
        self.regex
            .find_iter(text)
            .map(|found| found.map(|found| (found.start(), found.end())).map_err(too_hard))
            .collect()
    }
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

/// Java's pattern in Rust's words.
pub(crate) fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut letters = pattern.chars().peekable();
    let mut class_depth = 0usize;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                None => out.push('\\'),
                Some('Q') => {
                    let mut quoted = String::new();
                    while let Some(next) = letters.next() {
                        if next == '\\' && letters.peek() == Some(&'E') {
                            letters.next();
                            break;
                        }
                        quoted.push(next);
                    }
                    out.push_str(&fancy_regex::escape(&quoted));
                }
                Some('E') => {}
                Some(next @ ('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'h' | 'H')) => {
                    let members = match next.to_ascii_lowercase() {
                        'd' => "0-9",
                        'w' => "a-zA-Z0-9_",
                        's' => "\\t\\n\\x0B\\f\\r ",
                        _ => "\\t \\u{A0}\\u{1680}\\u{2000}-\\u{200A}\\u{202F}\\u{205F}\\u{3000}",
                    };
                    match (next.is_uppercase(), class_depth > 0) {
                        (false, true) => out.push_str(members),
                        (negated, _) => {
                            out.push_str(if negated { "[^" } else { "[" });
                            out.push_str(members);
                            out.push(']');
                        }
                    }
                }
                Some('Z') => out.push_str("(?=\\n?\\z)"),
                Some(next @ ('p' | 'P')) if letters.peek() == Some(&'{') => {
                    let name: String = letters.by_ref().take_while(|c| *c != '}').skip(1).collect();
                    out.push_str(&property(next == 'P', &name, class_depth > 0));
                }
                Some(next) => {
                    out.push('\\');
                    out.push(next);
                }
            },
            '[' => {
                class_depth += 1;
                out.push('[');
                if letters.peek() == Some(&'^') {
                    letters.next();
                    out.push('^');
                }
                if letters.peek() == Some(&']') {
                    letters.next();
                    out.push_str("\\]");
                }
            }
            ']' if class_depth > 0 => {
                class_depth -= 1;
                out.push(']');
            }
            // Rust has operators in classes that Java has not.
            '-' if class_depth > 0 && letters.peek() == Some(&'-') => out.push_str("\\-"),
            '~' if class_depth > 0 => out.push_str("\\~"),
            other => out.push(other),
        }
    }
    out
}

fn property(negated: bool, name: &str, in_class: bool) -> String {
    let posix = match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => "\\x00-\\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => "!-/:-@\\[-`{-\\~",
        "Graph" => "!-\\~",
        "Print" => " -\\~",
        "Blank" => " \\t",
        "Cntrl" => "\\x00-\\x1F\\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => "\\t\\n\\x0B\\f\\r ",
        _ => {
            let name = name.strip_prefix("Is").unwrap_or(name);
            return format!("\\{}{{{name}}}", if negated { 'P' } else { 'p' });
        }
    };
    match (negated, in_class) {
        (false, true) => posix.to_owned(),
        (true, _) => format!("[^{posix}]"),
        (false, false) => format!("[{posix}]"),
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
        assert!(Pattern::new("rlike", "(").is_err());
    }
}
