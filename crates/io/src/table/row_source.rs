//! DataFusion's `FileSource` for formats that are rows of text, and how a format reads one split.

use super::row_spec::RowSpec;
use arrow::record_batch::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result as DfResult};
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileOpenFuture, FileOpener, FileScanConfig, FileSource,
};
use datafusion::datasource::projection::{ProjectionOpener, SplitProjection};
use datafusion::datasource::table_schema::TableSchema;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::projection::ProjectionExprs;
use datafusion::physical_plan::metrics::ExecutionPlanMetricsSet;
use firesteel_common::{ErrorKind, Result, SparkError};
use futures::StreamExt;
use object_store::{GetOptions, GetResultPayload, ObjectStore};
use std::fmt::Debug;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Batches of one split.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// A text format: knows its options and the columns of its files.
pub trait RowFormat: Debug + Send + Sync {
    fn name(&self) -> &'static str;

    /// Whether a file may be cut anywhere, each split finding its first record by itself.
    fn splittable(&self) -> bool;

    /// Reads the columns at these positions of the file's schema.
    ///
    /// # Errors
    /// Of the file system, and malformed records in `FAILFAST` mode.
    fn read(&self, split: Split, columns: &[usize], batch_rows: usize) -> Result<Batches>;
}

/// Decompressed bytes of a part of a file.
pub struct Split {
    /// As users see it, for error messages.
    pub path: String,
    /// Starts at `start`.
    pub bytes: Box<dyn Read + Send>,
    pub start: u64,
    /// Records that begin after this offset belong to the next split; none: the whole file.
    pub end: Option<u64>,
}

/// The codec that a file name's ending tells.
pub fn compression_of(path: &str) -> FileCompressionType {
    match path.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("gz" | "gzip") => FileCompressionType::GZIP,
        Some("bz2") => FileCompressionType::BZIP2,
        Some("xz") => FileCompressionType::XZ,
        Some("zst" | "zstd") => FileCompressionType::ZSTD,
        _ => FileCompressionType::UNCOMPRESSED,
    }
}

/// Reads a whole local file, decompressed.
///
/// # Errors
/// `FAILED_READ_FILE`.
pub fn open_local(path: &std::path::Path) -> Result<Split> {
    let shown = crate::listing::show_path(path);
    let file =
        std::fs::File::open(path).map_err(|error| failed_read(&shown, &error.to_string()))?;
    let bytes = compression_of(&shown).convert_read(file)?;
    Ok(Split { path: shown, bytes, start: 0, end: None })
}

/// `FAILED_READ_FILE`.
pub fn failed_read(path: &str, cause: &str) -> SparkError {
    SparkError::new(
        ErrorKind::Execution,
        "FAILED_READ_FILE.NO_HINT",
        format!("Encountered error while reading file {path}. {cause}"),
    )
    .with("path", path)
}

#[derive(Clone)]
pub struct RowFileSource {
    format: Arc<dyn RowFormat>,
    spec: RowSpec,
    layout: TableSchema,
    projection: SplitProjection,
    batch_rows: usize,
    metrics: ExecutionPlanMetricsSet,
}

impl RowFileSource {
    /// # Errors
    /// As [`RowSpec::format`].
    pub fn try_new(spec: RowSpec, layout: TableSchema) -> Result<Self> {
        Ok(Self {
            format: spec.format()?,
            spec,
            projection: SplitProjection::unprojected(&layout),
            layout,
            batch_rows: 8192,
            metrics: ExecutionPlanMetricsSet::new(),
        })
    }

    /// What the source is made from.
    pub fn spec(&self) -> &RowSpec {
        &self.spec
    }
}

impl FileSource for RowFileSource {
    fn create_file_opener(
        &self,
        object_store: Arc<dyn ObjectStore>,
        _base_config: &FileScanConfig,
        _partition: usize,
    ) -> DfResult<Arc<dyn FileOpener>> {
        let opener = Arc::new(RowOpener {
            format: Arc::clone(&self.format),
            columns: self.projection.file_indices.clone(),
            batch_rows: self.batch_rows,
            object_store,
        });
        ProjectionOpener::try_new(self.projection.clone(), opener, self.layout.file_schema())
    }

