//! A set of files as a DataFusion table.
//!
//! ```text
//! FoundFile + partition values ──▶ FileTable ──scan──▶ partition pruning ──▶ splits ──▶ DataSourceExec
//! ```
//! Columns in files come first in DataFusion's view, partition columns after them; Spark keeps a
//! column that is both at its place in the file, so the table has an order of its own.

mod metadata;
pub mod row_source;
mod row_spec;
mod splits;
mod wire;

pub use metadata::{METADATA, metadata_field};
pub use row_spec::RowSpec;
pub use wire::operators;

use crate::listing::{FoundFile, partition};
use crate::request::ReadRequest;
use crate::source::parquet;
use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{
    Column, DFSchema, DataFusionError, Result as DfResult, ScalarValue, Statistics,
};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, FileSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::physical_plan::{ColumnarValue, ExecutionPlan};
use firesteel_common::types::{schema_from_arrow, schema_to_arrow};
use firesteel_common::{Result, SessionSettings, SparkError, StructType};
use object_store::ObjectMeta;
use object_store::path::Path as StorePath;
use row_source::{RowFileSource, RowFormat, compression_of};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What reads the files.
#[derive(Debug, Clone)]
pub enum FileFormat {
    Parquet { case_sensitive: bool },
    Rows { format: Arc<dyn RowFormat>, spec: RowSpec },
}

/// Files that share a schema.
#[derive(Debug)]
pub struct FileTable {
    format: FileFormat,
    /// As users see it.
    schema: SchemaRef,
    /// Position in `[file columns, partition columns]` of each column of `schema`.
    order: Vec<usize>,
    layout: TableSchema,
    files: Vec<PartitionedFile>,
    slots: usize,
    read: Option<Arc<Read>>,
}

/// What a table was asked for as, to list its files again.
#[derive(Debug)]
struct Read {
    request: ReadRequest,
    settings: SessionSettings,
    roots: Vec<PathBuf>,
}

impl FileTable {
    /// Every file of the table as a `file:` URI.
    pub fn uris(&self) -> impl Iterator<Item = String> {
        self.files.iter().map(|file| format!("file:///{}", file.object_meta.location))
    }

