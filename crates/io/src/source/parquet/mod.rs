//! Parquet: DataFusion's `ParquetSource` under Spark's schema.

mod adapter;
pub mod existence;
mod footer;
pub mod schema;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::Session;
use datafusion::common::config::TableParquetOptions;
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, Result as DfResult, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::parquet::metadata::DFParquetMetadata;
use datafusion::datasource::physical_plan::{FileSource, ParquetSource};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::cache::cache_manager::FileMetadataCache;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::physical_expr_adapter::PhysicalExprAdapterFactory;
use firesteel_common::SparkError;
use futures::{StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStore};
use std::sync::{Arc, LazyLock};

/// Above this many files, reading every footer costs more than good estimates save.
const STATISTICS_FILES_MAX: usize = 512;

/// The scan's source: footers come from the session's cache, INT96 timestamps are instants.
pub fn source(state: &dyn Session, layout: &TableSchema) -> DfResult<Arc<dyn FileSource>> {
    let mut options = TableParquetOptions {
        global: state.config_options().execution.parquet.clone(),
        ..TableParquetOptions::default()
    };
    options.global.coerce_int96 = Some("us".to_owned());
    options.global.coerce_int96_tz = Some("UTC".to_owned());
    let runtime = state.runtime_env();
    let store = runtime.object_store(ObjectStoreUrl::local_filesystem())?;
    let cache = runtime.cache_manager.get_file_metadata_cache();
    let source = ParquetSource::new(layout.clone())
        .with_table_parquet_options(options)
        .with_parquet_file_reader_factory(Arc::new(CachedParquetFileReaderFactory::new(
            store, cache,
        )));
    Ok(Arc::new(source))
}

/// Matches a file's columns to the table's by name and converts types.
pub fn adapter(case_sensitive: bool) -> Arc<dyn PhysicalExprAdapterFactory> {
    Arc::clone(&ADAPTERS[usize::from(case_sensitive)])
}

/// How `adapter` compares names; none if it is not ours.
pub fn adapter_is_case_sensitive(adapter: &Arc<dyn PhysicalExprAdapterFactory>) -> Option<bool> {
    ADAPTERS.iter().position(|own| Arc::ptr_eq(own, adapter)).map(|position| position == 1)
}

/// All there are, so that one in a plan is recognised: not case-sensitive, then case-sensitive.
static ADAPTERS: LazyLock<[Arc<dyn PhysicalExprAdapterFactory>; 2]> = LazyLock::new(|| {
    let new = |case_sensitive| Arc::new(adapter::SparkAdapterFactory { case_sensitive });
    [new(false), new(true)]
});

/// Statistics of all files together; and in each file the schema to read it by, where that is another than
/// the reader would choose.
///
/// Row counts are exact, and that a column has no nulls; what else is known of columns is an estimate, because Spark
/// orders NaN and truncated strings otherwise than Parquet's statistics do.
pub async fn statistics(
    state: &dyn Session,
    files: &mut [PartitionedFile],
    layout: &TableSchema,
    case_sensitive: bool,
) -> DfResult<Statistics> {
    let schema = layout.table_schema();
    if files.len() > STATISTICS_FILES_MAX || case_sensitive {
        return Ok(Statistics::new_unknown(schema));
    }
    let runtime = state.runtime_env();
    let store = runtime.object_store(ObjectStoreUrl::local_filesystem())?;
    let cache = runtime.cache_manager.get_file_metadata_cache();
    let mut reads = Vec::with_capacity(files.len());
    for file in files.iter() {
        reads.push(of_file(
            Arc::clone(&store),
            Arc::clone(&cache),
            file.object_meta.clone(),
            Arc::clone(layout.file_schema()),
        ));
    }
    let read: Vec<_> = futures::stream::iter(reads).buffered(8).try_collect().await?;
    let mut per_file = Vec::with_capacity(read.len());
    for (file, (found, own_schema)) in files.iter_mut().zip(read) {
        file.arrow_schema = own_schema;
        per_file.push(found);
    }
    let mut merged = Statistics::try_merge_iter(&per_file, layout.file_schema())?;
    merged.column_statistics = merged.column_statistics.into_iter().map(estimated).collect();
    merged.column_statistics.resize(schema.fields().len(), ColumnStatistics::new_unknown());
    merged.total_byte_size = merged.total_byte_size.to_inexact();
    Ok(merged)
}

/// What is known of a column, as an estimate; except that it has no nulls, which footers count.
fn estimated(column: ColumnStatistics) -> ColumnStatistics {
    let no_nulls =
        column.null_count == Precision::Exact(0) && column.min_value != Precision::Absent;
    let mut estimated = column.to_inexact();
    if no_nulls {
        estimated.null_count = Precision::Exact(0);
    }
    estimated
}

async fn of_file(
    store: Arc<dyn ObjectStore>,
    cache: Arc<FileMetadataCache>,
    file: ObjectMeta,
    schema: SchemaRef,
) -> DfResult<(Statistics, Option<SchemaRef>)> {
    let metadata = footer::footer(store.as_ref(), cache, &file).await?;
    let found = DFParquetMetadata::statistics_from_parquet_metadata(&metadata, &schema);
    let found = match found {
        Ok(found) => checked(found, &schema),
        Err(_) => Statistics::new_unknown(&schema),
    };
    Ok((found, footer::own_schema(&metadata)))
}

/// Forgets bounds of another type than the table's: the file stores the column differently.
fn checked(mut found: Statistics, schema: &SchemaRef) -> Statistics {
    for (column, field) in found.column_statistics.iter_mut().zip(schema.fields()) {
        let fits = |bound: &Precision<datafusion::common::ScalarValue>| {
            bound.get_value().is_none_or(|value| value.data_type() == *field.data_type())
        };
        if !fits(&column.min_value) || !fits(&column.max_value) {
            *column = ColumnStatistics::new_unknown();
        }
    }
    found
}

/// An error of the Parquet library while it reads `path`.
pub(crate) fn unreadable(path: &str, error: &dyn std::fmt::Display) -> SparkError {
    crate::table::row_source::failed_read(path, &error.to_string())
}
