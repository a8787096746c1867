//! Arrow IPC streams of clients, read with care: the reader of the library allocates what a stream claims to
//! hold, and panics where a claim is wrong. So a stream is walked first, without its columns being made.

mod batch;
mod schema;
mod shared_values;

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::{self, root_as_message};
use batch::Batch;
use firesteel_common::{Result, SparkError};
use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};

const CONTINUATION: [u8; 4] = [0xff; 4];
/// Rows that a column may have whatever its bytes: columns of nulls take none, and no client sends as many
/// rows at once.
const FREE_ROWS_MAX: u64 = 1 << 20;
/// A row of any other type takes at least a bit.
const ROWS_PER_BYTE_MAX: u64 = 8;
/// What the compressed buffers of one stream may unpack to.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;
/// A compressed buffer: LZ4 unpacks whatever comes, up to 255 times as much, before its length is compared.
const PACKED_BYTES_MAX: u64 = 16 << 20;
/// Dictionaries times columns: the reader looks through all columns for each dictionary.
const DICTIONARY_WORK_MAX: usize = 100_000_000;

pub use shared_values::written_out_bytes;

/// The batches of an Arrow IPC stream, which ends where `stream` does.
///
/// # Errors
/// `CONNECT_INVALID_PLAN` when the bytes are no such stream, or claim to be more than they are.
pub fn read(mut stream: impl Read + Seek) -> Result<(SchemaRef, Vec<RecordBatch>)> {
    check(&mut stream).map_err(|error| broken(&error.to_string()))?;
    let mut batches = || {
        stream.rewind()?;
        let reader = StreamReader::try_new(&mut stream, None)?;
        let schema = reader.schema();
        Ok::<_, ArrowError>((schema, reader.collect::<Result<_, _>>()?))
    };
    batches().map_err(|error| broken(&error.to_string()))
}

fn broken(reason: &str) -> SparkError {
    SparkError::invalid_plan(format!("The rows are no valid Arrow IPC stream: {reason}"))
}

/// Walks over the messages without decoding their bodies, and compares what they claim with what is there.
fn check(stream: &mut (impl Read + Seek)) -> io::Result<()> {
    let end = stream.seek(SeekFrom::End(0))?;
    stream.rewind()?;
    let mut claims = Claims { schema: None, n_columns: 0, n_dictionaries: 0, unpacked_bytes: 0 };
    let mut at = 0;
    while at < end {
        let mut length = [0; 4];
        at += read_exact(stream, &mut length)?;
        if length == CONTINUATION {
            at += read_exact(stream, &mut length)?;
        }
        let length = i32::from_le_bytes(length);
        if length == 0 {
            return Ok(());
        }
        let length = u64::try_from(length).map_err(|_| invalid("a length is negative"))?;
        if length > end - at {
            return Err(invalid("it ends within a message"));
        }
        let mut metadata = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        at += read_exact(stream, &mut metadata)?;
        let message = root_as_message(&metadata).map_err(|error| invalid(&error.to_string()))?;
        let body =
            u64::try_from(message.bodyLength()).map_err(|_| invalid("a length is negative"))?;
        if body > end - at {
            return Err(invalid("it ends within a batch"));
        }
        claims.message(&message, metadata.len(), &mut Body { stream, at, bytes: body })?;
        at += body;
        stream.seek(SeekFrom::Start(at))?;
    }
    Ok(())
}

