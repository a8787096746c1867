//! Hadoop's glob patterns: `*`, `?`, `[a-c]`, `[^a]`, `{a,b}` and `\` as escape.

use std::path::{Path, PathBuf};

/// Whether `path` holds a character that makes it a pattern.
pub fn is_pattern(path: &str) -> bool {
    path.chars().any(|c| matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\'))
}

/// Paths that exist and match `pattern`, sorted.
pub fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = braces(pattern).iter().flat_map(|one| expand_one(one)).collect();
    found.sort();
    found.dedup();
    found
}

/// Whether a file name matches `pattern` as a whole.
pub fn matches(pattern: &str, name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    braces(pattern).iter().any(|one| {
        let one: Vec<char> = one.chars().collect();
        match_chars(&one, &name)
    })
}

fn expand_one(pattern: &str) -> Vec<PathBuf> {
    let mut current = vec![PathBuf::from(if pattern.starts_with('/') { "/" } else { "." })];
    for component in pattern.split('/').filter(|component| !component.is_empty()) {
        current = if is_pattern(component) {
            current.iter().flat_map(|base| children_that_match(base, component)).collect()
        } else {
            current
                .into_iter()
                .map(|base| base.join(component))
                .filter(|path| path.exists())
                .collect()
        };
    }
    current
}

fn children_that_match(base: &Path, pattern: &str) -> Vec<PathBuf> {
    let pattern: Vec<char> = pattern.chars().collect();
    let Ok(entries) = std::fs::read_dir(base) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok())
        .filter(|entry| {
            let name: Vec<char> = entry.file_name().to_string_lossy().chars().collect();
            match_chars(&pattern, &name)
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Replaces each `{a,b}` by its alternatives.
fn braces(pattern: &str) -> Vec<String> {
    let chars: Vec<char> = pattern.chars().collect();
    let Some(open) = chars.iter().position(|c| *c == '{') else {
        return vec![pattern.to_owned()];
    };
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for (position, c) in chars.iter().enumerate().skip(open) {
        match c {
            '{' => {
                depth += 1;
                if depth == 1 {
                    continue;
                }
            }
            '}' => {
                depth -= 1;
                if depth == 0 {
                    let head: String = chars[..open].iter().collect();
                    let tail: String = chars[position + 1..].iter().collect();
                    return parts
                        .iter()
                        .flat_map(|part| braces(&format!("{head}{part}{tail}")))
                        .collect();
                }
            }
            ',' if depth == 1 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(*c);
        }
    }
    vec![pattern.to_owned()]
}

fn match_chars(pattern: &[char], name: &[char]) -> bool {
    match pattern.first() {
        None => name.is_empty(),
        Some('*') => (0..=name.len()).any(|skipped| match_chars(&pattern[1..], &name[skipped..])),
        Some('?') => !name.is_empty() && match_chars(&pattern[1..], &name[1..]),
        Some('[') => match (pattern.iter().skip(2).position(|c| *c == ']'), name.first()) {
            (Some(length), Some(c)) => {
                let close = length + 2;
                in_class(&pattern[1..close], *c) && match_chars(&pattern[close + 1..], &name[1..])
            }
            _ => false,
        },
        Some('\\') if pattern.len() > 1 => {
            name.first() == Some(&pattern[1]) && match_chars(&pattern[2..], &name[1..])
        }
        Some(c) => name.first() == Some(c) && match_chars(&pattern[1..], &name[1..]),
    }
}

fn in_class(class: &[char], c: char) -> bool {
    let (negated, class) = match class.first() {
        Some('^' | '!') => (true, &class[1..]),
        _ => (false, class),
    };
    let mut position = 0;
    let mut found = false;
    while position < class.len() {
        if position + 2 < class.len() && class[position + 1] == '-' {
            found |= class[position] <= c && c <= class[position + 2];
            position += 3;
        } else {
            found |= class[position] == c;
            position += 1;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, name, expected) in [
            ("*.csv", "a.csv", true),
            ("*.csv", "a.json", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("{a,b{1,2}}.x", "b2.x", true),
            ("{a,b}.x", "c.x", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
