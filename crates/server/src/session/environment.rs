//! The world as the resolver sees it: this session's views, tables, sources and settings.

use super::{Kept, Session, substitute};
use crate::catalog::ViewNesting;
use crate::planning::visible_plan;
use crate::{catalog, command};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::python::{
    AnalyzeCall, Analyzed, DataSourceInstance, PythonDataSource, PythonSettings,
};
use firesteel_common::{PlanRunner, Result, SessionSettings, SparkError, SparkType, StructType};
use firesteel_engine::python::{
    WORKER_MODULE, Worker, analyze_table_function, create_data_source, worker_key,
};
use firesteel_engine::{CachedTable, LocalRunner};
use firesteel_io as io;
use firesteel_plan::resolve::{Environment, KeptRows, Resolved, Table};
use firesteel_plan::spec;
use futures::TryStreamExt;
use parking_lot::Mutex;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::runtime::Handle;

/// The environment of one query. Lives on a thread that may block.
pub struct QueryEnvironment {
    session: Arc<Session>,
    settings: SessionSettings,
    query_start_micros: i64,
    runner: Arc<LocalRunner>,
    runtime: Handle,
    python: OnceLock<Arc<PythonSettings>>,
    pub(crate) views: ViewNesting,
    /// Full names of tables and views, in the order in which they were asked for.
    names: Mutex<Vec<spec::Name>>,
}

impl QueryEnvironment {
    /// Takes a snapshot of the session's settings. Must be called on a thread of the runtime.
    ///
    /// # Errors
    /// When the engine cannot start.
    pub fn new(session: &Arc<Session>) -> Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Ok(Self {
            settings: session.settings(),
            query_start_micros: i64::try_from(now.as_micros()).unwrap_or(i64::MAX),
            runner: session.engine().runner()?,
            runtime: Handle::current(),
            session: Arc::clone(session),
            python: OnceLock::new(),
            views: ViewNesting::default(),
            names: Mutex::default(),
        })
    }

    pub fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Full names of what was looked up by name: tables and views, and functions and variables of the session.
    pub fn names(&self) -> Vec<spec::Name> {
        self.names.lock().clone()
    }

    /// Waits for what only async code can do.
    pub fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// A table of files.
    ///
    /// # Errors
    /// `PATH_NOT_FOUND` and its kin.
    pub fn open(&self, request: &io::ReadRequest) -> Result<io::OpenTable> {
        self.wait(io::open(request, &self.settings, self.runner.session_state()))
    }
}

impl Environment for QueryEnvironment {
    fn settings(&self) -> &SessionSettings {
        &self.settings
    }

    fn query_start_micros(&self) -> i64 {
        self.query_start_micros
    }

    fn substituted(&self, text: &str) -> String {
        substitute(text, &self.session.conf.read())
    }

    fn table(&self, name: &spec::Name, options: &spec::Options) -> Result<Option<Table>> {
        self.names.lock().push(self.session.full_table_name(name));
        catalog::find_table(self, name, options)
    }

    fn data_source(&self, source: &spec::DataSource) -> Result<Table> {
        if !source.predicates.is_empty() {
            return Err(SparkError::unsupported("reading over JDBC"));
        }
        let default = || self.session.conf.read().effective("spark.sql.sources.default");
        let request = io::ReadRequest {
            format: source.format.clone().or_else(default),
            schema: source.schema.clone(),
            options: io::Options::new(source.options.clone()),
            paths: source.paths.clone(),
        };
        let table = self.open(&request)?;
        Ok(Table::Provider {
            provider: table.provider,
            schema: table.schema,
            qualifier: Vec::new(),
        })
    }

    fn infer_from_strings(
        &self,
        format: &str,
        options: &spec::Options,
        lines: Vec<RecordBatch>,
    ) -> Result<StructType> {
        let options = io::Options::new(options.clone());
        let mut texts = Vec::new();
        for batch in &lines {
            let Some(column) = batch.columns().first() else {
                continue;
            };
            let column = arrow::compute::cast(column, &DataType::Utf8)?;
            let strings = column.as_string::<i32>();
            texts.extend(
                (0..strings.len())
                    .filter(|row| strings.is_valid(*row))
                    .map(|row| strings.value(row).to_owned()),
            );
        }
        command::infer_schema(format, &options, &texts, &self.settings)
    }

    fn cached_remote(&self, relation_id: &str) -> Result<Table> {
        let kept = self.session.cached_remote(relation_id)?;
        let provider: Arc<dyn TableProvider> = kept.table;
        Ok(Table::Provider { provider, schema: kept.schema, qualifier: Vec::new() })
    }

    fn graph(&self, call: &spec::GraphCall) -> Result<Table> {
        crate::graph::rounds_table(&self.session, call)
    }

