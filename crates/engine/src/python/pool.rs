//! Warm workers, by what they were started with.
//!
//! One pool serves the process, as the process has one set of processors; an executor of a cluster has
//! its own. A worker is either with a task or idle here. Idle ones end after a minute, daemons without
//! workers after ten.

use super::daemon::{Daemon, DaemonKey};
use super::graves;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io::ErrorKind as IoKind;
use std::io::Read;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::{Duration, Instant};

/// Spark's own time.
const IDLE_WORKER_MAX: Duration = Duration::from_secs(60);
const IDLE_DAEMON_MAX: Duration = Duration::from_secs(600);
const REAP_INTERVAL: Duration = Duration::from_secs(5);
/// Path lengths that a socket's address can hold, with the daemon's own name of 42 letters.
const DIRECTORY_BYTES_MAX: usize = 60;

/// What a worker is told apart by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WorkerKey {
    pub daemon: DaemonKey,
    /// Whose files it may have imported; empty: nobody's.
    pub isolation: String,
}

/// A worker that waits for a task, or has one. Dropped without [`Worker::retire`] or [`Worker::keep`], it
/// is killed: nobody knows what it is doing.
#[derive(Debug)]
pub struct Worker {
    /// None only while it is being given away.
    stream: Option<UnixStream>,
    pid: i32,
    key: WorkerKey,
    daemon: Arc<Daemon>,
    is_done: bool,
    /// It went back to the pool.
    is_idle: bool,
}

struct Idle {
    stream: UnixStream,
    pid: i32,
    daemon: Arc<Daemon>,
    since: Instant,
}

impl Idle {
    fn end(&self, key: &WorkerKey) {
        // Without its daemon it ends with its connection.
        if !self.daemon.has_ended() {
            self.daemon.kill(self.pid);
        }
        graves::bury(key, self.pid);
    }
}

#[derive(Default)]
struct Pool {
    idle: HashMap<WorkerKey, Vec<Idle>>,
    daemons: HashMap<DaemonKey, (Arc<Daemon>, Instant)>,
}

impl Pool {
    /// Ends the idle workers that are chosen.
    fn end_idle(&mut self, is_chosen: impl Fn(&WorkerKey, &Idle) -> bool) {
        for (key, workers) in &mut self.idle {
            workers.retain(|idle| {
                let ends = is_chosen(key, idle);
                if ends {
                    idle.end(key);
                }
                !ends
            });
        }
        self.idle.retain(|_, workers| !workers.is_empty());
    }
}

static POOL: LazyLock<Mutex<Pool>> = LazyLock::new(|| {
    let reaper = std::thread::Builder::new().name("python-reaper".into());
    // Without it workers wait until the engine ends.
    if let Err(error) = reaper.spawn(reap) {
        tracing::warn!("idle Python workers will not be ended: {error}");
    }
    Mutex::default()
});

/// One start of a daemon at a time: tasks that begin together want one daemon.
static STARTING: Mutex<()> = Mutex::new(());

static SOCKETS: OnceLock<PathBuf> = OnceLock::new();

/// Puts sockets under `directory`, which must be this user's own and is deleted by whoever made it. The
/// first call counts.
pub fn use_directory(directory: PathBuf) {
    if directory.as_os_str().len() <= DIRECTORY_BYTES_MAX {
        let _ = SOCKETS.set(directory);
    }
}

/// Where sockets lie, which is this user's own.
pub(super) fn sockets() -> Result<PathBuf> {
    if let Some(directory) = SOCKETS.get() {
        return Ok(directory.clone());
    }
    let directory = PathBuf::from(format!("/tmp/firesteel-py-{}", std::process::id()));
    let made = std::fs::DirBuilder::new().mode(0o700).recursive(true).create(&directory);
    made.map_err(|error| {
        let text = format!("No directory for the sockets of Python workers: {error}");
        SparkError::new(ErrorKind::Execution, "", text)
    })?;
    Ok(SOCKETS.get_or_init(|| directory).clone())
}

