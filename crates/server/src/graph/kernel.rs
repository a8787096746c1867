//! Tables that kernels fill: analysis needs their schema alone, the first scan reads the graph and runs the algorithm.

use super::cache::{GraphCache, KeptResult};
use super::input::{self, Relations};
use crate::planning::blocking;
use crate::work::Work;
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{MemTable, Session, TableProvider};
use datafusion::common::{Column, TableReference};
use datafusion::datasource::provider_as_source;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::logical_expr::{
    Expr, LogicalPlan, LogicalPlanBuilder, TableScanBuilder, TableType,
};
use datafusion::physical_plan::ExecutionPlan;
use firesteel_common::frame::TableTransform;
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Frame, Result, SparkError, TableHost, TransformHandle};
use firesteel_engine::{CachedTable, LocalRunner};
use firesteel_graph::algorithm::{Algorithm, WALKS};
use firesteel_graph::kernel::Watch;
use std::fmt;
use std::sync::Arc;

const NAME: &str = "graph";

/// A relation of the vertices' and the edges' relation. Equal keys promise equal results.
pub fn kernel_table(
    key: Arc<str>,
    algorithm: Arc<dyn Algorithm>,
    cache: Arc<GraphCache>,
    runner: Arc<LocalRunner>,
) -> TransformHandle {
    TransformHandle(Arc::new(KernelTable { key, algorithm, cache, runner }))
}

struct KernelTable {
    key: Arc<str>,
    algorithm: Arc<dyn Algorithm>,
    cache: Arc<GraphCache>,
    runner: Arc<LocalRunner>,
}

impl fmt::Debug for KernelTable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:?}", self.algorithm)
    }
}

impl TableTransform for KernelTable {
    fn key(&self) -> &str {
        &self.key
    }

    fn apply(&self, inputs: Vec<Frame>, host: &mut dyn TableHost) -> Result<Frame> {
        let case_sensitive = host.settings().case_sensitive;
        let kept = match self.cache.get(&self.key) {
            Some(kept) => kept,
            None => self.cache.keep(&self.key, self.table(inputs)?),
        };
        let table = TableReference::bare(NAME);
        let scan = TableScanBuilder::new(table.clone(), provider_as_source(kept.table)).build()?;
        let columns = scan.projected_schema.fields().iter().zip(kept.schema.fields);
        let columns = columns.map(|(own, shown)| {
            (Expr::Column(Column::new(Some(table.clone()), own.name())), shown)
        });
        let columns = columns.collect();
        let plan = LogicalPlan::TableScan(scan);
        Frame { plan, columns: Vec::new(), case_sensitive }.select(columns)
    }
}

impl KernelTable {
    fn table(&self, inputs: Vec<Frame>) -> Result<KeptResult> {
        let mut inputs = inputs.into_iter();
        let (Some(vertices), Some(edges)) = (inputs.next(), inputs.next()) else {
            return Err(SparkError::internal("a graph is two relations"));
        };
        let walks = inputs.next();
        let output = self.algorithm.output(&vertices.schema(), &edges.schema())?;
        let reads = self.algorithm.reads();
        let chosen = |frame: Frame, names: Vec<&str>| {
            let columns = names.into_iter().map(|name| {
                let column = frame.column(name)?;
                Ok((column.expr(), column.field.clone()))
            });
            let columns = columns.collect::<Result<Vec<_>>>()?;
            Ok::<_, SparkError>(frame.select(columns)?.plan)
        };
        let of_vertices = std::iter::once("id").chain(reads.vertex_column.as_deref());
        let of_edges = ["src", "dst"].into_iter().chain(reads.weight.as_deref());
        let relations = Relations {
            vertices: chosen(vertices, of_vertices.collect())?,
            edges: chosen(edges, of_edges.collect())?,
            walks: walks.map(|walks| chosen(walks, vec![WALKS])).transpose()?,
        };
        let table = LazyTable {
            schema: Arc::new(schema_to_arrow(&output.schema)),
            relations,
            algorithm: Arc::clone(&self.algorithm),
            runner: Arc::clone(&self.runner),
            rows: tokio::sync::Mutex::default(),
        };
        Ok(KeptResult { table: Arc::new(table), schema: output.schema })
    }
}

/// Scans that come while it is computed wait for it; a scan after a failure tries again.
struct LazyTable {
    schema: SchemaRef,
    relations: Relations,
    algorithm: Arc<dyn Algorithm>,
    runner: Arc<LocalRunner>,
    rows: tokio::sync::Mutex<Option<Arc<CachedTable>>>,
}

impl fmt::Debug for LazyTable {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "LazyTable({:?})", self.algorithm)
    }
}

impl LazyTable {
    async fn rows(&self) -> Result<Arc<CachedTable>> {
        let mut rows = self.rows.lock().await;
        if let Some(rows) = rows.as_ref() {
            return Ok(Arc::clone(rows));
        }
        let context = self.runner.task_context();
        let memory = MemoryConsumer::new("a graph in memory").register(context.memory_pool());
        let memory = Arc::new(memory);
        let reads = self.algorithm.reads();
        let input = input::read(&self.relations, &reads, &self.runner, &memory).await?;
        let (algorithm, schema) = (Arc::clone(&self.algorithm), Arc::clone(&self.schema));
        let n_threads = self.runner.slots();
        let partitions = blocking(move || {
            let watch = SessionWatch::new(n_threads);
            let columns = algorithm.run(&input, &watch)?;
            input::as_partitions(&schema, &columns, n_threads)
        })
        .await?;
        let table = Arc::new(MemTable::try_new(Arc::clone(&self.schema), partitions)?);
        let plan = LogicalPlanBuilder::scan(NAME, provider_as_source(table), None)?.build()?;
        let table = Arc::new(CachedTable::new(plan, Arc::clone(&self.runner)));
        table.materialize_for_good().await?;
        *rows = Some(Arc::clone(&table));
        Ok(table)
    }
}

#[async_trait]
impl TableProvider for LazyTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> datafusion::common::Result<Arc<dyn ExecutionPlan>> {
        self.rows().await?.scan(state, projection, filters, limit).await
    }
}

/// A kernel that runs for an operation of the session.
struct SessionWatch {
    n_threads: usize,
    work: Work,
}

impl SessionWatch {
    /// Must be called inside of [`blocking`].
    fn new(n_threads: usize) -> Self {
        Self { n_threads, work: Work::current() }
    }
}

impl Watch for SessionWatch {
    fn n_threads(&self) -> usize {
        self.n_threads
    }

    fn check(&self) -> Result<()> {
        self.work.check()
    }

    fn progress(&self, done: usize, total: usize) {
        tracing::debug!(target: "firesteel::graph", done, total);
        self.work.progress(done, total);
    }
}
