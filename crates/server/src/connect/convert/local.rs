//! Rows that the client sends: Arrow IPC in the plan, or in artifacts that the plan names by hash.

use super::schema_of_text;
use crate::session::Session;
use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::ipc::reader::StreamReader;
use firesteel_common::types::{schema_from_arrow, schema_to_arrow};
use firesteel_common::{Result, SparkError, StructType};
use firesteel_plan::spec::{LocalRelation, RelationNode};
use firesteel_proto::spark::connect as proto;
use std::sync::Arc;

/// The batches of an Arrow IPC stream.
///
/// # Errors
/// When the bytes are no such stream.
pub fn batches_of_ipc(bytes: &[u8]) -> Result<(arrow::datatypes::SchemaRef, Vec<RecordBatch>)> {
    let reader = StreamReader::try_new(bytes, None)?;
    let schema = reader.schema();
    Ok((schema, reader.collect::<Result<_, _>>()?))
}

/// Rows in the plan itself. Neither data nor schema: no rows and no columns.
pub fn local_relation(message: &proto::LocalRelation) -> Result<RelationNode> {
    let declared = message.schema.as_deref().filter(|text| !text.is_empty());
    let declared = declared.map(schema_of_text).transpose()?;
    let data = message.data.iter().map(|data| data.as_ref()).collect();
    from_chunks(data, declared)
}

/// Rows that were uploaded in pieces before.
pub fn chunked(
    session: &Session,
    message: &proto::ChunkedCachedLocalRelation,
) -> Result<RelationNode> {
    let hash = message.schema_hash.as_deref().filter(|hash| !hash.is_empty());
    let declared = match hash {
        None => None,
        Some(hash) => {
            let text = session.artifacts.cached(hash)?;
            let text = std::str::from_utf8(&text)
                .map_err(|_| SparkError::invalid_plan("The uploaded schema is not UTF-8."))?;
            Some(schema_of_text(text)?)
        }
    };
    let chunks = message.data_hashes.iter().map(|hash| session.artifacts.cached(hash));
    let chunks = chunks.collect::<Result<Vec<_>>>()?;
    from_chunks(chunks.iter().map(|chunk| chunk.as_ref()).collect(), declared)
}

/// A whole `LocalRelation` message that was uploaded before (older clients).
pub fn cached(session: &Session, message: &proto::CachedLocalRelation) -> Result<RelationNode> {
    use prost::Message;
    let bytes = session.artifacts.cached(&message.hash)?;
    let relation = proto::LocalRelation::decode(bytes).map_err(|error| {
        SparkError::invalid_plan(format!("A cached relation is broken: {error}"))
    })?;
    local_relation(&relation)
}

fn from_chunks(chunks: Vec<&[u8]>, declared: Option<StructType>) -> Result<RelationNode> {
    let mut batches = Vec::new();
    let mut found = None;
    for chunk in chunks.into_iter().filter(|chunk| !chunk.is_empty()) {
        let (schema, more) = batches_of_ipc(chunk)?;
        found.get_or_insert(schema);
        batches.extend(more);
    }
    let schema = match (declared, found) {
        (Some(declared), _) => declared,
        (None, Some(found)) => schema_from_arrow(&found)?,
        (None, None) => {
            return Err(SparkError::invalid_plan(
                "Input data for LocalRelation does not produce a schema.",
            ));
        }
    };
    let batches = batches.iter().map(|batch| conform(batch, &schema)).collect::<Result<_>>()?;
    Ok(RelationNode::Local(LocalRelation { schema: Some(schema), batches }))
}

/// Gives a batch of the client (large strings, dictionaries, its own time zone, its own names) the
/// columns of `schema`, by position.
fn conform(batch: &RecordBatch, schema: &StructType) -> Result<RecordBatch> {
    let target = Arc::new(schema_to_arrow(schema));
    if batch.num_columns() != target.fields().len() {
        return Err(SparkError::invalid_plan(format!(
            "The local relation has {} columns, its schema {}.",
            batch.num_columns(),
            target.fields().len()
        )));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let columns = batch.columns().iter().zip(target.fields()).map(|(column, field)| {
        let column: ArrayRef = match column.data_type() == field.data_type() {
            true => Arc::clone(column),
            false => cast_with_options(column, field.data_type(), &options)?,
        };
        if !field.is_nullable() && column.null_count() > 0 {
            return Err(SparkError::runtime(
                "NOT_NULL_ASSERT_VIOLATION",
                format!("NULL value appeared in non-nullable field: {}.", field.name()),
            ));
        }
        Ok(column)
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(target, columns, &options)?)
}
