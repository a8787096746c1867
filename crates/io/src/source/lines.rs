//! Lines of a split, as Hadoop's `LineRecordReader` finds them.
//!
//! A split that does not start the file leaves out everything to the first line end, because the
//! split before it reads on to there; a line that begins exactly at a split's end still belongs to
//! it.

use crate::table::row_source::{Split, failed_read};
use firesteel_common::Result;
use std::io::Read;

const BUFFER_BYTES: usize = 256 * 1024;

/// Iterates over lines without their ends.
pub struct Lines {
    path: String,
    bytes: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// Unread part of `buffer`.
    from: usize,
    to: usize,
    at_end: bool,
    /// File offset of `buffer[from]`.
    offset: u64,
    end: Option<u64>,
    /// None: `\n`, `\r\n` or `\r`.
    separator: Option<Vec<u8>>,
}

impl Lines {
    /// # Errors
    /// Of the file system.
    pub fn new(split: Split, separator: Option<Vec<u8>>) -> Result<Self> {
        let mut lines = Self {
            path: split.path,
            bytes: split.bytes,
            buffer: vec![0; BUFFER_BYTES],
            from: 0,
            to: 0,
            at_end: false,
            offset: split.start,
            end: split.end,
            separator,
        };
        if split.start > 0 {
            lines.read_line()?;
        } else {
            lines.skip_byte_order_mark()?;
        }
        Ok(lines)
    }

    /// The next line, or none at the end of the split.
    ///
    /// # Errors
    /// Of the file system or the codec.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>> {
        if self.end.is_some_and(|end| self.offset > end) {
            return Ok(None);
        }
        Ok(self.read_line()?.map(|(from, to)| &self.buffer[from..to]))
    }

    /// Everything that is left.
    ///
    /// # Errors
    /// As [`Lines::next_line`].
    pub fn rest(mut self) -> Result<Vec<u8>> {
        let mut all = self.buffer[self.from..self.to].to_vec();
        self.bytes
            .read_to_end(&mut all)
            .map_err(|error| failed_read(&self.path, &error.to_string()))?;
        Ok(all)
    }

    fn read_line(&mut self) -> Result<Option<(usize, usize)>> {
        let mut searched = 0;
        loop {
            if let Some((length, end_length)) = self.find_end(searched) {
                let from = self.from;
                self.from += length + end_length;
                self.offset += (length + end_length) as u64;
                return Ok(Some((from, from + length)));
            }
            if self.at_end {
                let (from, to) = (self.from, self.to);
                self.offset += (to - from) as u64;
                self.from = to;
                return Ok((to > from).then_some((from, to)));
            }
            // The last bytes may be the beginning of a separator.
            let overlap = self.separator.as_ref().map_or(1, Vec::len);
            searched = (self.to - self.from).saturating_sub(overlap);
            self.fill()?;
        }
    }

    /// Length of the line in the buffer and of its end.
    fn find_end(&self, searched: usize) -> Option<(usize, usize)> {
        let unread = &self.buffer[self.from..self.to];
        let tail = &unread[searched..];
        match &self.separator {
            Some(separator) => tail
                .windows(separator.len().max(1))
                .position(|window| window == separator.as_slice())
                .map(|found| (searched + found, separator.len())),
            None => {
                let found = tail.iter().position(|b| *b == b'\n' || *b == b'\r')?;
                if tail[found] == b'\n' {
                    return Some((searched + found, 1));
                }
                match tail.get(found + 1) {
                    Some(b'\n') => Some((searched + found, 2)),
                    Some(_) => Some((searched + found, 1)),
                    // Whether a line feed follows is not known yet.
                    None if self.at_end => Some((searched + found, 1)),
                    None => None,
                }
            }
        }
    }

    fn fill(&mut self) -> Result<()> {
        self.buffer.copy_within(self.from..self.to, 0);
        self.to -= self.from;
        self.from = 0;
        if self.to == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        let n = self
            .bytes
            .read(&mut self.buffer[self.to..])
            .map_err(|error| failed_read(&self.path, &error.to_string()))?;
        self.to += n;
        self.at_end = n == 0;
        Ok(())
    }

    fn skip_byte_order_mark(&mut self) -> Result<()> {
        while self.to < 3 && !self.at_end {
            self.fill()?;
        }
        if self.buffer[..self.to].starts_with(b"\xef\xbb\xbf") {
            self.from = 3;
            self.offset += 3;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read(text: &str, start: usize, end: Option<u64>, separator: Option<&str>) -> Vec<String> {
        let split = Split {
            path: String::new(),
            bytes: Box::new(Cursor::new(text.as_bytes()[start..].to_vec())),
            start: start as u64,
            end,
        };
        let separator = separator.map(|text| text.as_bytes().to_vec());
        let mut lines = Lines::new(split, separator).expect("in memory");
        let mut out = Vec::new();
        while let Some(line) = lines.next_line().expect("in memory") {
            out.push(String::from_utf8_lossy(line).into_owned());
        }
        out
    }

    #[test]
    fn line_ends() {
        assert_eq!(read("a\nb\r\nc\rd", 0, None, None), ["a", "b", "c", "d"]);
        assert_eq!(read("a\n\n", 0, None, None), ["a", ""]);
        assert_eq!(read("a||b|c||", 0, None, Some("||")), ["a", "b|c"]);
    }

    #[test]
    fn every_line_is_in_one_split() {
        let text = "aa\nbb\ncc\ndd\n";
        for cut in 1..text.len() {
            let mut lines = read(text, 0, Some(cut as u64), None);
            lines.extend(read(text, cut, Some(text.len() as u64), None));
            assert_eq!(lines, ["aa", "bb", "cc", "dd"], "cut at {cut}");
        }
    }
}
