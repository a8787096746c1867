//! `df.cache()` and checkpoints: the result of a plan, computed when it is first scanned and kept by
//! partition.

use crate::memory::{Block, RecomputeExec, StoragePlaces, StoredRowsExec};
use crate::runner::LocalRunner;
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::Result;
use datafusion::datasource::memory::{DataSourceExec, MemorySourceConfig};
use datafusion::logical_expr::{EmptyRelation, Expr, LogicalPlan, LogicalPlanBuilder, TableType};
use datafusion::physical_plan::ExecutionPlan;
use parking_lot::RwLock;
use std::fmt;
use std::sync::Arc;
use tokio::sync::Mutex;

/// A table that holds what `plan` gives, in the places that are allowed. Scans that come while it is
/// computed wait for it; a scan after a failure tries again. What fits nowhere is computed by each scan.
pub struct CachedTable {
    source: RwLock<Source>,
    schema: SchemaRef,
    runner: Arc<LocalRunner>,
    places: StoragePlaces,
}

/// A plan and its rows, once they are computed.
#[derive(Clone)]
struct Source {
    plan: LogicalPlan,
    blocks: Arc<Mutex<Option<Arc<Vec<Arc<Block>>>>>>,
}

impl From<LogicalPlan> for Source {
    fn from(plan: LogicalPlan) -> Self {
        Self { plan, blocks: Arc::default() }
    }
}

impl CachedTable {
    /// Nothing runs yet. Rows that do not fit into memory go to disk.
    pub fn new(plan: LogicalPlan, runner: Arc<LocalRunner>) -> Self {
        Self::with_places(plan, runner, StoragePlaces::MEMORY_AND_DISK)
    }

    /// Nothing runs yet.
    pub fn with_places(plan: LogicalPlan, runner: Arc<LocalRunner>, places: StoragePlaces) -> Self {
        let schema = Arc::new(plan.schema().as_arrow().clone());
        Self { source: RwLock::new(plan.into()), schema, runner, places }
    }

    /// What the table holds the rows of.
    pub fn plan(&self) -> LogicalPlan {
        self.source.read().plan.clone()
    }

    /// Forgets the rows: the next scan computes `plan`, which has the columns of the one before. Who scans now keeps
    /// what it has.
    pub fn renew(&self, plan: LogicalPlan) {
        *self.source.write() = plan.into();
    }

    fn source(&self) -> Source {
        self.source.read().clone()
    }

    /// Computes the table now unless that has happened.
    ///
    /// # Errors
    /// Whatever the plan fails with.
    pub async fn materialize(&self) -> firesteel_common::Result<()> {
        self.load(&self.source()).await?;
        Ok(())
    }

    /// As [`CachedTable::materialize`]; afterwards the table no longer holds the plan, nor what that reads, unless the
    /// rows fit nowhere and each scan computes them.
    ///
    /// # Errors
    /// Whatever the plan fails with.
    pub async fn materialize_for_good(&self) -> firesteel_common::Result<()> {
        let blocks = self.load(&self.source()).await?;
        if !blocks.iter().any(|block| block.is_forgotten()) {
            let mut source = self.source.write();
            let schema = Arc::clone(source.plan.schema());
            let nothing = EmptyRelation { produce_one_row: false, schema };
            source.plan = LogicalPlan::EmptyRelation(nothing);
        }
        Ok(())
    }

    /// Bytes held in memory; none while nothing has been computed.
    pub fn memory_bytes(&self) -> Option<usize> {
        let source = self.source();
        let blocks = source.blocks.try_lock().ok()?;
        Some(blocks.as_ref()?.iter().map(|block| block.sizes().0).sum())
    }

    /// Bytes held on disk; none while nothing has been computed.
    pub fn disk_bytes(&self) -> Option<u64> {
        let source = self.source();
        let blocks = source.blocks.try_lock().ok()?;
        Some(blocks.as_ref()?.iter().map(|block| block.sizes().1).sum())
    }

    async fn load(&self, source: &Source) -> Result<Arc<Vec<Arc<Block>>>> {
        let mut kept = source.blocks.lock().await;
        if let Some(blocks) = kept.as_ref() {
            return Ok(Arc::clone(blocks));
        }
        let plan = self.runner.physical_plan(&source.plan).await?;
        let mut blocks = Vec::new();
        for rows in self.runner.run_partitions(&plan) {
            let block = self.runner.blocks().fill(rows, self.places, &blocks).await?;
            let is_forgotten = block.is_forgotten();
            blocks.push(block);
            if is_forgotten {
                // A part is of no use: whoever scans needs all of it.
                blocks.iter().for_each(|block| block.forget());
                break;
            }
        }
        let blocks = Arc::new(blocks);
        *kept = Some(Arc::clone(&blocks));
        Ok(blocks)
    }

    /// The plan again, for a table that is not kept, or no longer.
    async fn recompute(
        &self,
        plan: LogicalPlan,
        projection: Option<&Vec<usize>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = match projection {
            None => plan,
            Some(columns) => {
                let columns = columns.iter().map(|position| {
                    let column = plan.schema().qualified_field(*position);
                    Expr::Column(column.into())
                });
                let columns = columns.collect::<Vec<_>>();
                LogicalPlanBuilder::from(plan).project(columns)?.build()?
            }
        };
        let plan = self.runner.physical_plan(&plan).await?;
        Ok(Arc::new(RecomputeExec::new(plan)))
    }
}

impl fmt::Debug for CachedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CachedTable({:?})", self.places)
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
        let source = self.source();
        let blocks = self.load(&source).await?;
        if blocks.iter().any(|block| block.is_forgotten()) {
            return self.recompute(source.plan, projection).await;
        }
        let schema = Arc::clone(&self.schema);
        let in_memory: Option<Vec<_>> = blocks.iter().map(|block| block.in_memory()).collect();
        match in_memory {
            // DataFusion's own source knows statistics of the columns. It shows no sizes, which tells `explain`
            // that these rows are kept.
            Some(rows) => {
                let source = MemorySourceConfig::try_new(&rows, schema, projection.cloned())?;
                Ok(DataSourceExec::from_data_source(source.with_show_sizes(false)))
            }
            None => StoredRowsExec::scan(blocks.to_vec(), &schema, projection),
        }
    }
}
