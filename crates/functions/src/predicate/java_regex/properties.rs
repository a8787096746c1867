//! Named sets of letters, `\p{…}`, as the inside of a class in Rust's words.

/// The members of a set written in backslash and a letter (`\d \w \s \h \v`), small letters only.
/// `unicode`: with Java's flag `U`.
pub(super) fn shorthand(letter: char, unicode: bool) -> &'static str {
    match (letter, unicode) {
        ('d', false) => "0-9",
        ('d', true) => r"\p{Nd}",
        ('w', false) => "a-zA-Z0-9_",
        ('w', true) => r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\x{200C}\x{200D}",
        ('s', false) => r"\t\n\x0B\f\r\x20",
        ('s', true) => r"\p{White_Space}",
        ('v', _) => r"\n\x0B\f\r\x{85}\x{2028}\x{2029}",
        _ => r"\t\x20\x{A0}\x{1680}\x{180E}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}",
    }
}

/// The members of the set `\p{name}`. None: Java has no such set, or Rust does not.
pub(super) fn property(name: &str, unicode: bool, ignores_case: bool) -> Option<String> {
    if let Some((key, value)) = name.split_once('=') {
        return match key.to_ascii_lowercase().as_str() {
            "gc" | "general_category" => known(value),
            "sc" | "script" => known(&format!("Script={value}")),
            _ => None,
        };
    }
    if unicode && let Some(set) = posix_of_unicode(name) {
        return Some(set.to_owned());
    }
    if let Some(set) = posix(name, ignores_case).or_else(|| of_java(name)) {
        return Some(set.to_owned());
    }
    match name.strip_prefix("Is") {
        Some(binary) => match binary.to_ascii_lowercase().as_str() {
            "letter" => Some(r"\p{L}".to_owned()),
            "digit" => Some(r"\p{Nd}".to_owned()),
            "control" => Some(r"\p{Cc}".to_owned()),
            "punctuation" => Some(r"\p{P}".to_owned()),
            "titlecase" => Some(r"\p{Lt}".to_owned()),
            "assigned" => Some(r"\P{Cn}".to_owned()),
            _ => known(binary),
        },
        None => match name {
            "LC" => Some(r"\p{Lu}\p{Ll}\p{Lt}".to_owned()),
            "LD" => Some(r"\p{L}\p{Nd}".to_owned()),
            "L1" => Some(r"\x00-\x{FF}".to_owned()),
            "all" => Some(r"\x00-\x{10FFFF}".to_owned()),
            _ => known(name),
        },
    }
}

/// A set that Rust knows.
fn known(name: &str) -> Option<String> {
    let set = format!(r"\p{{{name}}}");
    fancy_regex::Regex::new(&set).is_ok().then_some(set)
}

fn posix(name: &str, ignores_case: bool) -> Option<&'static str> {
    Some(match name {
        "Lower" | "Upper" if ignores_case => "a-zA-Z",
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => "0-9",
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E",
        "Graph" => r"\x21-\x7E",
        "Print" => r"\x20-\x7E",
        "Blank" => r"\x20\t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => r"\t\n\x0B\f\r\x20",
        _ => return None,
    })
}

/// What the flag `U` makes of the names above.
fn posix_of_unicode(name: &str) -> Option<&'static str> {
    Some(match name {
        "Lower" => r"\p{Lowercase}",
        "Upper" => r"\p{Uppercase}",
        "Alpha" => r"\p{Alphabetic}",
        "Digit" => r"\p{Nd}",
        "Alnum" => r"\p{Alphabetic}\p{Nd}",
        "Punct" => r"\p{P}",
        "Graph" => r"[^\p{White_Space}\p{Cc}\p{Cs}\p{Cn}]",
        "Print" => r"[[^\p{White_Space}\p{Cc}\p{Cs}\p{Cn}]\p{Zs}]",
        "Blank" => r"\t\p{Zs}",
        "Cntrl" => r"\p{Cc}",
        "XDigit" => r"\p{Nd}\p{Hex_Digit}",
        "Space" => r"\p{White_Space}",
        _ => return None,
    })
}

/// Sets named after methods of `java.lang.Character`.
fn of_java(name: &str) -> Option<&'static str> {
    Some(match name {
        "javaLowerCase" => r"\p{Lowercase}",
        "javaUpperCase" => r"\p{Uppercase}",
        "javaTitleCase" => r"\p{Lt}",
        "javaAlphabetic" => r"\p{Alphabetic}",
        "javaLetter" => r"\p{L}",
        "javaDigit" => r"\p{Nd}",
        "javaLetterOrDigit" => r"\p{L}\p{Nd}",
        "javaIdeographic" => r"\p{Ideographic}",
        "javaDefined" => r"\P{Cn}",
        "javaISOControl" => r"\x00-\x1F\x7F-\x{9F}",
        "javaSpaceChar" => r"\p{Z}",
        "javaWhitespace" => {
            r"\t-\r\x1C-\x20\x{1680}\x{2000}-\x{2006}\x{2008}-\x{200A}\x{2028}\x{2029}\x{205F}\x{3000}"
        }
        "javaMirrored" => r"\p{Bidi_Mirrored}",
        _ => return None,
    })
}
