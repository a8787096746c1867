//! Arrow IPC streams of clients, read with care: the reader allocates what a stream claims to hold.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::ipc::reader::StreamReader;
use arrow::ipc::{self, root_as_message};
use firesteel_common::{Result, SparkError};
use std::io::{self, Read, Seek, SeekFrom};

const CONTINUATION: [u8; 4] = [0xff; 4];
/// Rows that a column may have whatever its bytes: columns of nulls take none, and no client sends as many
/// rows at once.
const FREE_ROWS_MAX: u64 = 1 << 20;
/// A row of any other type takes at least a bit.
const ROWS_PER_BYTE_MAX: u64 = 8;
/// What the compressed buffers of one stream may unpack to.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;

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
    let mut unpacked_bytes: u64 = 0;
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
        let batch = match message.header_as_dictionary_batch() {
            Some(dictionary) => dictionary.data(),
            None => message.header_as_record_batch(),
        };
        if let Some(batch) = batch {
            let mut bytes = body;
            if batch.compression().is_some() {
                bytes = unpacked(stream, &batch, at, body)?;
                unpacked_bytes = unpacked_bytes.saturating_add(bytes);
                if unpacked_bytes > UNPACKED_BYTES_MAX {
                    return Err(invalid("it unpacks to too much"));
                }
            }
            check_rows(&batch, bytes)?;
        }
        at += body;
        stream.seek(SeekFrom::Start(at))?;
    }
    Ok(())
}

fn read_exact(stream: &mut impl Read, buffer: &mut [u8]) -> io::Result<u64> {
    stream.read_exact(buffer)?;
    Ok(buffer.len() as u64)
}

fn check_rows(batch: &ipc::RecordBatch<'_>, bytes: u64) -> io::Result<()> {
    let rows_max = FREE_ROWS_MAX.max(bytes.saturating_mul(ROWS_PER_BYTE_MAX));
    let nodes = batch.nodes().into_iter().flatten().map(ipc::FieldNode::length);
    for rows in nodes.chain([batch.length()]) {
        if u64::try_from(rows).map_or(true, |rows| rows > rows_max) {
            return Err(invalid(&format!("it claims {rows} rows")));
        }
    }
    Ok(())
}

/// What the compressed buffers of a batch say they unpack to. The body begins at `start`.
fn unpacked(
    stream: &mut (impl Read + Seek),
    batch: &ipc::RecordBatch<'_>,
    start: u64,
    body: u64,
) -> io::Result<u64> {
    const PREFIX_BYTES: u64 = 8;
    let mut sum: u64 = 0;
    for buffer in batch.buffers().into_iter().flatten() {
        let (Ok(offset), Ok(length)) =
            (u64::try_from(buffer.offset()), u64::try_from(buffer.length()))
        else {
            return Err(invalid("a length is negative"));
        };
        if length < PREFIX_BYTES {
            continue;
        }
        if offset.checked_add(length).is_none_or(|stop| stop > body) {
            return Err(invalid("a buffer lies outside of its batch"));
        }
        stream.seek(SeekFrom::Start(start + offset))?;
        let mut prefix = [0; PREFIX_BYTES as usize];
        stream.read_exact(&mut prefix)?;
        // Minus one stands for a buffer that is not compressed.
        sum = sum.saturating_add(u64::try_from(i64::from_le_bytes(prefix)).unwrap_or(length));
    }
    Ok(sum)
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use arrow::ipc::CompressionType;
    use arrow::ipc::writer::{IpcWriteOptions, StreamWriter};
    use std::io::Cursor;
    use std::sync::Arc;

    fn stream(compression: Option<CompressionType>) -> Vec<u8> {
        let numbers = Int64Array::from_iter_values(0..1_000);
        let texts = StringArray::from_iter_values((0..1_000).map(|n| n.to_string()));
        let batch = RecordBatch::try_from_iter([
            ("a", Arc::new(numbers) as ArrayRef),
            ("b", Arc::new(texts) as ArrayRef),
        ])
        .unwrap();
        let options = IpcWriteOptions::default().try_with_compression(compression).unwrap();
        let mut writer =
            StreamWriter::try_new_with_options(Vec::new(), &batch.schema(), options).unwrap();
        writer.write(&batch).unwrap();
        writer.write(&batch).unwrap();
        writer.finish().unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn good_streams() {
        for compression in [None, Some(CompressionType::ZSTD), Some(CompressionType::LZ4_FRAME)] {
            let (_, batches) = read(Cursor::new(stream(compression))).unwrap();
            assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 2_000);
        }
    }

    /// Each byte in turn is damaged, and the stream cut off there: nothing panics beyond what is caught,
    /// and nothing allocates what is not there.
    #[test]
    fn damaged_streams() {
        for compression in [None, Some(CompressionType::ZSTD)] {
            let good = stream(compression);
            for position in (0..good.len()).step_by(7) {
                let _ = std::panic::catch_unwind(|| read(Cursor::new(good[..position].to_vec())));
                for value in [0, 0x7f, 0xff] {
                    let mut bad = good.clone();
                    bad[position] = value;
                    let _ = std::panic::catch_unwind(|| read(Cursor::new(bad)));
                }
            }
        }
    }

    #[test]
    fn claims_without_bytes() {
        // A metadata length beyond the end, a negative one, and no length at all.
        for bytes in [
            vec![0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
            vec![0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x80],
            vec![0xff, 0xff],
        ] {
            assert!(read(Cursor::new(bytes)).is_err());
        }
    }
}
