//! Names as texts: of tables (SQL identifiers) and of columns (which may hold any character).

use firesteel_common::{Result, SparkError};
use firesteel_plan::{spec, sql};

/// A table's or function's name: `` a.`b c` ``.
///
/// # Errors
/// When the text is no identifier.
pub fn multipart_name(text: &str) -> Result<spec::Name> {
    sql::parse_name(text)
}

/// A column's name. Only dots and back quotes have a meaning: `count(1)` and `a b` are names of columns.
///
/// # Errors
/// When back quotes do not match.
pub fn column_name(text: &str) -> Result<spec::Name> {
    let malformed = || {
        SparkError::analysis(
            "INVALID_ATTRIBUTE_NAME_SYNTAX",
            format!(
                "Syntax error in the attribute name: {text}. Check that backticks appear in pairs, a \
                 quoted string is a complete name part and use a backtick only inside quoted name parts."
            ),
        )
        .with("name", text)
    };
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut in_quotes = false;
    let mut was_quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '`' if in_quotes && chars.peek() == Some(&'`') => {
                chars.next();
                part.push('`');
            }
            '`' if in_quotes => {
                in_quotes = false;
                was_quoted = true;
                if chars.peek().is_some_and(|next| *next != '.') {
                    return Err(malformed());
                }
            }
            '`' if part.is_empty() && !was_quoted => in_quotes = true,
            '`' => return Err(malformed()),
            '.' if !in_quotes => {
                if part.is_empty() && !was_quoted || chars.peek().is_none() {
                    return Err(malformed());
                }
                parts.push(std::mem::take(&mut part));
                was_quoted = false;
            }
            other => part.push(other),
        }
    }
    if in_quotes {
        return Err(malformed());
    }
    parts.push(part);
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_columns() {
        assert_eq!(column_name("a.b").unwrap(), ["a", "b"]);
        assert_eq!(column_name("`a.b`.c").unwrap(), ["a.b", "c"]);
        assert_eq!(column_name("`a``b`").unwrap(), ["a`b"]);
        assert_eq!(column_name("count(1)").unwrap(), ["count(1)"]);
        assert_eq!(column_name("a b").unwrap(), ["a b"]);
        for bad in ["`a", "a`b`", "a.", ".a", "`a`b"] {
            let error = column_name(bad).unwrap_err();
            assert_eq!(error.condition(), "INVALID_ATTRIBUTE_NAME_SYNTAX");
        }
    }
}
