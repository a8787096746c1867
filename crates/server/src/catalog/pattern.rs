//! Patterns of SHOW and `spark.catalog.list*`: `*` for any characters, `|` between alternatives, case
//! ignored; anything else is a regular expression as in Spark, of which the engine knows only these two.

/// Whether `name` fits `pattern`; no pattern fits everything.
pub fn matches_pattern(pattern: Option<&str>, name: &str) -> bool {
    let Some(pattern) = pattern else {
        return true;
    };
    let name = name.to_lowercase();
    pattern.trim().split('|').any(|part| fits(&part.trim().to_lowercase(), &name))
}

fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(first) = pieces.next() else {
        return false;
    };
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    let pieces: Vec<_> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else {
        return rest.is_empty();
    };
    for piece in middle {
        match rest.find(piece) {
            Some(position) => rest = &rest[position + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(matches_pattern(None, "x"));
        assert!(matches_pattern(Some("t*"), "T1"));
        assert!(matches_pattern(Some("a|t*"), "t1"));
        assert!(matches_pattern(Some("*b*d"), "abcd"));
        assert!(!matches_pattern(Some("t"), "t1"));
        assert!(!matches_pattern(Some("*x*"), "abc"));
    }
}