    /// `_metadata` comes after all other columns, unless one of them has that name.
    ///
    /// `data` are the columns in the files and `partitions` those in directory names, with
    /// `schema` naming each of them once in the users' order.
    ///
    /// # Errors
    /// When a path has no form that the object store knows.
    pub fn new(
        format: FileFormat,
        schema: &StructType,
        data: &StructType,
        partitions: &StructType,
        files: &[FoundFile],
        values: &[Vec<partition::Value>],
        slots: usize,
    ) -> Result<Self> {
        let has_metadata = schema.fields.iter().all(|field| field.name != METADATA);
        let (mut schema, mut partitions) = (schema.clone(), partitions.clone());
        if has_metadata {
            schema.fields.push(metadata_field());
            partitions.fields.push(metadata_field());
        }
        let arrow = schema_to_arrow(&schema);
        let columns: Vec<&str> =
            data.fields.iter().chain(&partitions.fields).map(|field| field.name.as_str()).collect();
        let order = schema
            .fields
            .iter()
            .map(|field| {
                columns.iter().position(|name| *name == field.name).ok_or_else(|| {
                    SparkError::internal(format!("column {} is in no file", field.name))
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let layout = TableSchema::builder(Arc::new(schema_to_arrow(data)))
            .with_table_partition_cols(schema_to_arrow(&partitions).fields().clone())
            .build();
        let files = files
            .iter()
            .enumerate()
            .map(|(index, file)| {
                let mut values = values.get(index).cloned().unwrap_or_default();
                if has_metadata {
                    values.push(metadata::metadata_value(file)?);
                }
                Ok(PartitionedFile::new_from_meta(object_meta(file)?).with_partition_values(values))
            })
            .collect::<Result<Vec<_>>>()?;
        Ok(Self { format, schema: Arc::new(arrow), order, layout, files, slots, read: None })
    }

    /// Remembers what the table was asked for as and what its paths came to.
    #[must_use]
    pub(crate) fn read_as(
        self,
        request: ReadRequest,
        settings: SessionSettings,
        roots: Vec<PathBuf>,
    ) -> Self {
        Self { read: Some(Arc::new(Read { request, settings, roots })), ..self }
    }

    /// The paths that the table was asked for as, absolute, globs expanded.
    pub fn roots(&self) -> &[PathBuf] {
        self.read.as_ref().map_or(&[], |read| &read.roots)
    }

    /// Whether one of the table's paths is `path` or lies under it.
    pub fn is_under(&self, path: &Path) -> bool {
        self.roots().iter().any(|root| root.starts_with(path))
    }

    /// What the table is, whichever files there are: tables of one identity read the same paths in the same way.
    pub fn identity(&self) -> String {
        match &self.read {
            Some(read) => {
                let Read { request, roots, .. } = read.as_ref();
                let (format, schema) = (&self.format, &self.schema);
                format!("{roots:?} {:?} {format:?} {schema:?}", request.options)
            }
            None => format!("{self:?}"),
        }
    }

    /// The same table over the files that are there now, if its columns are the same. Blocks.
    pub fn listed_anew(&self) -> Option<FileTable> {
        let read = self.read.as_ref()?;
        let schema = schema_from_arrow(&self.schema).ok()?;
        let fields = schema.fields.into_iter().filter(|field| field.name != METADATA);
        let schema = Some(StructType::new(fields.collect()));
        let request = ReadRequest { schema, ..read.request.clone() };
        let anew = crate::source::list(&request, &read.settings).ok()?;
        (anew.schema == self.schema && anew.order == self.order).then_some(anew)
    }

    /// Whether `filter` can be answered from directory names alone.
    fn is_partition_filter(&self, filter: &Expr) -> bool {
        let partitions = self.layout.table_partition_cols();
        let plain = !filter.is_volatile()
            && !filter
                .exists(|expr| {
                    Ok(matches!(
                        expr,
                        Expr::ScalarSubquery(_)
                            | Expr::InSubquery(_)
                            | Expr::Exists(_)
                            | Expr::OuterReferenceColumn(..)
                    ))
                })
                .unwrap_or(true);
        let columns = filter.column_refs();
        plain
            && !columns.is_empty()
            && columns
                .iter()
                .all(|column| partitions.iter().any(|field| *field.name() == column.name))
    }

    /// The files whose partition values pass all partition filters.
    fn prune(&self, state: &dyn Session, filters: &[Expr]) -> DfResult<Vec<PartitionedFile>> {
        let filters: Vec<&Expr> =
            filters.iter().filter(|filter| self.is_partition_filter(filter)).collect();
        if filters.is_empty() || self.files.is_empty() {
            return Ok(self.files.clone());
        }
        let schema = Arc::new(Schema::new(self.layout.table_partition_cols().clone()));
        let columns = (0..schema.fields().len())
            .map(|column| {
                ScalarValue::iter_to_array(
                    self.files.iter().map(|file| file.partition_values[column].clone()),
                )
            })
            .collect::<DfResult<Vec<_>>>()?;
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
        let df_schema = DFSchema::try_from(schema)?;
        let mut keep = vec![true; self.files.len()];
        for filter in filters {
            let bare = filter.clone().transform(|expr| {
                Ok(match expr {
                    Expr::Column(column) => {
                        Transformed::yes(Expr::Column(Column::new_unqualified(column.name)))
                    }
                    other => Transformed::no(other),
                })
            })?;
            let physical = state.create_physical_expr(bare.data, &df_schema)?;
            let answer = physical.evaluate(&batch)?;
            for (row, flag) in keep.iter_mut().enumerate() {
                *flag &= matches!(row_of(&answer, row)?, ScalarValue::Boolean(Some(true)));
            }
        }
        Ok(self
            .files
            .iter()
            .zip(keep)
            .filter(|(_, keep)| *keep)
            .map(|(file, _)| file.clone())
            .collect())
    }

    fn splittable(&self, file: &PartitionedFile) -> bool {
        match &self.format {
            FileFormat::Parquet { .. } => true,
            FileFormat::Rows { format, .. } => {
                format.splittable() && !compression_of(file.path().as_ref()).is_compressed()
            }
        }
    }
}

fn row_of(answer: &ColumnarValue, row: usize) -> DfResult<ScalarValue> {
    match answer {
        ColumnarValue::Array(array) => ScalarValue::try_from_array(array, row),
        ColumnarValue::Scalar(scalar) => Ok(scalar.clone()),
    }
}

/// The object store's word for a local file.
pub fn object_meta(file: &FoundFile) -> Result<ObjectMeta> {
    let location = StorePath::from_absolute_path(&file.path)
        .map_err(|error| SparkError::internal(format!("path {}: {error}", file.path.display())))?;
    Ok(ObjectMeta {
        location,
        last_modified: DateTime::<Utc>::from(file.modified),
        size: file.size,
        e_tag: None,
        version: None,
    })
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> DfResult<Vec<TableProviderFilterPushDown>> {
        Ok(filters
            .iter()
            .map(|filter| match (&self.format, self.is_partition_filter(filter)) {
                (_, true) => TableProviderFilterPushDown::Exact,
                (FileFormat::Parquet { .. }, _) => TableProviderFilterPushDown::Inexact,
                (FileFormat::Rows { .. }, _) => TableProviderFilterPushDown::Unsupported,
            })
            .collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> DfResult<Arc<dyn ExecutionPlan>> {
        let wanted: Vec<usize> = match projection {
            Some(columns) => columns.clone(),
            None => (0..self.order.len()).collect(),
        };
        let mut files = self.prune(state, filters)?;
        if files.is_empty() {
            return Ok(Arc::new(EmptyExec::new(Arc::new(self.schema.project(&wanted)?))));
        }
        let statistics = match &self.format {
            FileFormat::Parquet { case_sensitive } => {
                parquet::statistics(state, &mut files, &self.layout, *case_sensitive).await?
            }
            FileFormat::Rows { .. } => Statistics::new_unknown(self.layout.table_schema()),
        };
        let mut groups = splits::split(&files, self.slots, |file| self.splittable(file));
        let metadata = self.schema.fields().len().checked_sub(1);
        if metadata.is_some_and(|last| {
            wanted.contains(&last) && self.schema.field(last).name() == METADATA
        }) {
            for group in &mut groups {
                let mut files = std::mem::take(group).into_inner();
                for file in &mut files {
                    metadata::of_part(file)?;
                }
                *group = FileGroup::new(files);
            }
        }
        let url = ObjectStoreUrl::local_filesystem();
        let source: Arc<dyn FileSource> = match &self.format {
            FileFormat::Parquet { .. } => parquet::source(state, &self.layout)?,
            FileFormat::Rows { spec, .. } => {
                Arc::new(RowFileSource::try_new(spec.clone(), self.layout.clone())?)
            }
        };
        let mut builder = FileScanConfigBuilder::new(url, source)
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_limit(limit)
            // Rows come in order of partitions, as from Spark; without this, DataFusion hands
            // files to whichever partition is idle.
            .with_preserve_order(true)
            .with_projection_indices(Some(
                wanted.iter().map(|column| self.order[*column]).collect(),
            ))?;
        if let FileFormat::Parquet { case_sensitive } = &self.format {
            builder = builder.with_expr_adapter(Some(parquet::adapter(*case_sensitive)));
        }
        Ok(DataSourceExec::from_data_source(builder.build()))
    }
}

impl From<FileTable> for Arc<dyn TableProvider> {
    fn from(table: FileTable) -> Self {
        Arc::new(table)
    }
}

/// An error of this crate inside a DataFusion trait.
pub fn external(error: SparkError) -> DataFusionError {
    DataFusionError::from(error)
}
