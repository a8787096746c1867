//! A JSON document as a variant. Numbers keep their digits: integers are longs, what has a point but no
//! exponent is a decimal, everything else a double.

use super::writer::{BYTES_MAX, Field, Writer};
use firesteel_common::Result;

/// Documents are refused beyond this many levels (Jackson's limit).
const DEPTH_MAX: usize = 1000;

/// Writes the document; false where the text is no JSON.
///
/// # Errors
/// `VARIANT_DUPLICATE_KEY`.
pub(super) fn write_document(text: &str, writer: &mut Writer) -> Result<bool> {
    let mut parser = Parser { bytes: text.as_bytes(), at: 0, writer };
    parser.space();
    // What follows the document is not looked at, as in Spark.
    Ok(text.len() <= BYTES_MAX && parser.value(0)?.is_some())
}

/// Writes a value that has been parsed already.
///
/// # Errors
/// `VARIANT_DUPLICATE_KEY`.
pub(crate) fn write_value(value: &serde_json::Value, writer: &mut Writer) -> Result<bool> {
    write_document(&value.to_string(), writer)
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    writer: &'a mut Writer,
}

impl Parser<'_> {
    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(|byte| b" \t\r\n".contains(byte)) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    /// A value and the space behind it; none: this is no JSON.
    fn value(&mut self, depth: usize) -> Result<Option<()>> {
        if depth > DEPTH_MAX {
            return Ok(None);
        }
        let done = match self.bytes.get(self.at) {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => self.string().map(|text| self.writer.string(&text)),
            Some(b't') => self.word("true").map(|()| self.writer.boolean(true)),
            Some(b'f') => self.word("false").map(|()| self.writer.boolean(false)),
            Some(b'n') => self.word("null").map(|()| self.writer.null()),
            Some(_) => self.number(),
            None => None,
        };
        self.space();
        Ok(done)
    }

    fn object(&mut self, depth: usize) -> Result<Option<()>> {
        self.at += 1;
        self.space();
        let start = self.writer.position();
        let mut fields = Vec::new();
        if !self.take(b'}') {
            loop {
                let Some(name) = self.string() else { return Ok(None) };
                self.space();
                if !self.take(b':') {
                    return Ok(None);
                }
                self.space();
                let number = self.writer.number(&name);
                fields.push(Field { name, number, start: self.writer.position() });
                if self.value(depth + 1)?.is_none() {
                    return Ok(None);
                }
                if self.take(b'}') {
                    break;
                }
                if !self.take(b',') {
                    return Ok(None);
                }
                self.space();
            }
        }
        self.writer.close_object(start, fields)?;
        Ok(Some(()))
    }

    fn array(&mut self, depth: usize) -> Result<Option<()>> {
        self.at += 1;
        self.space();
        let start = self.writer.position();
        let mut starts = Vec::new();
        if !self.take(b']') {
            loop {
                starts.push(self.writer.position());
                if self.value(depth + 1)?.is_none() {
                    return Ok(None);
                }
                if self.take(b']') {
                    break;
                }
                if !self.take(b',') {
                    return Ok(None);
                }
                self.space();
            }
        }
        self.writer.close_array(start, &starts);
        Ok(Some(()))
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let rest = self.bytes.get(self.at..)?.strip_prefix(word.as_bytes())?;
        if rest.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            return None;
        }
        self.at += word.len();
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        if !self.take(b'"') {
            return None;
        }
        loop {
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        serde_json::from_slice(self.bytes.get(start..self.at)?).ok()
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        self.take(b'-');
        let whole = self.at;
        let n_whole = self.digits();
        // Leading zeros are not JSON.
        if n_whole == 0 || (n_whole > 1 && self.bytes.get(whole) == Some(&b'0')) {
            return None;
        }
        let mut scale = None;
        if self.take(b'.') {
            scale = Some(self.digits()).filter(|digits| *digits > 0);
            scale?;
        }
        let mut exponent = false;
        if self.take(b'e') || self.take(b'E') {
            exponent = true;
            let _ = self.take(b'+') || self.take(b'-');
            if self.digits() == 0 {
                return None;
            }
        }
        let text = std::str::from_utf8(self.bytes.get(start..self.at)?).ok()?;
        if self.bytes.get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        if !exponent {
            if scale.is_none()
                && let Ok(long) = text.parse()
            {
                self.writer.long(long);
                return Some(());
            }
            let unscaled = text.replacen('.', "", 1).parse::<i128>().ok();
            let scale = scale.unwrap_or(0);
            const DIGITS_MAX: u32 = 38;
            let fits = |unscaled: &i128| unscaled.unsigned_abs() < 10u128.pow(DIGITS_MAX);
            if let Some(unscaled) = unscaled.filter(fits)
                && scale <= DIGITS_MAX as usize
            {
                self.writer.decimal(unscaled, scale as u8);
                return Some(());
            }
        }
        self.writer.double(text.parse().ok()?);
        Some(())
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        self.at - start
    }
}
