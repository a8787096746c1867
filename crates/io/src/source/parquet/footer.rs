//! Footers, from the session's cache, without what Arrow left in them.

use super::unreadable;
use crate::table::external;
use datafusion::common::Result as DfResult;
use datafusion::datasource::physical_plan::parquet::CachedParquetMetaData;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::execution::cache::cache_manager::{CachedFileMetadataEntry, FileMetadataCache};
use datafusion::parquet::arrow::ARROW_SCHEMA_META_KEY;
use datafusion::parquet::file::metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataBuilder};
use object_store::{ObjectMeta, ObjectStore};
use std::sync::Arc;

/// The footer of a file, which the scan finds in the cache again.
///
/// A writer's Arrow schema is dropped from it: Spark does not know it, and by it columns would be read
/// as one Arrow type (string views, dictionaries) only to be cast to the table's.
///
/// # Errors
/// `FAILED_READ_FILE`.
pub(super) async fn footer(
    store: &dyn ObjectStore,
    cache: Arc<FileMetadataCache>,
    file: &ObjectMeta,
) -> DfResult<Arc<ParquetMetaData>> {
    let reader =
        DFParquetMetadata::new(store, file).with_file_metadata_cache(Some(Arc::clone(&cache)));
    let metadata = reader
        .fetch_metadata()
        .await
        .map_err(|error| external(unreadable(&format!("file:/{}", file.location), &error)))?;
    let Some(plain) = without_arrow_schema(&metadata) else {
        return Ok(metadata);
    };
    let plain = Arc::new(plain);
    let entry = Arc::new(CachedParquetMetaData::new(Arc::clone(&plain)));
    cache.put(&file.location, CachedFileMetadataEntry::new(file.clone(), entry));
    Ok(plain)
}

/// None when there is no Arrow schema in it.
fn without_arrow_schema(metadata: &ParquetMetaData) -> Option<ParquetMetaData> {
    let file = metadata.file_metadata();
    let entries = file.key_value_metadata()?;
    if !entries.iter().any(|entry| entry.key == ARROW_SCHEMA_META_KEY) {
        return None;
    }
    let kept = entries.iter().filter(|entry| entry.key != ARROW_SCHEMA_META_KEY).cloned().collect();
    let file = FileMetaData::new(
        file.version(),
        file.num_rows(),
        file.created_by().map(str::to_owned),
        Some(kept),
        file.schema_descr_ptr(),
        file.column_orders().cloned(),
    );
    let builder = ParquetMetaDataBuilder::new(file)
        .set_row_groups(metadata.row_groups().to_vec())
        .set_column_index(metadata.column_index().cloned())
        .set_offset_index(metadata.offset_index().cloned());
    Some(builder.build())
}
