//! Arrow's stream format, piece by piece: what a task sends and reads while it runs.

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::convert::fb_to_schema;
use datafusion::arrow::ipc::reader::{read_dictionary, read_record_batch};
use datafusion::arrow::ipc::writer::StreamWriter;
use datafusion::arrow::ipc::{MessageHeader, root_as_message};
use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt};

const CONTINUATION: [u8; 4] = [0xff; 4];

/// Writes one stream.
pub struct Encoder(StreamWriter<Vec<u8>>);

impl Encoder {
    /// # Errors
    /// When the schema has no form in the stream.
    pub fn new(schema: &Schema) -> Result<Self, ArrowError> {
        Ok(Self(StreamWriter::try_new(Vec::new(), schema)?))
    }

    /// Adds a batch.
    ///
    /// # Errors
    /// When it has another schema.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.0.write(batch)
    }

    /// Adds the end of the stream.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn finish(&mut self) -> Result<(), ArrowError> {
        self.0.finish()
    }

    /// What has been written since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.0.get_mut())
    }
}

/// Reads one stream.
#[derive(Debug, Default)]
pub struct Decoder {
    schema: Option<SchemaRef>,
    dictionaries: HashMap<i64, ArrayRef>,
}

impl Decoder {
    /// The next batch, whose buffers are the bytes that were read; none at the end of the stream.
    ///
    /// # Errors
    /// When the connection breaks (`IoError`), or the bytes are no Arrow stream.
    pub async fn next<R: AsyncRead + Unpin>(
        &mut self,
        from: &mut R,
    ) -> Result<Option<RecordBatch>, ArrowError> {
        loop {
            let mut word = [0; 4];
            from.read_exact(&mut word).await.map_err(broken)?;
            if word == CONTINUATION {
                from.read_exact(&mut word).await.map_err(broken)?;
            }
            let length = u32::from_le_bytes(word) as usize;
            if length == 0 {
                return Ok(None);
            }
            let mut header = vec![0; length];
            from.read_exact(&mut header).await.map_err(broken)?;
            let message = root_as_message(&header).map_err(|error| bad(&error))?;
            let body = usize::try_from(message.bodyLength()).map_err(|error| bad(&error))?;
            let body = Buffer::from(whole(from, body).await?);
            match message.header_type() {
                MessageHeader::Schema => {
                    let schema = message.header_as_schema().ok_or_else(|| bad(&"no schema"))?;
                    self.schema = Some(Arc::new(fb_to_schema(schema)));
                }
                MessageHeader::DictionaryBatch => {
                    let batch = message.header_as_dictionary_batch();
                    let batch = batch.ok_or_else(|| bad(&"no dictionary"))?;
                    let schema = self.schema()?;
                    let version = message.version();
                    read_dictionary(&body, batch, &schema, &mut self.dictionaries, &version)?;
                }
                MessageHeader::RecordBatch => {
                    let batch = message.header_as_record_batch().ok_or_else(|| bad(&"no batch"))?;
                    let (schema, version) = (self.schema()?, message.version());
                    let batch =
                        read_record_batch(&body, batch, schema, &self.dictionaries, None, &version);
                    return batch.map(Some);
                }
                other => return Err(bad(&format!("{other:?}"))),
            }
        }
    }

    fn schema(&self) -> Result<SchemaRef, ArrowError> {
        self.schema.clone().ok_or_else(|| bad(&"rows before their schema"))
    }
}

/// `length` bytes. Their memory is not zeroed before; arrays in it that are not aligned are copied by whoever makes them.
async fn whole<R: AsyncRead + Unpin>(from: &mut R, length: usize) -> Result<Vec<u8>, ArrowError> {
    let mut bytes = Vec::with_capacity(length);
    let mut rest = from.take(length as u64);
    while bytes.len() < length {
        if rest.read_buf(&mut bytes).await.map_err(broken)? == 0 {
            return Err(broken(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok(bytes)
}

fn broken(error: io::Error) -> ArrowError {
    ArrowError::IoError("the connection to a Python worker broke".to_owned(), error)
}

fn bad(what: &dyn std::fmt::Display) -> ArrowError {
    ArrowError::IpcError(format!("a Python worker sent no Arrow stream: {what}"))
}