impl Worker {
    /// A warm worker, or a new one. Blocks: up to a second where a daemon must start.
    ///
    /// # Errors
    /// When Python cannot be started.
    pub fn take(key: &WorkerKey) -> Result<Worker> {
        let warm = || POOL.lock().idle.get_mut(key).and_then(Vec::pop);
        while let Some(idle) = warm() {
            let Idle { stream, pid, daemon, .. } = idle;
            let (key, stream) = (key.clone(), Some(stream));
            let mut worker = Worker { stream, pid, key, daemon, is_done: false, is_idle: false };
            if worker.waits() {
                return Ok(worker);
            }
            worker.is_done = true;
        }
        let mut daemon = daemon(&key.daemon)?;
        let mut forked = daemon.fork();
        if forked.is_err() {
            // It was killed, perhaps for want of memory: another one may fare better.
            forget(&key.daemon, &daemon);
            daemon = self::daemon(&key.daemon)?;
            forked = daemon.fork();
        }
        let forked = forked.map_err(|error| {
            let text = format!("Cannot start a Python worker: {error}");
            SparkError::new(ErrorKind::Execution, "", text)
        })?;
        let (pid, stream) = (forked.pid, Some(forked.stream));
        Ok(Worker { stream, pid, key: key.clone(), daemon, is_done: false, is_idle: false })
    }

    /// Starts the daemon that workers of `key` come from, so that the first task need not wait for it.
    pub fn prepare(key: &WorkerKey) {
        // Whoever needs a worker meets the error again.
        let _ = daemon(&key.daemon);
    }

    /// Whether an idle worker is still there: one that has ended reads as end of file.
    fn waits(&mut self) -> bool {
        let Some(stream) = &mut self.stream else { return false };
        let mut none = [0; 1];
        let look = stream.set_nonblocking(true).and_then(|()| stream.read(&mut none));
        matches!(look, Err(error) if error.kind() == IoKind::WouldBlock)
            && stream.set_nonblocking(false).is_ok()
    }

    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// The connection, while a task has the worker.
    pub fn take_stream(&mut self) -> Option<UnixStream> {
        self.stream.take()
    }

    /// The worker has ended, or will when its connection closes.
    pub fn retire(mut self) {
        self.is_done = true;
    }

    /// The worker has said that it takes another task.
    pub fn keep(mut self, stream: UnixStream) {
        self.is_done = true;
        if self.daemon.has_ended() || !self.key.daemon.reuses_workers() {
            return;
        }
        self.is_idle = true;
        let idle =
            Idle { stream, pid: self.pid, daemon: Arc::clone(&self.daemon), since: Instant::now() };
        POOL.lock().idle.entry(self.key.clone()).or_default().push(idle);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if !self.is_done {
            self.daemon.kill(self.pid);
        }
        if !self.is_idle {
            graves::bury(&self.key, self.pid);
        }
    }
}

/// Ends the idle workers of one owner of files: they may hold old versions of modules.
pub fn forget_isolation(isolation: &str) {
    POOL.lock().end_idle(|key, _| key.isolation == isolation);
}

fn daemon(key: &DaemonKey) -> Result<Arc<Daemon>> {
    let known = || {
        let mut pool = POOL.lock();
        let (daemon, used) = pool.daemons.get_mut(key)?;
        *used = Instant::now();
        (!daemon.has_ended()).then(|| Arc::clone(daemon))
    };
    if let Some(daemon) = known() {
        return Ok(daemon);
    }
    let _one = STARTING.lock();
    if let Some(daemon) = known() {
        return Ok(daemon);
    }
    let daemon = Arc::new(Daemon::start(key, &sockets()?)?);
    POOL.lock().daemons.insert(key.clone(), (Arc::clone(&daemon), Instant::now()));
    Ok(daemon)
}

fn forget(key: &DaemonKey, dead: &Arc<Daemon>) {
    let mut pool = POOL.lock();
    if pool.daemons.get(key).is_some_and(|(daemon, _)| Arc::ptr_eq(daemon, dead)) {
        pool.daemons.remove(key);
    }
    pool.end_idle(|worker, idle| worker.daemon == *key && Arc::ptr_eq(&idle.daemon, dead));
}

fn reap() {
    loop {
        std::thread::sleep(REAP_INTERVAL);
        graves::clear();
        let mut pool = POOL.lock();
        pool.end_idle(|_, idle| idle.since.elapsed() >= IDLE_WORKER_MAX || idle.daemon.has_ended());
        for (daemon, used) in pool.daemons.values_mut() {
            // Whoever has a worker has the daemon too.
            if Arc::strong_count(daemon) > 1 {
                *used = Instant::now();
            }
        }
        pool.daemons
            .retain(|_, (daemon, used)| used.elapsed() < IDLE_DAEMON_MAX && !daemon.has_ended());
    }
}
