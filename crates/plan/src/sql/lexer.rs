//! SQL text → tokens, by the longest match as Spark's lexer does it.

use super::error;
use super::token::{NumberKind, Token, TokenKind};
use firesteel_common::Result;

/// Tokens of `text`, without white space and comments; the last one is `End`.
/// With `quoted_names` a text in double quotes is a name.
pub(super) fn lex(text: &str, quoted_names: bool) -> Result<Vec<Token>> {
    let mut lexer =
        Lexer { text, bytes: text.as_bytes(), at: 0, unclosed: Vec::new(), quoted_names };
    let mut tokens = Vec::with_capacity(text.len() / 4 + 1);
    loop {
        lexer.skip_blank()?;
        let token = lexer.token();
        lexer.at = token.end;
        tokens.push(token);
        if token.kind == TokenKind::End {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    quoted_names: bool,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// By byte, the quotes of which no string ends that goes through it (a bit each): without this, a text
    /// of open quotes would be read to its end for every one of them. Empty until a quote is open.
    unclosed: Vec<u8>,
}

/// Symbols, longer ones before their own beginnings.
const SYMBOLS: &[&str] = &[
    "<=>", ">>>", "/*+", "==", "<>", "!=", "<=", "!>", ">=", "!<", "<<", ">>", "||", "|>", "::",
    "->", "=>", "*/", ";", "(", ")", ",", ".", "[", "]", "!", "=", "<", ">", "+", "-", "*", "/",
    "%", "~", "&", "|", "^", ":", "?", "$$",
];

impl Lexer<'_> {
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..).and_then(|rest| rest.chars().next())
    }

    fn skip_blank(&mut self) -> Result<()> {
        while let Some(c) = self.char_at(self.at) {
            if c.is_whitespace() {
                self.at += c.len_utf8();
            } else if self.bytes[self.at..].starts_with(b"--") {
                self.skip_line_comment();
            } else if self.bytes[self.at..].starts_with(b"/*") && self.byte(self.at + 2) != b'+' {
                self.skip_block_comment()?;
            } else {
                break;
            }
        }
        Ok(())
    }

    /// A backslash before the line end continues the comment on the next line.
    fn skip_line_comment(&mut self) {
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' if self.byte(self.at + 1) == b'\n' => self.at += 2,
                b'\n' => return,
                _ => self.at += 1,
            }
        }
    }

    /// Block comments nest.
    fn skip_block_comment(&mut self) -> Result<()> {
        let mut depth = 0_usize;
        while self.at < self.bytes.len() {
            let rest = &self.bytes[self.at..];
            if rest.starts_with(b"/*") {
                depth += 1;
                self.at += 2;
            } else if rest.starts_with(b"*/") {
                depth -= 1;
                self.at += 2;
                if depth == 0 {
                    return Ok(());
                }
            } else {
                self.at += 1;
            }
        }
        Err(error::unclosed_comment(self.text))
    }

    fn token(&mut self) -> Token {
        let start = self.at;
        let token = |kind, end| Token { kind, start, end };
        let Some(first) = self.char_at(start) else {
            return token(TokenKind::End, start);
        };
        match first {
            '\'' | '"' => {
                if let Some(end) = self.string_end(start) {
                    let is_name = first == '"' && self.quoted_names;
                    let kind = if is_name { TokenKind::Quoted } else { TokenKind::String };
                    return token(kind, end);
                }
            }
            'r' | 'R' if matches!(self.byte(start + 1), b'\'' | b'"') => {
                let quote = self.bytes[start + 1];
                let body = &self.bytes[start + 2..];
                if let Some(length) = body.iter().position(|byte| *byte == quote) {
                    return token(TokenKind::String, start + 2 + length + 1);
                }
                return token(TokenKind::Word, start + 1);
            }
            '`' => {
                if let Some(end) = self.backquoted_end(start) {
                    return token(TokenKind::Quoted, end);
                }
            }
            c if c.is_ascii_digit() || (c == '.' && self.byte(start + 1).is_ascii_digit()) => {
                let word_end = self.word_end(start);
                if let Some((kind, end)) = self.number(start)
                    && end >= word_end
                {
                    return token(TokenKind::Number(kind), end);
                }
                if word_end > start {
                    return token(TokenKind::Word, word_end);
                }
                return token(TokenKind::Symbol, start + 1);
            }
            c if c == '_' || c.is_alphabetic() => {
                return token(TokenKind::Word, self.url_end(start).unwrap_or(self.word_end(start)));
            }
            _ => {
                let rest = &self.bytes[start..];
                if let Some(symbol) = SYMBOLS.iter().find(|s| rest.starts_with(s.as_bytes())) {
                    return token(TokenKind::Symbol, start + symbol.len());
                }
            }
        }
        token(TokenKind::Unrecognized, start + first.len_utf8())
    }

    /// End of a quoted string with backslash escapes, its quote doubled inside; none if unclosed.
    fn string_end(&mut self, start: usize) -> Option<usize> {
        let quote = self.bytes[start];
        let bit = if quote == b'"' { 1 } else { 2 };
        let mut at = start + 1;
        while at < self.bytes.len() && self.unclosed.get(at).is_none_or(|open| open & bit == 0) {
            match self.string_step(quote, at) {
                Some(next) => at = next,
                None => return Some(at + 1),
            }
        }
        let stop = at;
        self.unclosed.resize(self.bytes.len(), 0);
        at = start + 1;
        while at < stop {
            self.unclosed[at] |= bit;
            at = self.string_step(quote, at).unwrap_or(stop);
        }
        None
    }

    /// Where a string goes on from `at`; none if it ends there.
    fn string_step(&self, quote: u8, at: usize) -> Option<usize> {
        match self.bytes[at] {
            b'\\' => Some(at + 2),
            byte if byte != quote => Some(at + 1),
            _ => (self.byte(at + 1) == quote).then_some(at + 2),
        }
    }

    fn backquoted_end(&self, start: usize) -> Option<usize> {
        let mut at = start + 1;
        while at < self.bytes.len() {
            if self.bytes[at] != b'`' {
                at += 1;
            } else if self.byte(at + 1) == b'`' {
                at += 2;
            } else {
                return Some(at + 1);
            }
        }
        None
    }

    fn word_end(&self, start: usize) -> usize {
        let word = |c: char| c == '_' || c.is_ascii_digit() || c.is_alphabetic();
        self.text[start..].find(|c| !word(c)).map_or(self.text.len(), |length| start + length)
    }

    /// `ADD JAR s3://bucket/x`: letters, `://` and the rest of the address make one word.
    fn url_end(&self, start: usize) -> Option<usize> {
        let letters = self.bytes[start..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let body = start + letters + 3;
        if letters == 0 || !self.bytes[start + letters..].starts_with(b"://") {
            return None;
        }
        let part = |b: &&u8| b.is_ascii_alphanumeric() || b"_/-.?=&#%".contains(*b);
        let length = self.bytes[body..].iter().take_while(part).count();
        (length > 0).then_some(body + length)
    }

    /// The longest number at `start`. One with a point must not run on into a word (`x.1a`).
    fn number(&self, start: usize) -> Option<(NumberKind, usize)> {
        let digits = |from: usize| {
            self.bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count() + from
        };
        let whole_end = digits(start);
        if self.byte(whole_end) == b'.' {
            let (kind, end) = self.suffixed(digits(whole_end + 1), NumberKind::Decimal);
            if self.word_end(end) == end {
                return Some((kind, end));
            }
        }
        (whole_end > start).then(|| self.suffixed(whole_end, NumberKind::Integer))
    }

    /// Exponent and suffix after the digits.
    fn suffixed(&self, end: usize, plain: NumberKind) -> (NumberKind, usize) {
        let (mut kind, mut end) = (plain, end);
        if matches!(self.byte(end), b'e' | b'E') {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            let digits = self.bytes[(end + 1 + sign).min(self.bytes.len())..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if digits > 0 {
                kind = NumberKind::Exponent;
                end += 1 + sign + digits;
            }
        }
        match (self.byte(end).to_ascii_uppercase(), kind) {
            (b'L', NumberKind::Integer) => (NumberKind::Long, end + 1),
            (b'S', NumberKind::Integer) => (NumberKind::Short, end + 1),
            (b'Y', NumberKind::Integer) => (NumberKind::Byte, end + 1),
            (b'F', _) => (NumberKind::Float, end + 1),
            (b'D', _) => (NumberKind::Double, end + 1),
            (b'B', _) if self.byte(end + 1).eq_ignore_ascii_case(&b'D') => {
                (NumberKind::BigDecimal, end + 2)
            }
            _ => (kind, end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<(TokenKind, &str)> {
        let tokens = lex(text, false).unwrap();
        tokens.iter().map(|t| (t.kind, &text[t.start..t.end])).collect()
    }

    fn texts(text: &str) -> Vec<&str> {
        let mut found: Vec<_> = pieces(text).into_iter().map(|(_, piece)| piece).collect();
        found.pop();
        found
    }

    #[test]
    fn numbers_and_words() {
        use NumberKind::*;
        let number = |text| match pieces(text)[..] {
            [(TokenKind::Number(kind), piece), (TokenKind::End, _)] if piece == text => Some(kind),
            _ => None,
        };
        assert_eq!(number("1"), Some(Integer));
        assert_eq!(number("1."), Some(Decimal));
        assert_eq!(number(".5"), Some(Decimal));
        assert_eq!(number("1e-3"), Some(Exponent));
        assert_eq!(number("1.5e3"), Some(Exponent));
        assert_eq!(number("1l"), Some(Long));
        assert_eq!(number("1S"), Some(Short));
        assert_eq!(number("1Y"), Some(Byte));
        assert_eq!(number("1e3F"), Some(Float));
        assert_eq!(number("1.5d"), Some(Double));
        assert_eq!(number("1bd"), Some(BigDecimal));
        assert_eq!(pieces("1a")[0].0, TokenKind::Word);
        assert_eq!(pieces("1e")[0].0, TokenKind::Word);
        assert_eq!(texts("x.1a.b"), ["x", ".", "1a", ".", "b"]);
        assert_eq!(texts("a.1"), ["a", ".1"]);
    }

    #[test]
    fn strings_comments_and_symbols() {
        assert_eq!(texts(r"'a\'b' 'it''s'"), [r"'a\'b'", "'it''s'"]);
        assert_eq!(texts(r"r'a\' x"), [r"r'a\'", "x"]);
        assert_eq!(texts("a /* x /* y */ z */ b -- c\n d"), ["a", "b", "d"]);
        assert_eq!(texts("/*+ x */"), ["/*+", "x", "*/"]);
        assert_eq!(
            texts("a<=>b||c::d->e>>>f"),
            ["a", "<=>", "b", "||", "c", "::", "d", "->", "e", ">>>", "f"]
        );
        assert_eq!(pieces("'abc")[0], (TokenKind::Unrecognized, "'"));
        assert!(lex("1 /* x", false).is_err());
    }

    /// Strings that never end: each is looked for once, not to the end of the text from every quote.
    #[test]
    fn open_strings() {
        assert_eq!(texts(r"\'a\'b"), ["\\", "'", "a", "\\", "'", "b"]);
        assert_eq!(texts(r#"\'"x"\'"#), ["\\", "'", r#""x""#, "\\", "'"]);
        assert_eq!(texts(r"'\'a' \'b"), [r"'\'a'", "\\", "'", "b"]);
        let n = 1_000_000;
        assert_eq!(lex(&r"\'".repeat(n), false).unwrap().len(), 2 * n + 1);
    }
}
