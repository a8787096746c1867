//! What the resolver needs from outside: tables, sources, registered functions, eager results.
//!
//! The methods block. The resolver runs on a thread of its own with a large stack, because plans
//! are hundreds of levels deep; it is never called on a thread of the async runtime.

use super::{KeptRows, Resolved};
use crate::spec;
use arrow::record_batch::RecordBatch;
use datafusion::catalog::TableProvider;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::python::{
    AnalyzeCall, Analyzed, DataSourceInstance, PythonDataSource, PythonSettings,
};
use firesteel_common::{Result, SessionSettings, SparkError, SparkType, StructType};
use std::sync::Arc;

/// What a table name stands for.
#[derive(Debug, Clone)]
pub enum Table {
    /// A temporary or persistent view: its resolved plan, to be given fresh internal names.
    View { resolved: Arc<Resolved>, qualifier: Vec<String> },
    /// A table of a catalog or a source: Spark schema and provider with the same columns in order.
    Provider { provider: Arc<dyn TableProvider>, schema: StructType, qualifier: Vec<String> },
}

/// The world as one session sees it.
pub trait Environment: Send + Sync {
    /// Snapshot of the session's semantic settings.
    fn settings(&self) -> &SessionSettings;

    /// Microseconds since the epoch at which this query began.
    fn query_start_micros(&self) -> i64;

    /// SQL text with the values of settings in the place of `${key}`.
    fn substituted(&self, text: &str) -> String {
        text.to_owned()
    }

    /// The table or view called `name`; none if there is none.
    ///
    /// # Errors
    /// When the catalog cannot be asked.
    fn table(&self, name: &spec::Name, options: &spec::Options) -> Result<Option<Table>>;

    /// A source by format and paths. The schema is inferred where the user gave none.
    ///
    /// # Errors
    /// `DATA_SOURCE_NOT_FOUND`, `PATH_NOT_FOUND`, `UNABLE_TO_INFER_SCHEMA`, …
    fn data_source(&self, source: &spec::DataSource) -> Result<Table>;

    /// A source of rows that are in a column of strings (`spark.read.json(df)`): the inferred schema.
    ///
    /// # Errors
    /// As [`Environment::data_source`].
    fn infer_from_strings(
        &self,
        format: &str,
        options: &spec::Options,
        lines: Vec<RecordBatch>,
    ) -> Result<StructType>;

    /// The plan kept under `relation_id` by `checkpoint`.
    ///
    /// # Errors
    /// When there is none.
    fn cached_remote(&self, relation_id: &str) -> Result<Table>;

    /// The rows of a method of a graph that takes rounds ([`crate::graph::in_rounds`]); equal calls give the same.
    ///
    /// # Errors
    /// As the method.
    fn graph(&self, _call: &spec::GraphCall) -> Result<Table> {
        Err(SparkError::unsupported("GraphFrames without a session"))
    }

    /// The rows of exactly this relation (`df.cache()`), if they are kept and it still means the same.
    fn persisted(&self, relation: &spec::Relation) -> Option<KeptRows>;

    /// The kept rows of any relation that means the same, in the order of its visible columns.
    ///
    /// # Errors
    /// When the plan cannot be compared, which does not happen.
    fn persisted_as(&self, _resolved: &Resolved) -> Result<Option<Arc<dyn TableProvider>>> {
        Ok(None)
    }

    /// Runs a plan now: pivot values, quantiles and other results that shape a schema.
    ///
    /// # Errors
    /// Whatever the query fails with.
    fn collect(&self, plan: LogicalPlan) -> Result<Vec<RecordBatch>>;

    /// Answers a catalog call with rows (and acts, where the call says so).
    ///
    /// # Errors
    /// `SCHEMA_NOT_FOUND`, `TABLE_OR_VIEW_NOT_FOUND`, …
    fn catalog(&self, call: &spec::CatalogCall) -> Result<(StructType, Vec<RecordBatch>)>;

    /// Whether the client has sent this call before, as part of the relation `plan_id`: it goes on with
    /// `spark.catalog.createTable` as with any DataFrame, but the table must be made once.
    fn is_repeated(&self, _call: &spec::CatalogCall, _plan_id: i64) -> bool {
        false
    }

    /// The session variable called so; its name may be qualified. None if there is none.
    fn variable(&self, _name: &spec::Name) -> Option<(SparkType, ScalarValue)> {
        None
    }

    /// A Python function registered with `spark.udf.register`, without arguments.
    fn registered_function(&self, name: &str) -> Option<spec::PythonFunction>;

    /// A table function registered with `spark.udtf.register`, without arguments.
    fn registered_table_function(&self, _name: &str) -> Option<spec::PythonTableFunction> {
        None
    }

    /// Asks a Python table function for what it gives.
    ///
    /// # Errors
    /// `TABLE_VALUED_FUNCTION_FAILED_TO_ANALYZE_IN_PYTHON`.
    fn analyze_table_function(&self, call: &AnalyzeCall) -> Result<Analyzed>;

    /// A data source registered with `spark.dataSource.register`.
    fn registered_data_source(&self, _name: &str) -> Option<PythonDataSource> {
        None
    }

    /// Makes an instance of a data source; `schema` is the user's, as JSON.
    ///
    /// # Errors
    /// `PYTHON_DATA_SOURCE_ERROR`.
    fn create_data_source(
        &self,
        source: &PythonDataSource,
        schema: Option<&str>,
        options: &[(String, String)],
    ) -> Result<DataSourceInstance>;

    /// Whether data sources in Python are offered filters: `spark.sql.python.filterPushdown.enabled`.
    fn pushes_filters_to_python(&self) -> bool {
        false
    }

    /// What the session's configuration and files mean for Python workers.
    ///
    /// # Errors
    /// When a value of the configuration is none, or the files cannot be laid out for workers.
    fn python(&self) -> Result<Arc<PythonSettings>>;
}
