//! One line of CSV: fields between separators, perhaps in quotes.

/// The fields of a line; none where a field is the null text. Quotes are doubled or escaped by a
/// backslash inside quotes.
pub(super) fn split(line: &str, separator: char, quote: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        let at_start = fields.last().is_some_and(String::is_empty);
        if let Some(field) = fields.last_mut() {
            match char {
                '\\' if quoted && chars.peek() == Some(&quote) => field.extend(chars.next()),
                char if char == quote && quoted && chars.peek() == Some(&quote) => {
                    field.extend(chars.next());
                }
                char if char == quote && quoted => quoted = false,
                char if char == quote && at_start => quoted = true,
                char if char == separator && !quoted => fields.push(String::new()),
                char => field.push(char),
            }
        }
    }
    fields
}

/// A field as it is written: quoted where it holds a separator, a quote or a line end.
pub(super) fn write(field: &str, separator: char, quote: char, out: &mut String) {
    let needs = field.is_empty() || field.contains([separator, quote, '\n', '\r']);
    if !needs {
        out.push_str(field);
        return;
    }
    out.push(quote);
    for char in field.chars() {
        if char == quote {
            out.push('\\');
        }
        out.push(char);
    }
    out.push(quote);
}
