//! JSON text to a tree that remembers the text of each value, with Jackson's leniencies.
//!
//! Own, because `serde_json` neither keeps the text of a value (Spark reads `1.50` or `[1, 2]` into
//! a string column as written) nor knows single quotes, comments or `NaN`.

use std::borrow::Cow;

/// Deeper nesting is malformed, as for Jackson; it also bounds our recursion.
const DEPTH_MAX: usize = 1000;

/// What is allowed beyond the standard.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules {
    pub comments: bool,
    pub unquoted_names: bool,
    pub single_quotes: bool,
    pub leading_zeros: bool,
    pub non_numeric: bool,
    pub any_escape: bool,
    pub control_characters: bool,
}

/// A value and its text.
#[derive(Debug)]
pub struct Node<'a> {
    pub value: Value<'a>,
    pub raw: &'a str,
}

#[derive(Debug)]
pub enum Value<'a> {
    Null,
    Boolean,
    /// A number is its text; `NaN` and infinities included.
    Number,
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Object(Vec<Member<'a>>),
}

/// Name and value.
pub type Member<'a> = (Cow<'a, str>, Node<'a>);

/// The text is not JSON.
#[derive(Debug)]
pub struct Malformed;

/// The first value in `text`, none when there is only white space. What follows is left aside, as
/// Spark does.
///
/// # Errors
/// [`Malformed`].
pub fn parse(text: &str, rules: Rules) -> Result<Option<Node<'_>>, Malformed> {
    let mut parser = Parser { text, position: 0, rules, depth: 0 };
    parser.skip_space()?;
    if parser.peek().is_none() {
        return Ok(None);
    }
    parser.node().map(Some)
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
    rules: Rules,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn take(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.peek() == Some(byte) {
            self.position += 1;
            Ok(())
        } else {
            Err(Malformed)
        }
    }

    fn skip_space(&mut self) -> Result<(), Malformed> {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\n' | b'\r') => self.position += 1,
                Some(b'/') if self.rules.comments => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn skip_comment(&mut self) -> Result<(), Malformed> {
        let rest = &self.text[self.position..];
        let length = if rest.starts_with("//") {
            rest.find(['\n', '\r']).unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest[2..].find("*/").ok_or(Malformed)? + 4
        } else {
            return Err(Malformed);
        };
        self.position += length;
        Ok(())
    }

    fn node(&mut self) -> Result<Node<'a>, Malformed> {
        let start = self.position;
        let value = match self.peek().ok_or(Malformed)? {
            b'{' => self.nested(Self::object)?,
            b'[' => self.nested(Self::array)?,
            b'"' => Value::String(self.string(b'"')?),
            b'\'' if self.rules.single_quotes => Value::String(self.string(b'\'')?),
            b'-' | b'+' | b'0'..=b'9' => self.number()?,
            _ => self.word()?,
        };
        Ok(Node { value, raw: &self.text[start..self.position] })
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Value<'a>, Malformed>,
    ) -> Result<Value<'a>, Malformed> {
        if self.depth == DEPTH_MAX {
            return Err(Malformed);
        }
        self.depth += 1;
        self.position += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value<'a>, Malformed> {
        let mut elements = Vec::new();
        self.skip_space()?;
        if self.peek() == Some(b']') {
            self.position += 1;
            return Ok(Value::Array(elements));
        }
        loop {
            self.skip_space()?;
            elements.push(self.node()?);
            self.skip_space()?;
            match self.peek() {
                Some(b',') => self.position += 1,
                _ => {
                    self.take(b']')?;
                    return Ok(Value::Array(elements));
                }
            }
        }
    }

    fn object(&mut self) -> Result<Value<'a>, Malformed> {
        let mut members = Vec::new();
        self.skip_space()?;
        if self.peek() == Some(b'}') {
            self.position += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space()?;
            let name = self.name()?;
            self.skip_space()?;
            self.take(b':')?;
            self.skip_space()?;
            members.push((name, self.node()?));
            self.skip_space()?;
            match self.peek() {
                Some(b',') => self.position += 1,
                _ => {
                    self.take(b'}')?;
                    return Ok(Value::Object(members));
                }
            }
        }
    }

    fn name(&mut self) -> Result<Cow<'a, str>, Malformed> {
        match self.peek().ok_or(Malformed)? {
            b'"' => self.string(b'"'),
            b'\'' if self.rules.single_quotes => self.string(b'\''),
            _ if self.rules.unquoted_names => {
                let rest = &self.text[self.position..];
                let is_part = |c: char| c.is_alphanumeric() || "_$-@#*+".contains(c);
                let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
                if length == 0 {
                    return Err(Malformed);
                }
                self.position += length;
                Ok(Cow::Borrowed(&rest[..length]))
            }
            _ => Err(Malformed),
        }
    }

    fn string(&mut self, quote: u8) -> Result<Cow<'a, str>, Malformed> {
        self.position += 1;
        let start = self.position;
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(self.position).ok_or(Malformed)? {
                byte if *byte == quote => {
                    let text = &self.text[start..self.position];
                    self.position += 1;
                    return Ok(Cow::Borrowed(text));
                }
                b'\\' => break,
                byte if *byte < b' ' && !self.rules.control_characters => return Err(Malformed),
                _ => self.position += 1,
            }
        }
        let mut out = self.text[start..self.position].to_owned();
        loop {
            let c = self.text[self.position..].chars().next().ok_or(Malformed)?;
            self.position += c.len_utf8();
            match c {
                '\\' => out.push(self.escape()?),
                c if u32::from(c) == u32::from(quote) => return Ok(Cow::Owned(out)),
                c if c < ' ' && !self.rules.control_characters => return Err(Malformed),
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Malformed> {
        let c = self.text[self.position..].chars().next().ok_or(Malformed)?;
        self.position += c.len_utf8();
        Ok(match c {
            '"' | '\\' | '/' => c,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = self.hex()?;
                let is_high = (0xD800..0xDC00).contains(&unit);
                if is_high && self.text[self.position..].starts_with("\\u") {
                    self.position += 2;
                    let low = self.hex()?;
                    return Ok(char::decode_utf16([unit, low])
                        .next()
                        .and_then(|found| found.ok())
                        .unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            '\'' if self.rules.single_quotes => c,
            c if self.rules.any_escape => c,
            _ => return Err(Malformed),
        })
    }

    fn hex(&mut self) -> Result<u16, Malformed> {
        let digits = self.text.get(self.position..self.position + 4).ok_or(Malformed)?;
        self.position += 4;
        u16::from_str_radix(digits, 16).map_err(|_| Malformed)
    }

    fn number(&mut self) -> Result<Value<'a>, Malformed> {
        let signed = matches!(self.peek(), Some(b'-' | b'+'));
        let plus = self.peek() == Some(b'+');
        if signed {
            self.position += 1;
        }
        if self.non_numeric() {
            return Ok(Value::Number);
        }
        let whole = self.digits();
        let text = &self.text[self.position - whole..self.position];
        let has_zero = whole > 1 && text.starts_with('0');
        if plus || whole == 0 || (has_zero && !self.rules.leading_zeros) {
            return Err(Malformed);
        }
        if self.peek() == Some(b'.') {
            self.position += 1;
            if self.digits() == 0 {
                return Err(Malformed);
            }
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.peek(), Some(b'-' | b'+')) {
                self.position += 1;
            }
            if self.digits() == 0 {
                return Err(Malformed);
            }
        }
        self.end_of_word()?;
        Ok(Value::Number)
    }

    fn digits(&mut self) -> usize {
        let start = self.position;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        self.position - start
    }

    /// `Infinity` or `INF` after a sign.
    fn non_numeric(&mut self) -> bool {
        if !self.rules.non_numeric {
            return false;
        }
        let rest = &self.text[self.position..];
        for word in ["Infinity", "INF", "NaN"] {
            if rest.starts_with(word) {
                self.position += word.len();
                return true;
            }
        }
        false
    }

    fn word(&mut self) -> Result<Value<'a>, Malformed> {
        if self.non_numeric() {
            return Ok(Value::Number);
        }
        let rest = &self.text[self.position..];
        for (word, value) in
            [("null", Value::Null), ("true", Value::Boolean), ("false", Value::Boolean)]
        {
            if rest.starts_with(word) {
                self.position += word.len();
                self.end_of_word()?;
                return Ok(value);
            }
        }
        Err(Malformed)
    }

    /// A number or word may not run into other characters.
    fn end_of_word(&self) -> Result<(), Malformed> {
        match self.peek() {
            None | Some(b' ' | b'\t' | b'\n' | b'\r' | b',' | b']' | b'}' | b':' | b'/') => Ok(()),
            Some(_) => Err(Malformed),
        }
    }
}