    fn persisted(&self, relation: &spec::Relation) -> Option<KeptRows> {
        let persisted = self.session.persisted.read();
        let kept = persisted.find(relation)?;
        self.names.lock().extend(kept.names.iter().cloned());
        Some(kept.rows.clone())
    }

    fn persisted_as(&self, resolved: &Resolved) -> Result<Option<Arc<dyn TableProvider>>> {
        let has_columns = |kept: &Kept| {
            let (kept, found) = (&kept.rows.scope.columns, &resolved.scope.columns);
            let mut pairs = kept.iter().zip(found);
            kept.len() == found.len()
                && pairs.all(|(kept, found)| kept.field.data_type == found.field.data_type)
        };
        let candidate = |size: Option<usize>| {
            let persisted = self.session.persisted.read();
            let is_of_size = |kept: &Kept| size.is_none_or(|size| kept.size == size);
            persisted.iter().any(|kept| has_columns(kept) && is_of_size(kept))
        };
        // What costs little comes first: this is asked of every relation of a query.
        if !candidate(None) {
            return Ok(None);
        }
        let plan = visible_plan(resolved)?;
        if is_kept(&plan)? || !candidate(Some(self.session.plan_size(&plan)?)) {
            return Ok(None);
        }
        let canonical = self.session.canonical(&plan)?;
        let persisted = self.session.persisted.read();
        Ok(persisted.find_same(&canonical).map(|kept| Arc::clone(&kept.table) as _))
    }

    fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>> {
        self.wait(async { Ok(self.runner.run(plan).await?.try_collect().await?) })
    }

    fn catalog(&self, call: &spec::CatalogCall) -> Result<(StructType, Vec<RecordBatch>)> {
        let answer = catalog::answer(self, call)?;
        let batch = answer.batch()?;
        Ok((answer.schema, vec![batch]))
    }

    fn is_repeated(&self, call: &spec::CatalogCall, plan_id: i64) -> bool {
        // Calls are kept until their relation's number comes with another one: as many as there were.
        let mut created = self.session.created.lock();
        match created.insert(plan_id, call.clone()) {
            Some(before) => before == *call,
            None => false,
        }
    }

    fn variable(&self, name: &spec::Name) -> Option<(SparkType, ScalarValue)> {
        self.names.lock().push(vec!["variable".to_owned(), name.join(".")]);
        let name = super::variable_name(name)?;
        let variables = self.session.variables.read();
        let found = variables.get(&name)?;
        Some((found.data_type.clone(), found.value.clone()))
    }

    fn registered_function(&self, name: &str) -> Option<spec::PythonFunction> {
        let found = self.session.functions.read().get(&name.to_lowercase()).cloned()?;
        self.names.lock().push(vec!["function".to_owned(), name.to_lowercase()]);
        Some(found)
    }

    fn registered_table_function(&self, name: &str) -> Option<spec::PythonTableFunction> {
        let found = self.session.table_functions.read().get(&name.to_lowercase()).cloned()?;
        self.names.lock().push(vec!["function".to_owned(), name.to_lowercase()]);
        Some(found)
    }

    fn analyze_table_function(&self, call: &AnalyzeCall) -> Result<Analyzed> {
        analyze_table_function(&*self.python()?, call)
    }

    fn registered_data_source(&self, name: &str) -> Option<PythonDataSource> {
        self.session.data_sources.read().get(&name.to_lowercase()).cloned()
    }

    fn create_data_source(
        &self,
        source: &PythonDataSource,
        schema: Option<&str>,
        options: &[(String, String)],
    ) -> Result<DataSourceInstance> {
        create_data_source(&*self.python()?, source, schema, options)
    }

    fn pushes_filters_to_python(&self) -> bool {
        let value = self.session.conf.read().effective("spark.sql.python.filterPushdown.enabled");
        value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    fn python(&self) -> Result<Arc<PythonSettings>> {
        // One snapshot for all functions of the query.
        if let Some(settings) = self.python.get() {
            return Ok(Arc::clone(settings));
        }
        let settings = Arc::new(self.session.python_settings()?);
        let key = worker_key(&settings, WORKER_MODULE);
        // The daemon starts while the query is planned.
        self.runtime.spawn_blocking(move || Worker::prepare(&key));
        Ok(Arc::clone(self.python.get_or_init(|| settings)))
    }
}

/// Whether a plan only names the columns of kept rows.
fn is_kept(plan: &LogicalPlan) -> Result<bool> {
    match plan {
        LogicalPlan::Projection(projection) => is_kept(&projection.input),
        LogicalPlan::TableScan(scan) => {
            Ok(source_as_provider(&scan.source)?.downcast_ref::<CachedTable>().is_some())
        }
        _ => Ok(false),
    }
}
