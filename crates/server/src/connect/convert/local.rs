//! Rows that the client sends: Arrow IPC in the plan, or in artifacts that the plan names by hash.

use super::{faults, ipc, schema_of_text};
use crate::session::Session;
use arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field};
use firesteel_common::error::ErrorKind;
use firesteel_common::types::{schema_from_arrow, schema_to_arrow};
use firesteel_common::{Result, SparkError, SparkType, StructType};
use firesteel_plan::spec::{LocalRelation, RelationNode};
use firesteel_proto::spark::connect as proto;
use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::sync::Arc;

/// Rows in the plan itself. Neither data nor schema: no rows and no columns.
pub fn local_relation(message: &proto::LocalRelation) -> Result<RelationNode> {
    let declared = message.schema.as_deref().filter(|text| !text.is_empty());
    let declared = declared.map(schema_of_text).transpose()?;
    let data = message.data.iter().filter(|data| !data.is_empty());
    from_chunks(data.map(Cursor::new), declared)
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
            let (file, bytes) = blob(session, hash)?;
            check_size(session, CHUNK_LIMIT, bytes)?;
            let text = std::io::read_to_string(file).map_err(|error| unreadable(&error))?;
            Some(schema_of_text(&text)?)
        }
    };
    if message.data_hashes.is_empty() {
        return Err(SparkError::new(
            ErrorKind::InvalidPlan,
            "CONNECT_INVALID_PLAN.CHUNKED_CACHED_LOCAL_RELATION_WITHOUT_DATA",
            "The Spark Connect plan is invalid. ChunkedCachedLocalRelation should contain data.",
        ));
    }
    let chunks = message.data_hashes.iter().map(|hash| blob(session, hash));
    let chunks = chunks.collect::<Result<Vec<_>>>()?;
    for (_, bytes) in &chunks {
        check_size(session, CHUNK_LIMIT, *bytes)?;
    }
    check_size(session, SIZE_LIMIT, chunks.iter().map(|(_, bytes)| bytes).sum())?;
    from_chunks(chunks.into_iter().map(|(file, _)| file), declared)
}

fn blob(session: &Session, hash: &str) -> Result<(BufReader<File>, u64)> {
    session.artifacts.cached(hash)?.ok_or_else(|| {
        let uuid = &session.server_side_id;
        SparkError::new(
            ErrorKind::InvalidPlan,
            "CONNECT_INVALID_PLAN.NOT_FOUND_CHUNKED_CACHED_LOCAL_RELATION",
            format!(
                "The Spark Connect plan is invalid. Not found chunked cached local relation block \
                 with the hash: {hash} in the session with sessionUUID {uuid}."
            ),
        )
        .with("hash", hash)
        .with("sessionUUID", uuid)
    })
}

/// Two limits of the session in bytes: of one upload, and of all that belong to a relation.
const CHUNK_LIMIT: (&str, &str) =
    ("spark.sql.session.localRelationChunkSizeLimit", "LOCAL_RELATION_CHUNK_SIZE_LIMIT_EXCEEDED");
const SIZE_LIMIT: (&str, &str) =
    ("spark.sql.session.localRelationSizeLimit", "LOCAL_RELATION_SIZE_LIMIT_EXCEEDED");

fn check_size(session: &Session, (key, condition): (&str, &str), bytes: u64) -> Result<()> {
    let limit = session.conf.read().effective(key);
    let limit = limit.and_then(|text| text.trim_end_matches('b').parse::<u64>().ok());
    match limit {
        Some(limit) if bytes > limit => Err(SparkError::new(
            ErrorKind::InvalidPlan,
            format!("CONNECT_INVALID_PLAN.{condition}"),
            format!(
                "The Spark Connect plan is invalid. Cached local relation size ({bytes} bytes) \
                 exceeds the limit ({limit} bytes)."
            ),
        )
        .with("actualSize", bytes.to_string())
        .with("limit", limit.to_string())),
        _ => Ok(()),
    }
}

fn unreadable(error: &std::io::Error) -> SparkError {
    SparkError::invalid_plan(format!("An uploaded blob cannot be read: {error}"))
}

/// A whole `LocalRelation` message that was uploaded before (older clients).
pub fn cached(session: &Session, message: &proto::CachedLocalRelation) -> Result<RelationNode> {
    use prost::Message;
    let found = session.artifacts.cached(&message.hash)?;
    let (mut file, size) = found.ok_or_else(|| {
        let hash = &message.hash;
        let text = format!("Cannot find a cached local relation for hash: {hash}");
        faults::invalid("CANNOT_FIND_CACHED_LOCAL_RELATION", text).with("hash", hash)
    })?;
    check_size(session, SIZE_LIMIT, size)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    let relation = proto::LocalRelation::decode(bytes.as_slice()).map_err(|error| {
        SparkError::invalid_plan(format!("A cached relation is broken: {error}"))
    })?;
    local_relation(&relation)
}

fn from_chunks(
    chunks: impl Iterator<Item = impl Read + Seek>,
    declared: Option<StructType>,
) -> Result<RelationNode> {
    let mut batches = Vec::new();
    let mut found = None;
    for chunk in chunks {
        let (schema, more) = ipc::read(chunk)?;
        found.get_or_insert(schema);
        batches.extend(more);
    }
    let schema = match (declared, found) {
        (Some(declared), _) => declared,
        (None, Some(found)) => schema_from_arrow(&found)?,
        (None, None) => {
            return Err(SparkError::new(
                ErrorKind::InvalidPlan,
                "CONNECT_INVALID_PLAN.SCHEMA_REQUIRED_FOR_LOCAL_RELATION",
                "The Spark Connect plan is invalid. Schema for LocalRelation is required when the \
                 input data is not provided.",
            ));
        }
    };
    let batches = batches.iter().map(|batch| conform(batch, &schema)).collect::<Result<_>>()?;
    Ok(RelationNode::Local(LocalRelation { schema: Some(schema), batches }))
}

fn wrong_column_type(column: &ArrayRef, field: &Field) -> SparkError {
    let name = format!("`{}`", field.name());
    let sql = |data_type: &DataType| match SparkType::from_arrow(data_type) {
        Ok(known) => format!("\"{}\"", known.sql()),
        Err(_) => format!("\"{data_type}\""),
    };
    let (own, wanted) = (sql(column.data_type()), sql(field.data_type()));
    SparkError::analysis(
        "INVALID_COLUMN_OR_FIELD_DATA_TYPE",
        format!("Column or field {name} is of type {own} while it's required to be {wanted}."),
    )
    .with("name", name)
    .with("type", own)
    .with("expectedType", wanted)
}

/// Where one column ends: the offsets of its texts have 32 bits.
const COLUMN_BYTES_MAX: u64 = i32::MAX as u64;

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
            false => {
                if ipc::written_out_bytes(column) > COLUMN_BYTES_MAX {
                    return Err(SparkError::invalid_plan(format!(
                        "Column {} of the local relation takes more than {COLUMN_BYTES_MAX} bytes.",
                        field.name()
                    )));
                }
                cast_with_options(column, field.data_type(), &options)
                    .map_err(|_| wrong_column_type(column, field))?
            }
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
