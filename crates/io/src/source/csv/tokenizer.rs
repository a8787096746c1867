//! CSV records to tokens, with the rules of the parser that Spark uses (univocity,
//! `STOP_AT_DELIMITER` for unescaped quotes):
//! a quote counts only at the beginning of a value; a closing quote that no separator follows makes
//! the value raw text up to the next separator; an unclosed value ends with its input.

use super::options::CsvOptions;

/// Values of one record; reused from record to record.
#[derive(Debug, Default)]
pub struct Tokens {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Tokens {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        self.text.get(start..end)
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

/// Where a value ended.
enum End {
    Separator,
    Record,
}

impl CsvOptions {
    /// Reads the record that begins at `position` and returns where the next begins.
    pub fn tokenize(&self, input: &[u8], mut position: usize, tokens: &mut Tokens) -> usize {
        tokens.clear();
        loop {
            let (next, end) = self.value(input, position, tokens);
            tokens.ends.push(tokens.text.len());
            position = next;
            if matches!(end, End::Record) {
                return position;
            }
        }
    }

    fn value(&self, input: &[u8], mut position: usize, tokens: &mut Tokens) -> (usize, End) {
        if self.trim_leading {
            position = self.skip_blanks(input, position);
        }
        if self.quote.is_some() && input.get(position) == self.quote.as_ref() {
            return self.quoted(input, position, tokens);
        }
        let stop = self.value_end(input, position);
        let mut value = &input[position..stop];
        if self.trim_trailing {
            while let [head @ .., last] = value
                && *last <= b' '
            {
                value = head;
            }
        }
        let value = if value.is_empty() { self.null_value.as_bytes() } else { value };
        tokens.text.extend_from_slice(value);
        self.after(input, stop)
    }

    fn quoted(&self, input: &[u8], start: usize, tokens: &mut Tokens) -> (usize, End) {
        let mark = tokens.text.len();
        let mut position = start + 1;
        while let Some(&byte) = input.get(position) {
            let next = input.get(position + 1);
            if Some(byte) == self.escape && next.is_some() && next == self.quote.as_ref() {
                tokens.text.push(input[position + 1]);
                position += 2;
            } else if Some(byte) == self.escape
                && self.escape != self.quote
                && next.is_some()
                && next == self.escape_of_escape.as_ref()
            {
                tokens.text.push(byte);
                position += 2;
            } else if Some(byte) == self.quote {
                let after = self.skip_blanks(input, position + 1);
                if self.at_end(input, after) {
                    if tokens.text.len() == mark {
                        tokens.text.extend_from_slice(self.empty_value.as_bytes());
                    }
                    return self.after(input, after);
                }
                tokens.text.truncate(mark);
                let stop = self.value_end(input, position);
                tokens.text.extend_from_slice(&input[start..stop]);
                return self.after(input, stop);
            } else {
                tokens.text.push(byte);
                position += 1;
            }
        }
        (position, End::Record)
    }

    /// First position at or after `position` where an unquoted value ends.
    fn value_end(&self, input: &[u8], position: usize) -> usize {
        let rest = &input[position..];
        let found = match (self.separator.as_slice(), self.multi_line) {
            ([separator], false) => rest.iter().position(|b| b == separator),
            _ => (0..rest.len()).find(|offset| self.at_end(input, position + offset)),
        };
        found.map_or(input.len(), |offset| position + offset)
    }

    fn at_end(&self, input: &[u8], position: usize) -> bool {
        position >= input.len()
            || input[position..].starts_with(&self.separator)
            || (self.multi_line && self.line_end(input, position) > 0)
    }

    /// Length of the line end at `position`, 0 if there is none.
    pub fn line_end(&self, input: &[u8], position: usize) -> usize {
        match &self.line_separator {
            Some(separator) if input[position..].starts_with(separator) => separator.len(),
            Some(_) => 0,
            None => match (input.get(position), input.get(position + 1)) {
                (Some(b'\r'), Some(b'\n')) => 2,
                (Some(b'\r' | b'\n'), _) => 1,
                _ => 0,
            },
        }
    }

    fn after(&self, input: &[u8], position: usize) -> (usize, End) {
        if position >= input.len() {
            return (position, End::Record);
        }
        if input[position..].starts_with(&self.separator) {
            return (position + self.separator.len(), End::Separator);
        }
        (position + self.line_end(input, position), End::Record)
    }

    fn skip_blanks(&self, input: &[u8], mut position: usize) -> usize {
        while position < input.len() && input[position] <= b' ' && !self.at_end(input, position) {
            position += 1;
        }
        position
    }
}
