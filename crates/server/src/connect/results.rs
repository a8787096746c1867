//! The border where batches of the engine become answers: names that the user gave, plain Arrow types,
//! the session's time zone, slices that fit a message.

use super::data_type::schema_to_proto;
use super::operation::Operation;
use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options, concat_batches};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use arrow::ipc::writer::StreamWriter;
use bytes::Bytes;
use datafusion::execution::SendableRecordBatchStream;
use firesteel_common::{Result, SparkType, StructType};
use firesteel_proto::spark::connect as proto;
use futures::StreamExt;
use proto::execute_plan_response::{ArrowBatch, ResponseType};
use std::collections::HashMap;
use std::sync::Arc;

/// Rows and bytes of one answer. Small enough to flow, large enough that headers do not matter.
const BATCH_ROWS_MAX: usize = 10_000;
const BATCH_BYTES_MAX: usize = 4 << 20;
/// Piece of an answer when a client takes answers in pieces: below its limit of 128 MiB, and no smaller
/// than is worth a message.
const CHUNK_BYTES_MIN: usize = 1 << 10;
const CHUNK_BYTES_MAX: usize = 100 << 20;

/// How a client wants its answers.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chunking {
    pub allowed: bool,
    pub preferred_bytes: Option<usize>,
}

/// Sends the schema with the rows of `stream`, which has the same columns under internal names.
///
/// # Errors
/// Whatever the query fails with.
pub async fn send(
    operation: &Operation,
    mut stream: SendableRecordBatchStream,
    schema: &StructType,
    time_zone: &str,
    chunking: Chunking,
) -> Result<()> {
    let client_schema = client_schema(schema, time_zone);
    let first = Some(schema_to_proto(schema));
    let mut sender = Sender { operation, chunking, schema: first, rows_sent: 0 };
    // Small batches are put together: thousands of tiny partitions are not thousands of messages.
    let mut waiting = Vec::new();
    let mut rows_waiting = 0;
    while let Some(batch) = stream.next().await {
        let batch = conform(&batch?, &client_schema)?;
        if batch.num_rows() == 0 {
            continue;
        }
        rows_waiting += batch.num_rows();
        waiting.push(batch);
        if rows_waiting >= BATCH_ROWS_MAX {
            sender.send(&client_schema, &std::mem::take(&mut waiting)).await?;
            rows_waiting = 0;
        }
    }
    if !waiting.is_empty() {
        sender.send(&client_schema, &waiting).await?;
    }
    if sender.rows_sent == 0 {
        // The client makes its table of what comes: without a batch it has none.
        let empty = RecordBatch::new_empty(Arc::clone(&client_schema));
        sender.send_one(&empty).await?;
    }
    Ok(())
}

struct Sender<'a> {
    operation: &'a Operation,
    chunking: Chunking,
    /// Goes with the first rows, because each answer costs the client a call back.
    schema: Option<proto::DataType>,
    rows_sent: usize,
}

impl Sender<'_> {
    async fn send(&mut self, schema: &SchemaRef, batches: &[RecordBatch]) -> Result<()> {
        let batch = match batches {
            [one] => one.clone(),
            many => concat_batches(schema, many)?,
        };
        let bytes = batch.get_array_memory_size();
        let slices = bytes.div_ceil(BATCH_BYTES_MAX).max(1);
        let rows = batch.num_rows().div_ceil(slices).clamp(1, BATCH_ROWS_MAX);
        let mut offset = 0;
        while offset < batch.num_rows() {
            let length = rows.min(batch.num_rows() - offset);
            self.send_one(&batch.slice(offset, length)).await?;
            offset += length;
        }
        Ok(())
    }

    async fn send_one(&mut self, batch: &RecordBatch) -> Result<()> {
        let data = ipc(batch)?;
        // Sizes that make no sense are no wish.
        let preferred = self.chunking.preferred_bytes;
        let sensible = CHUNK_BYTES_MIN..=CHUNK_BYTES_MAX;
        let limit = preferred.filter(|bytes| sensible.contains(bytes)).unwrap_or(CHUNK_BYTES_MAX);
        let row_count = i64::try_from(batch.num_rows()).unwrap_or(i64::MAX);
        let start_offset = Some(i64::try_from(self.rows_sent).unwrap_or(i64::MAX));
        let whole = ArrowBatch {
            row_count,
            start_offset,
            data: data.clone(),
            chunk_index: None,
            num_chunks_in_batch: None,
        };
        if !self.chunking.allowed {
            self.push(whole).await;
        } else {
            let count = data.len().div_ceil(limit);
            for index in 0..count {
                let end = data.len().min((index + 1) * limit);
                self.push(ArrowBatch {
                    data: data.slice(index * limit..end),
                    chunk_index: i64::try_from(index).ok(),
                    num_chunks_in_batch: i64::try_from(count).ok(),
                    ..whole.clone()
                })
                .await;
            }
        }
        self.rows_sent += batch.num_rows();
        Ok(())
    }

    async fn push(&mut self, batch: ArrowBatch) {
        let response = proto::ExecutePlanResponse {
            schema: self.schema.take(),
            response_type: Some(ResponseType::ArrowBatch(batch)),
            ..Default::default()
        };
        self.operation.push(response).await;
    }
}

