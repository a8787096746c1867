//! Footers, from the session's cache, and the schema to read a file by.

use super::unreadable;
use crate::table::external;
use arrow::datatypes::SchemaRef;
use datafusion::common::Result as DfResult;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::parquet::arrow::{ARROW_SCHEMA_META_KEY, parquet_to_arrow_schema};
use datafusion::parquet::file::metadata::ParquetMetaData;
use object_store::{ObjectMeta, ObjectStore};
use std::sync::Arc;

/// The footer of a file, which the scan finds in the cache again.
///
/// # Errors
/// `FAILED_READ_FILE`.
pub(super) async fn footer(
    store: &dyn ObjectStore,
    cache: Arc<FileMetadataCache>,
    file: &ObjectMeta,
) -> DfResult<Arc<ParquetMetaData>> {
    DFParquetMetadata::new(store, file)
        .with_file_metadata_cache(Some(cache))
        .fetch_metadata()
        .await
        .map_err(|error| external(unreadable(&format!("file:/{}", file.location), &error)))
}

/// The schema of Parquet's own types, where the writer left an Arrow schema that the reader would follow:
/// Spark does not know that one, and columns would be read as its types (string views, dictionaries) only to be
/// cast to the table's.
pub(super) fn own_schema(metadata: &ParquetMetaData) -> Option<SchemaRef> {
    let file = metadata.file_metadata();
    let entries = file.key_value_metadata()?;
    if !entries.iter().any(|entry| entry.key == ARROW_SCHEMA_META_KEY) {
        return None;
    }
    parquet_to_arrow_schema(file.schema_descr(), None).ok().map(Arc::new)
}
