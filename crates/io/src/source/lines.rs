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