/// A batch as a complete Arrow IPC stream.
///
/// # Errors
/// None in practice: every type that is sent has a form in IPC.
pub fn ipc(batch: &RecordBatch) -> Result<Bytes> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema())?;
    writer.write(batch)?;
    writer.finish()?;
    Ok(Bytes::from(writer.into_inner()?))
}

/// The Arrow schema that the client sees.
pub fn client_schema(schema: &StructType, time_zone: &str) -> SchemaRef {
    let fields = schema.fields.iter();
    let fields = fields.map(|field| client_field(&field.name, &field.data_type, true, time_zone));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

fn client_field(name: &str, data_type: &SparkType, nullable: bool, time_zone: &str) -> Field {
    Field::new(name, client_type(data_type, time_zone), nullable)
}

fn client_type(data_type: &SparkType, time_zone: &str) -> DataType {
    let field = |name: &str, data_type: &SparkType, nullable: bool| {
        Arc::new(client_field(name, data_type, nullable, time_zone))
    };
    match data_type {
        SparkType::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(time_zone.into())),
        SparkType::Array { element, contains_null } => {
            DataType::List(field("element", element, *contains_null))
        }
        SparkType::Map { key, value, value_contains_null } => {
            let entries = Fields::from(vec![
                field("key", key, false),
                field("value", value, *value_contains_null),
            ]);
            DataType::Map(Arc::new(Field::new("entries", DataType::Struct(entries), false)), false)
        }
        SparkType::Struct(schema) => {
            let fields = schema.fields.iter();
            let fields = fields.map(|inner| field(&inner.name, &inner.data_type, inner.nullable));
            DataType::Struct(fields.collect())
        }
        SparkType::Variant => {
            let mark = HashMap::from([("variant".to_owned(), "true".to_owned())]);
            DataType::Struct(Fields::from(vec![
                Field::new("value", DataType::Binary, false),
                Field::new("metadata", DataType::Binary, false).with_metadata(mark),
            ]))
        }
        SparkType::Udt(udt) => client_type(&udt.sql_type, time_zone),
        plain => plain.to_arrow(),
    }
}

/// The columns of a batch that the user sees, with the types that the client knows: no views, no
/// dictionaries. Nullability at the top is not claimed: what the plan promises is in the schema message.
pub fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        let conformed: ArrayRef = match column.data_type() == field.data_type() {
            true => Arc::clone(column),
            false => cast_with_options(column, field.data_type(), &options)?,
        };
        Ok(conformed)
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{StringViewArray, TimestampMicrosecondArray};
    use firesteel_common::StructField;

    #[test]
    fn engine_types_become_plain() {
        let times = TimestampMicrosecondArray::from(vec![0]).with_timezone("UTC");
        let batch = RecordBatch::try_from_iter([
            ("#1", Arc::new(times) as ArrayRef),
            ("#2", Arc::new(StringViewArray::from(vec!["a"])) as ArrayRef),
        ])
        .unwrap();
        let schema = StructType::new(vec![
            StructField::new("t", SparkType::Timestamp, false),
            StructField::new("s", SparkType::string(), true),
        ]);
        let client = client_schema(&schema, "Europe/Berlin");
        let conformed = conform(&batch, &client).unwrap();
        assert_eq!(conformed.schema().field(0).name(), "t");
        assert_eq!(conformed.column(1).data_type(), &DataType::Utf8);
        assert_eq!(
            conformed.column(0).data_type(),
            &DataType::Timestamp(TimeUnit::Microsecond, Some("Europe/Berlin".into()))
        );
    }
}
