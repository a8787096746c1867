//! A session: configuration, views, artifacts, cached relations, running operations.

mod artifacts;
mod environment;
mod persisted;
mod python;
mod recache;
mod registry;
mod substitution;
mod variables;
mod views;
mod worker_files;

pub use artifacts::{Artifacts, Staged, check_name};
pub use environment::QueryEnvironment;
pub use persisted::{Kept, Persisted, StorageLevel};
pub use recache::{files_changed, names_changed, tables_gone};
pub use registry::{SessionKey, Sessions, invalid_handle};
pub use substitution::substitute;
pub use variables::{Variable, Variables, variable_name};
pub use views::{TempView, ViewRegistry};

use crate::canonical::{canonical, size};
use crate::connect::{ErrorLog, Operations};
use crate::engine::Engine;
use crate::graph::GraphCache;
use crate::ml::MlCache;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SessionConf, SessionSettings, SparkError, StructType};
use firesteel_engine::CachedTable;
use firesteel_plan::spec;
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// A result that `checkpoint` keeps on the server under an id.
#[derive(Clone)]
pub struct CachedRemote {
    pub table: Arc<CachedTable>,
    pub schema: StructType,
}

/// One session of one user.
pub struct Session {
    pub key: SessionKey,
    /// Told to the client with every answer: another one means that the state was lost.
    pub server_side_id: String,
    engine: Arc<Engine>,
    last_used: Mutex<Instant>,
    pub conf: RwLock<SessionConf>,
    pub views: RwLock<ViewRegistry>,
    pub variables: RwLock<Variables>,
    pub current: RwLock<CurrentNamespace>,
    pub artifacts: Artifacts,
    pub persisted: RwLock<Persisted>,
    pub cached_remote: RwLock<HashMap<String, CachedRemote>>,
    pub functions: RwLock<HashMap<String, spec::PythonFunction>>,
    /// Python table functions under their names in lower case.
    pub table_functions: RwLock<HashMap<String, spec::PythonTableFunction>>,
    /// Data sources in Python under their names in lower case.
    pub data_sources: RwLock<HashMap<String, firesteel_common::python::PythonDataSource>>,
    /// Tables that `spark.catalog.createTable` made, by the number of the relation.
    pub created: Mutex<HashMap<i64, spec::CatalogCall>>,
    /// Results of graph methods.
    pub graphs: Arc<GraphCache>,
    /// Models and summaries.
    pub ml: MlCache,
    pub operations: Operations,
    pub errors: Mutex<ErrorLog>,
}

/// What unqualified names are completed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentNamespace {
    pub catalog: String,
    pub database: String,
}

impl Session {
    pub fn new(key: SessionKey, engine: Arc<Engine>) -> Arc<Session> {
        let conf = SessionConf::new(engine.conf().clone());
        let server_side_id = uuid::Uuid::new_v4().to_string();
        let artifacts = engine.temp_dir().join("artifacts").join(&server_side_id);
        Arc::new(Session {
            key,
            server_side_id,
            engine,
            last_used: Mutex::new(Instant::now()),
            conf: RwLock::new(conf),
            views: RwLock::default(),
            variables: RwLock::default(),
            current: RwLock::new(CurrentNamespace {
                catalog: crate::catalog::CATALOG.to_owned(),
                database: crate::catalog::DEFAULT_DATABASE.to_owned(),
            }),
            artifacts: Artifacts::new(artifacts),
            persisted: RwLock::default(),
            cached_remote: RwLock::default(),
            functions: RwLock::default(),
            table_functions: RwLock::default(),
            data_sources: RwLock::default(),
            created: Mutex::default(),
            graphs: Arc::default(),
            ml: MlCache::default(),
            operations: Operations::default(),
            errors: Mutex::default(),
        })
    }

    /// A session with the same configuration, views and functions under another id. As in Spark, variables stay here.
    ///
    /// # Errors
    /// When the artifacts cannot be shared.
    pub fn clone_as(&self, key: SessionKey) -> Result<Arc<Session>> {
        let clone = Session::new(key, Arc::clone(&self.engine));
        *clone.conf.write() = self.conf.read().clone();
        *clone.views.write() = self.views.read().clone();
        *clone.current.write() = self.current.read().clone();
        *clone.functions.write() = self.functions.read().clone();
        *clone.table_functions.write() = self.table_functions.read().clone();
        *clone.data_sources.write() = self.data_sources.read().clone();
        *clone.cached_remote.write() = self.cached_remote.read().clone();
        clone.artifacts.copy_from(&self.artifacts)?;
        Ok(clone)
    }

    /// Notes that the client has just asked for something.
    pub fn touch(&self) {
        *self.last_used.lock() = Instant::now();
    }

    /// When the client last asked for anything.
    pub fn last_used(&self) -> Instant {
        *self.last_used.lock()
    }

    /// Snapshot of the settings that a query is planned with.
    pub fn settings(&self) -> SessionSettings {
        let CurrentNamespace { catalog, database } = self.current.read().clone();
        let settings = self.conf.read().snapshot(self.engine.slots(), &self.key.user);
        SessionSettings { catalog, database, ..settings }
    }

    /// A table's name with its catalog and database, in lower case; temporary views have none.
    pub fn full_table_name(&self, name: &spec::Name) -> spec::Name {
        if let [view] = name.as_slice()
            && self.views.read().get(view).is_some()
        {
            return vec![view.to_lowercase()];
        }
        match crate::catalog::TableName::new(name, &self.current.read()) {
            Ok(full) => full.parts(),
            Err(_) => name.clone(),
        }
    }

    /// What a resolved plan means, the same for plans that differ in words only.
    ///
    /// # Errors
    /// As [`canonical`].
    pub fn canonical(&self, plan: &LogicalPlan) -> Result<String> {
        let persisted = self.persisted.read();
        canonical(plan, &|provider| persisted.canonical_of(provider.downcast_ref()?))
    }

    /// How much [`Session::canonical`] would tell.
    ///
    /// # Errors
    /// When the plan cannot be walked, which does not happen.
    pub fn plan_size(&self, plan: &LogicalPlan) -> Result<usize> {
        let persisted = self.persisted.read();
        size(plan, &|provider| persisted.size_of(provider.downcast_ref()?))
    }

    /// The zone in which the client sees timestamps.
    pub fn time_zone(&self) -> String {
        let zone = self.conf.read().effective("spark.sql.session.timeZone");
        zone.unwrap_or_else(|| "UTC".to_owned())
    }

    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Stops what runs and forgets what is kept.
    pub fn close(&self) {
        self.operations.interrupt(|_| true);
        self.persisted.write().clear();
        self.cached_remote.write().clear();
        self.graphs.clear();
        self.ml.clear(self);
        self.artifacts.clear();
    }

    /// The result kept by `checkpoint`.
    ///
    /// # Errors
    /// When it was dropped or never existed.
    pub fn cached_remote(&self, relation_id: &str) -> Result<CachedRemote> {
        self.cached_remote.read().get(relation_id).cloned().ok_or_else(|| {
            SparkError::new(
                ErrorKind::InvalidPlan,
                "CONNECT_INVALID_PLAN.DATAFRAME_NOT_FOUND",
                format!("No DataFrame with id {relation_id} is found in the session."),
            )
            .with("dfId", relation_id)
        })
    }
}
