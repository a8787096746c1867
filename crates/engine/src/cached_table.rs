//! `df.cache()`: the result of a plan, computed when it is first scanned and kept by partition.

use crate::runner::LocalRunner;
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::logical_expr::{Expr, LogicalPlan, TableType};
use datafusion::physical_plan::ExecutionPlan;
use futures::TryStreamExt;
use std::fmt;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A table that holds what `plan` gives. Scans that come while it is computed wait for it; a scan
/// after a failure tries again.
pub struct CachedTable {
    plan: LogicalPlan,
    schema: SchemaRef,
    runner: Arc<LocalRunner>,
    partitions: OnceCell<Vec<Vec<RecordBatch>>>,
}

impl CachedTable {
    /// Nothing runs yet.
    pub fn new(plan: LogicalPlan, runner: Arc<LocalRunner>) -> Self {
        let schema = Arc::new(plan.schema().as_arrow().clone());
        Self { plan, schema, runner, partitions: OnceCell::new() }
    }

    /// Computes the table now unless that has happened.
    ///
    /// # Errors
    /// Whatever the plan fails with.
    pub async fn materialize(&self) -> firesteel_common::Result<()> {
        self.load().await?;
        Ok(())
    }

    /// Bytes held; none while nothing has been computed.
    pub fn memory_bytes(&self) -> Option<usize> {
        let partitions = self.partitions.get()?;
        Some(partitions.iter().flatten().map(RecordBatch::get_array_memory_size).sum())
    }

    async fn load(&self) -> Result<&Vec<Vec<RecordBatch>>> {
        self.partitions
            .get_or_try_init(|| async {
                let plan = self.runner.physical_plan(&self.plan).await?;
                let mut partitions = Vec::new();
                for stream in self.runner.run_partitions(&plan) {
                    partitions.push(stream.try_collect::<Vec<_>>().await?);
                }
                Ok::<_, DataFusionError>(partitions)
            })
            .await
    }
}

impl fmt::Debug for CachedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CachedTable(loaded: {})", self.partitions.initialized())
    }
}

#[async_trait]
impl TableProvider for CachedTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let partitions = self.load().await?;
        let schema = Arc::clone(&self.schema);
        Ok(MemorySourceConfig::try_new_exec(partitions, schema, projection.cloned())?)
    }
}
