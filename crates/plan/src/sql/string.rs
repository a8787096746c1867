//! String literals and quoted names: from the token to the value.

/// The name inside back quotes or double quotes, doubled ones made single.
pub(super) fn unquote(token: &str) -> String {
    if let Some(inner) = token.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return inner.replace("\"\"", "\"");
    }
    let inner = token.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).unwrap_or(token);
    inner.replace("``", "`")
}

/// What stands between the quotes of a string token, as it is.
pub(super) fn between_quotes(token: &str) -> String {
    let quoted = token.strip_prefix(['r', 'R']).unwrap_or(token);
    let mut chars = quoted.chars();
    chars.next();
    chars.next_back();
    chars.as_str().to_owned()
}

/// The value of a string token: quotes removed, doubled quotes and escapes resolved.
pub(super) fn unescape(token: &str) -> String {
    let is_raw = token.starts_with(['r', 'R']);
    let quoted = if is_raw { &token[1..] } else { token };
    let mut chars = quoted.chars();
    let Some(quote) = chars.next() else { return String::new() };
    chars.next_back();
    let inner = chars.as_str();
    if is_raw || !inner.contains(['\\', quote]) {
        return inner.to_owned();
    }
    resolve_escapes(inner, quote)
}

fn resolve_escapes(inner: &str, quote: char) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == quote {
            out.push(quote);
            rest = rest.strip_prefix(quote).unwrap_or(rest);
        } else if c != '\\' {
            out.push(c);
        } else if let Some((units, length)) = escaped_units(rest) {
            // A surrogate pair may be written as two escapes.
            let mut units = units;
            rest = &rest[length..];
            while let Some(more) = rest.strip_prefix('\\')
                && let Some((next, length)) = escaped_units(more)
                && units.last().is_some_and(|unit| (0xD800..0xDC00).contains(unit))
            {
                units.extend(next);
                rest = &more[length..];
            }
            out.push_str(&String::from_utf16_lossy(&units));
        } else if let Some(escaped) = rest.chars().next() {
            rest = &rest[escaped.len_utf8()..];
            match escaped {
                '0' => out.push('\0'),
                'b' => out.push('\u{8}'),
                'n' => out.push('\n'),
                'r' => out.push('\r'),
                't' => out.push('\t'),
                'Z' => out.push('\u{1A}'),
                // Kept for LIKE, which reads them itself.
                '%' | '_' => out.extend(['\\', escaped]),
                other => out.push(other),
            }
        } else {
            out.push('\\');
        }
    }
    out
}

/// `u0041`, `U00000041` and octal `101` after the backslash: UTF-16 units and length.
fn escaped_units(rest: &str) -> Option<(Vec<u16>, usize)> {
    let digits = |from: usize, n: usize, radix: u32| {
        rest.get(from..from + n)
            .filter(|digits| digits.chars().all(|c| c.is_digit(radix)))
            .and_then(|digits| u32::from_str_radix(digits, radix).ok())
    };
    match rest.as_bytes().first()? {
        b'u' => digits(1, 4, 16).map(|unit| (vec![unit as u16], 5)),
        b'U' => {
            let c = char::from_u32(digits(1, 8, 16)?)?;
            Some((c.encode_utf16(&mut [0; 2]).to_vec(), 9))
        }
        b'0' | b'1' => digits(0, 3, 8).map(|unit| (vec![unit as u16], 3)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let cases = [
            (r"'a\nb'", "a\nb"),
            (r"'\%\_\q\'\\'", "\\%\\_q'\\"),
            ("'it''s'", "it's"),
            ("\"a\"\"b'c\"", "a\"b'c"),
            (r"'\101\u0041\U00000041\0'", "AAA\0"),
            (r"'\U0001F600\uD83D\uDE00'", "😀😀"),
            (r"r'a\nb'", "a\\nb"),
            ("''", ""),
        ];
        for (token, value) in cases {
            assert_eq!(unescape(token), value, "{token}");
        }
        assert_eq!(unquote("`a``b`"), "a`b");
    }
}
