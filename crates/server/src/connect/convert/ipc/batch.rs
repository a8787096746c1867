//! The columns of a batch: whether its nodes and buffers are those that its types need.
//!
//! The walk is the reader's own (`arrow::ipc::reader`), which trusts that buffers lie in the body, that
//! bitmaps are as long as columns, and that the counts of the buffers of views add up.

use super::invalid;
use arrow::datatypes::DataType;
use arrow::ipc::{self, FieldNode};
use std::collections::VecDeque;
use std::io;

/// What a batch claims to hold.
pub(super) struct Batch {
    /// Rows and nulls, per node.
    nodes: VecDeque<(u64, u64)>,
    /// Bytes per buffer, unpacked.
    buffers: VecDeque<u64>,
    /// Buffers of values, per column of views.
    variadic: VecDeque<i64>,
}

impl Batch {
    /// `buffers` are the sizes of the buffers, unpacked; no column has more than `rows_max` rows.
    ///
    /// # Errors
    /// `InvalidData`, with the reason.
    pub(super) fn new(
        message: &ipc::RecordBatch<'_>,
        buffers: VecDeque<u64>,
        rows_max: u64,
    ) -> io::Result<Self> {
        let rows = |length: i64| match u64::try_from(length) {
            Ok(rows) if rows <= rows_max => Ok(rows),
            _ => Err(invalid(&format!("it claims {length} rows"))),
        };
        rows(message.length())?;
        let node = |node: &FieldNode| {
            let rows = rows(node.length())?;
            match u64::try_from(node.null_count()) {
                Ok(nulls) if nulls <= rows => Ok((rows, nulls)),
                _ => Err(invalid("it has another number of nulls than rows could be")),
            }
        };
        let nodes = message.nodes().into_iter().flatten().map(node).collect::<io::Result<_>>()?;
        let variadic = message.variadicBufferCounts().into_iter().flatten().collect();
        Ok(Self { nodes, buffers, variadic })
    }

    /// Checks that the batch is made of columns of these types.
    ///
    /// # Errors
    /// `InvalidData`, with the reason.
    pub(super) fn check<'t>(
        mut self,
        types: impl IntoIterator<Item = &'t DataType>,
    ) -> io::Result<()> {
        for data_type in types {
            self.column(data_type)?;
        }
        match self.variadic.is_empty() {
            true => Ok(()),
            false => Err(invalid("it has more buffers than its columns")),
        }
    }

    fn column(&mut self, data_type: &DataType) -> io::Result<()> {
        let (rows, nulls) = self.nodes.pop_front().ok_or_else(|| invalid("a column is missing"))?;
        if *data_type == DataType::Null {
            return Ok(());
        }
        let bitmap_bytes = self.buffer()?;
        if nulls > 0 && bitmap_bytes < rows.div_ceil(8) {
            return Err(invalid("a bitmap of nulls is too short"));
        }
        match data_type {
            DataType::Utf8 | DataType::Binary => {
                self.values(size_of::<i32>())?;
                self.buffer()?;
            }
            DataType::LargeUtf8 | DataType::LargeBinary => {
                self.values(size_of::<i64>())?;
                self.buffer()?;
            }
            DataType::Utf8View | DataType::BinaryView => {
                let more = self.variadic.pop_front().and_then(|count| u64::try_from(count).ok());
                let more = more.ok_or_else(|| invalid("a count of buffers is missing"))?;
                self.values(size_of::<u128>())?;
                for _ in 0..more {
                    self.buffer()?;
                }
            }
            DataType::List(child) => {
                self.values(size_of::<i32>())?;
                self.column(child.data_type())?;
            }
            DataType::LargeList(child) => {
                self.values(size_of::<i64>())?;
                self.column(child.data_type())?;
            }
            DataType::Map(entries, _) => {
                self.values(size_of::<i32>())?;
                if self.nodes.front().is_some_and(|(_, nulls)| *nulls > 0) {
                    return Err(invalid("an entry of a map is null"));
                }
                self.column(entries.data_type())?;
            }
            DataType::FixedSizeList(child, _) => self.column(child.data_type())?,
            DataType::Struct(fields) => {
                for field in fields {
                    self.column(field.data_type())?;
                }
            }
            DataType::Dictionary(index, _) => self.values(index.primitive_width().unwrap_or(1))?,
            other => self.values(other.primitive_width().unwrap_or(1))?,
        }
        Ok(())
    }

    /// A buffer of values of `width` bytes: the reader wants whole ones, even beyond those that it reads.
    fn values(&mut self, width: usize) -> io::Result<()> {
        match self.buffer()?.is_multiple_of(width as u64) {
            true => Ok(()),
            false => Err(invalid("a buffer ends within a value")),
        }
    }

    fn buffer(&mut self) -> io::Result<u64> {
        self.buffers.pop_front().ok_or_else(|| invalid("a buffer is missing"))
    }
}
