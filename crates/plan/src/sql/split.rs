//! A file of statements → its statements.

use super::lexer::lex;

/// The statements of `text`, which semicolons separate; those in strings and comments do not count.
/// Empty statements are left out. Text that cannot be read as tokens is one statement, so that the
/// parser reports what is wrong with it.
pub fn split_statements(text: &str) -> Vec<String> {
    let Ok(tokens) = lex(text, false) else { return vec![text.to_owned()] };
    let mut statements = Vec::new();
    let mut first: Option<usize> = None;
    let mut last = 0;
    for token in &tokens {
        if token.start == token.end || &text[token.start..token.end] == ";" {
            if let Some(start) = first.take() {
                statements.push(text[start..last].to_owned());
            }
        } else {
            first.get_or_insert(token.start);
            last = token.end;
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn semicolons() {
        let text = "SELECT ';' -- a;b\n; ;\nSELECT /* ; */ `a;b`\n;-- end;";
        assert_eq!(split_statements(text), ["SELECT ';'", "SELECT /* ; */ `a;b`"]);
        assert!(split_statements(" -- nothing").is_empty());
    }
}