    fn table_schema(&self) -> &TableSchema {
        &self.layout
    }

    fn with_batch_size(&self, batch_size: usize) -> Arc<dyn FileSource> {
        Arc::new(Self { batch_rows: batch_size, ..self.clone() })
    }

    fn projection(&self) -> Option<&ProjectionExprs> {
        Some(&self.projection.source)
    }

    fn try_pushdown_projection(
        &self,
        projection: &ProjectionExprs,
    ) -> DfResult<Option<Arc<dyn FileSource>>> {
        let merged = self.projection.source.try_merge(projection)?;
        let projection = SplitProjection::new(self.layout.file_schema(), &merged);
        Ok(Some(Arc::new(Self { projection, ..self.clone() })))
    }

    fn metrics(&self) -> &ExecutionPlanMetricsSet {
        &self.metrics
    }

    fn file_type(&self) -> &str {
        self.format.name()
    }

    /// The table has cut its files already, as Spark does.
    fn supports_repartitioning(&self) -> bool {
        false
    }

    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> DfResult<TreeNodeRecursion>,
    ) -> DfResult<TreeNodeRecursion> {
        datafusion::physical_plan::apply_expression_roots(self.projection.source.iter(), f)
    }
}

struct RowOpener {
    format: Arc<dyn RowFormat>,
    columns: Vec<usize>,
    batch_rows: usize,
    object_store: Arc<dyn ObjectStore>,
}

impl FileOpener for RowOpener {
    fn open(&self, file: PartitionedFile) -> DfResult<FileOpenFuture> {
        let format = Arc::clone(&self.format);
        let columns = self.columns.clone();
        let batch_rows = self.batch_rows;
        let store = Arc::clone(&self.object_store);
        Ok(Box::pin(async move {
            let split = open_split(store.as_ref(), &file).await?;
            let path = split.path.clone();
            let batches =
                format.read(split, &columns, batch_rows).map_err(|error| in_file(&path, error))?;
            let batches =
                batches.map(move |batch| batch.map_err(|error| in_file(&path, error).into()));
            Ok(futures::stream::iter(batches).boxed())
        }))
    }
}

/// As Spark, tells the file of a malformed record, and only inside that what is wrong with it.
fn in_file(path: &str, error: SparkError) -> SparkError {
    if error.condition().starts_with("MALFORMED_") {
        failed_read(path, error.raw_message())
    } else {
        error
    }
}

async fn open_split(store: &dyn ObjectStore, file: &PartitionedFile) -> DfResult<Split> {
    let location = &file.object_meta.location;
    let shown = format!("file:///{location}");
    let range = file
        .range
        .as_ref()
        .map(|range| (range.start.max(0) as u64, range.end.max(0) as u64))
        .filter(|(start, end)| *start > 0 || *end < file.object_meta.size);
    let start = range.map_or(0, |(start, _)| start);
    let io = |error: std::io::Error| DataFusionError::from(failed_read(&shown, &error.to_string()));
    let result = store.get_opts(location, GetOptions::default()).await;
    let result = result.map_err(|error| failed_read(&shown, &error.to_string()))?;
    let bytes: Box<dyn Read + Send> = match result.payload {
        GetResultPayload::File(mut local, _) => {
            if start > 0 {
                local.seek(SeekFrom::Start(start)).map_err(io)?;
            }
            Box::new(local)
        }
        GetResultPayload::Stream(mut stream) => {
            let mut all = Vec::new();
            while let Some(chunk) = stream.next().await {
                all.extend_from_slice(&chunk?);
            }
            let mut cursor = Cursor::new(all);
            cursor.seek(SeekFrom::Start(start)).map_err(io)?;
            Box::new(cursor)
        }
    };
    let bytes = compression_of(location.as_ref()).convert_read(bytes)?;
    Ok(Split { path: shown, bytes, start, end: range.map(|(_, end)| end) })
}