fn read_exact(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<u64> {
    stream.read_exact(buffer)?;
    Ok(buffer.len() as u64)
}

/// What the messages so far said.
struct Claims {
    schema: Option<Schema>,
    /// Nested ones included.
    n_columns: usize,
    n_dictionaries: usize,
    unpacked_bytes: u64,
}

impl Claims {
    fn message(
        &mut self,
        message: &ipc::Message<'_>,
        metadata_bytes: usize,
        body: &mut Body<'_, impl Read + Seek>,
    ) -> io::Result<()> {
        let Some(schema) = &self.schema else {
            let found = message.header_as_schema();
            let found = found.ok_or_else(|| invalid("it does not begin with its schema"))?;
            let found = schema::read(found, metadata_bytes)?;
            self.n_columns = found.flattened_fields().len();
            self.schema = Some(found);
            return Ok(());
        };
        if let Some(batch) = message.header_as_record_batch() {
            let claimed = body.batch(&batch, &mut self.unpacked_bytes)?;
            return claimed.check(schema.fields().iter().map(|field| field.data_type()));
        }
        let Some(dictionary) = message.header_as_dictionary_batch() else {
            return Err(invalid("a message is neither a batch nor a dictionary"));
        };
        // Each piece would be a copy of all before it.
        if dictionary.isDelta() {
            return Err(invalid("a dictionary comes in pieces"));
        }
        self.n_dictionaries += 1;
        if self.n_dictionaries.saturating_mul(self.n_columns) > DICTIONARY_WORK_MAX {
            return Err(invalid("it has too many dictionaries"));
        }
        let values = schema::dictionary_values(schema, dictionary.id());
        let values = values.ok_or_else(|| invalid("a dictionary belongs to no column"))?;
        let batch = dictionary.data().ok_or_else(|| invalid("a dictionary is empty"))?;
        body.batch(&batch, &mut self.unpacked_bytes)?.check([values])
    }
}

/// Where the buffers of a message lie.
struct Body<'a, S> {
    stream: &'a mut S,
    at: u64,
    bytes: u64,
}

impl<S: Read + Seek> Body<'_, S> {
    /// Adds what the buffers unpack to to `unpacked_bytes`.
    fn batch(
        &mut self,
        message: &ipc::RecordBatch<'_>,
        unpacked_bytes: &mut u64,
    ) -> io::Result<Batch> {
        let packed = message.compression().is_some();
        let (mut buffers, mut stored, mut bytes) = (VecDeque::new(), 0_u64, 0_u64);
        for buffer in message.buffers().into_iter().flatten() {
            let (Ok(offset), Ok(length)) =
                (u64::try_from(buffer.offset()), u64::try_from(buffer.length()))
            else {
                return Err(invalid("a length is negative"));
            };
            if offset.checked_add(length).is_none_or(|stop| stop > self.bytes) {
                return Err(invalid("a buffer lies outside of its batch"));
            }
            stored = stored.saturating_add(length);
            let size = if packed { self.unpacked(offset, length)? } else { length };
            bytes = bytes.saturating_add(size);
            buffers.push_back(size);
        }
        // The reader may copy each.
        if stored > self.bytes {
            return Err(invalid("its buffers overlap"));
        }
        if packed {
            *unpacked_bytes = unpacked_bytes.saturating_add(bytes);
            if *unpacked_bytes > UNPACKED_BYTES_MAX {
                return Err(invalid("it unpacks to too much"));
            }
        }
        Batch::new(message, buffers, FREE_ROWS_MAX.max(bytes.saturating_mul(ROWS_PER_BYTE_MAX)))
    }

    /// What a buffer of a compressed batch says it unpacks to.
    fn unpacked(&mut self, offset: u64, length: u64) -> io::Result<u64> {
        const PREFIX_BYTES: u64 = 8;
        if length == 0 {
            return Ok(0);
        }
        let Some(rest) = length.checked_sub(PREFIX_BYTES) else {
            return Err(invalid("a compressed buffer is too short"));
        };
        self.stream.seek(SeekFrom::Start(self.at + offset))?;
        let mut prefix = [0; PREFIX_BYTES as usize];
        self.stream.read_exact(&mut prefix)?;
        match u64::try_from(i64::from_le_bytes(prefix)) {
            // Minus one stands for a buffer that is not compressed.
            Err(_) => Ok(rest),
            Ok(_) if rest > PACKED_BYTES_MAX => Err(invalid("a compressed buffer is too long")),
            Ok(size) => Ok(size),
        }
    }
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests;
