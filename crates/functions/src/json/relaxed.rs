//! JSON as Spark reads it by default and by option, made strict: single quotes, unquoted field names,
//! comments.

use super::options::Options;
use serde_json::Value;

/// The document that the text is, if it is one.
pub(crate) fn parse(text: &str, options: &Options) -> Option<Value> {
    let parsed = serde_json::from_str(text);
    parsed.or_else(|_| serde_json::from_str(&strict(text, options))).ok()
}

/// The text with its quotes as JSON wants them. Called for texts that are not JSON as they stand; what
/// is no relaxed JSON either comes back just as broken.
fn strict(text: &str, options: &Options) -> String {
    let single_quotes = options.flag("allowSingleQuotes", true);
    let unquoted = options.flag("allowUnquotedFieldNames", false);
    let comments = options.flag("allowComments", false);
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text.chars().peekable();
    // Whether a field name may come next.
    let mut expects_name = false;
    while let Some(c) = rest.next() {
        match c {
            '"' => quoted(&mut rest, '"', &mut out),
            '\'' if single_quotes => quoted(&mut rest, '\'', &mut out),
            '/' if comments && rest.peek() == Some(&'/') => {
                while rest.next_if(|next| *next != '\n').is_some() {}
                continue;
            }
            '/' if comments && rest.peek() == Some(&'*') => {
                rest.next();
                let mut last = ' ';
                for next in rest.by_ref() {
                    if last == '*' && next == '/' {
                        break;
                    }
                    last = next;
                }
                continue;
            }
            c if expects_name && unquoted && is_name(c) => {
                out.push('"');
                out.push(c);
                while let Some(next) = rest.next_if(|next| is_name(*next)) {
                    out.push(next);
                }
                out.push('"');
            }
            c => out.push(c),
        }
        if !c.is_whitespace() {
            expects_name = matches!(c, '{' | ',');
        }
    }
    out
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '-')
}

/// From after the opening quote to the closing one, in double quotes.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, quote: char, out: &mut String) {
    out.push('"');
    while let Some(c) = rest.next() {
        match c {
            c if c == quote => {
                out.push('"');
                return;
            }
            '\\' => match rest.next() {
                Some('\'') => out.push('\''),
                Some(escaped) => out.extend(['\\', escaped]),
                None => out.push('\\'),
            },
            '"' => out.push_str("\\\""),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Options {
        Options::of(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn quotes_and_names() {
        let plain = with(&[]);
        assert_eq!(strict("{'a': 'it\\'s \"x\"'}", &plain), r#"{"a": "it's \"x\""}"#);
        assert_eq!(strict("{a: 1}", &plain), "{a: 1}");
        let unquoted = with(&[("allowUnquotedFieldNames", "true")]);
        assert_eq!(strict("{a: 1, b_c: [x]}", &unquoted), r#"{"a": 1, "b_c": [x]}"#);
        let comments = with(&[("allowComments", "true")]);
        assert_eq!(strict("{/* c */\"a\": 1} // d", &comments), "{\"a\": 1} ");
    }
}
