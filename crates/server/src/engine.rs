//! What all sessions share: the runner, the configuration at start, the catalog of tables, temporary
//! directories.

use crate::catalog::Databases;
use crate::limits::Limits;
use crate::memory_limit::{memory_limit, spill_bytes_max, spill_codec};
use crate::session::Sessions;
use crate::temp_dir::{self, TempDir};
use crate::wire;
use firesteel_common::Result;
use firesteel_engine::{EngineConfig, LocalRunner};
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::OnceLock;
use tokio::runtime::{Handle, Runtime};

/// Threads of the process. Calls have their own, so that no query, whatever its operators do, keeps
/// an interrupt or a status from being answered.
pub struct Runtimes {
    pub calls: Runtime,
    pub queries: Runtime,
}

/// The running engine.
pub struct Engine {
    queries: Handle,
    /// Configuration at start: the defaults of every session.
    conf: BTreeMap<String, String>,
    slots: usize,
    temp_dir: TempDir,
    limits: Arc<Limits>,
    /// Started with the first query: the functions and rules of a DataFusion session take
    /// milliseconds that the start of the process should not pay.
    runner: OnceLock<Result<Arc<LocalRunner>>>,
    databases: RwLock<Databases>,
    sessions: Sessions,
}

impl Engine {
    /// # Errors
    /// When the temporary directory cannot be made.
    pub fn start(conf: Vec<(String, String)>, queries: Handle) -> std::io::Result<Arc<Engine>> {
        let mut conf: BTreeMap<_, _> = conf.into_iter().collect();
        let master = conf.entry("spark.master".to_owned()).or_insert_with(|| "local[*]".to_owned());
        let slots = slots_of(master);
        conf.entry("spark.app.name".to_owned()).or_insert_with(|| "firesteel".to_owned());
        let warehouse = match conf.get("spark.sql.warehouse.dir") {
            Some(directory) => directory.clone(),
            None => format!("file:{}", std::env::current_dir()?.join("spark-warehouse").display()),
        };
        conf.insert("spark.sql.warehouse.dir".to_owned(), warehouse.clone());
        // There is no JVM whose stack could be shown; an empty one under each message helps nobody.
        conf.entry("spark.sql.connect.serverStacktrace.enabled".to_owned())
            .or_insert_with(|| "false".to_owned());
        // Spark takes several, to spread over disks; the first will do.
        let local = conf.get("spark.local.dir").and_then(|list| list.split(',').next());
        let parent = local
            .map(str::trim)
            .filter(|directory| !directory.is_empty())
            .map_or_else(std::env::temp_dir, PathBuf::from);
        let temp_dir = TempDir::create(&parent)?;
        let limits = Limits::new(&conf).map_err(std::io::Error::other)?;
        // Not waited for: it may be much, and is not ours.
        std::thread::Builder::new()
            .name("remove-dead".into())
            .spawn(move || temp_dir::remove_dead(&parent))?;
        Ok(Arc::new(Engine {
            queries,
            conf,
            slots,
            temp_dir,
            limits: Arc::new(limits),
            runner: OnceLock::new(),
            databases: RwLock::new(Databases::new(warehouse)),
            sessions: Sessions::default(),
        }))
    }

    /// The runner of plans.
    ///
    /// # Errors
    /// When the spill directory cannot be used.
    pub fn runner(&self) -> Result<Arc<LocalRunner>> {
        let start = || {
            let config = EngineConfig {
                slots: self.slots,
                memory_bytes: Some(memory_limit(&self.conf)?),
                spill_codec: spill_codec(&self.conf)?,
                spill_bytes_max: spill_bytes_max(&self.conf)?,
                temp_dir: Some(self.temp_dir.path().to_owned()),
                options: self.datafusion_options(),
                travel: wire::travelling(&self.conf)?,
            };
            LocalRunner::new(&config)
        };
        self.runner.get_or_init(start).clone()
    }

    /// What was set of DataFusion's own options at start.
    fn datafusion_options(&self) -> Vec<(String, String)> {
        let of_datafusion = self.conf.iter().filter(|(key, _)| key.starts_with("datafusion."));
        of_datafusion.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Where queries run.
    pub fn queries(&self) -> &Handle {
        &self.queries
    }

    pub fn conf(&self) -> &BTreeMap<String, String> {
        &self.conf
    }

    /// Number of task slots (`local[N]`).
    pub fn slots(&self) -> usize {
        self.slots
    }

    /// How often a task may be tried whose worker dies: `F` of `local[N, F]`, one by default.
    pub fn attempts_max(&self) -> u32 {
        attempts_of(self.conf.get("spark.master").map_or("", String::as_str))
    }

    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    pub fn databases(&self) -> &RwLock<Databases> {
        &self.databases
    }

    /// Directory that vanishes with the engine.
    pub fn temp_dir(&self) -> &Path {
        self.temp_dir.path()
    }

    /// How long and how much is kept for clients.
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// Deletes what the engine kept on disk for itself.
    pub fn clean_up(&self) {
        self.temp_dir.remove();
    }
}

/// `local[n, f]` fails with the f-th failure of one task, as Spark's local mode does.
fn attempts_of(master: &str) -> u32 {
    let inside = master.strip_prefix("local[").and_then(|rest| rest.strip_suffix(']'));
    let failures = inside.and_then(|inside| inside.split(',').nth(1));
    failures.and_then(|failures| failures.trim().parse().ok()).unwrap_or(1).max(1)
}

/// `local` is one slot, `local[n]` and `local[n, retries]` are n, `local[*]` is one per core.
fn slots_of(master: &str) -> usize {
    let cores = || std::thread::available_parallelism().map_or(1, usize::from);
    let inside = master.strip_prefix("local[").and_then(|rest| rest.strip_suffix(']'));
    match inside.and_then(|inside| inside.split(',').next()).map(str::trim) {
        Some("*") => cores(),
        Some(number) => number.parse().unwrap_or_else(|_| cores()).max(1),
        None if master == "local" => 1,
        None => cores(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_of_masters() {
        assert_eq!(slots_of("local"), 1);
        assert_eq!(slots_of("local[3]"), 3);
        assert_eq!(slots_of("local[4, 2]"), 4);
        assert_eq!(attempts_of("local[4, 2]"), 2);
        assert_eq!(attempts_of("local[4]"), 1);
        assert!(slots_of("local[*]") >= 1);
    }
}
