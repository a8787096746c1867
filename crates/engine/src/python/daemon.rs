//! A `pyspark.daemon` process: it forks a worker for each connection.
//!
//! It ends when its standard input does: when this is dropped, and when the engine is gone, however it
//! went. If it is killed, its workers finish their tasks and end with their connections. What workers print goes to the
//! engine's standard error.

use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use parking_lot::Mutex;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// What a daemon is started with; its workers differ in nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DaemonKey {
    /// The interpreter.
    pub executable: String,
    /// What its workers run: `pyspark.worker`, or one of `pyspark.sql.worker`.
    pub module: &'static str,
    pub environment: Vec<(String, String)>,
    /// Working directory; empty: the engine's.
    pub directory: String,
}

impl DaemonKey {
    /// The variable that tells a daemon to let workers take another task; empty: each has one.
    pub const REUSE: &str = "SPARK_REUSE_WORKER";

    /// Whether its workers take more than one task.
    pub fn reuses_workers(&self) -> bool {
        self.environment.iter().any(|(name, value)| name == Self::REUSE && !value.is_empty())
    }
}

/// Runs `pyspark.daemon`.
const DAEMON: &str = include_str!("daemon.py");

/// A running daemon.
#[derive(Debug)]
pub struct Daemon {
    socket: PathBuf,
    /// Takes process ids of workers to kill.
    input: Mutex<ChildStdin>,
    has_ended: Arc<AtomicBool>,
    /// The process group of its workers, which is its own id.
    group: u32,
}

/// A new worker: its connection and process id.
#[derive(Debug)]
pub struct Forked {
    pub stream: UnixStream,
    pub pid: i32,
}

impl Daemon {
    /// Starts one whose socket lies in `sockets`, which must be readable by this user only. Blocks until
    /// the interpreter has started.
    ///
    /// # Errors
    /// When the interpreter is not found, or does not answer as a daemon.
    pub fn start(key: &DaemonKey, sockets: &Path) -> Result<Self> {
        let mut command = Command::new(&key.executable);
        command.args(["-c", DAEMON, key.module]);
        command.envs(key.environment.iter().map(|(name, value)| (name, value)));
        command
            .env("PYTHON_UNIX_DOMAIN_ENABLED", "true")
            .env("PYTHON_WORKER_FACTORY_SOCK_DIR", sockets)
            .env("PYTHONUNBUFFERED", "YES");
        if !key.directory.is_empty() {
            command.current_dir(&key.directory);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let cannot = |error: &dyn std::fmt::Display| {
            let text = format!(
                "Cannot run Python workers with \"{}\": {error}. Set spark.pyspark.python, or the \
                 environment variable PYSPARK_PYTHON, to a Python that has the package pyspark-client.",
                key.executable
            );
            SparkError::new(ErrorKind::Execution, "", text)
        };
        let mut child = command.spawn().map_err(|error| cannot(&error))?;
        let (Some(input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(SparkError::internal("a daemon without pipes"));
        };
        match read_path(&mut output) {
            Ok(socket) => {
                let has_ended = Arc::new(AtomicBool::new(false));
                let ended = Arc::clone(&has_ended);
                let group = child.id();
                let daemon = thread::Builder::new().name("python-daemon".into());
                daemon.spawn(move || await_end(child, &ended)).map_err(|error| cannot(&error))?;
                let printed = thread::Builder::new().name("python-output".into());
                printed.spawn(move || pass_on(output)).map_err(|error| cannot(&error))?;
                Ok(Self { socket, input: Mutex::new(input), has_ended, group })
            }
            Err(error) => {
                let _ = child.kill();
                let end = child.wait().map(|status| status.to_string());
                Err(cannot(&format!("{error} ({})", end.unwrap_or_default())))
            }
        }
    }

    /// Forks a worker. Blocks for some milliseconds.
    ///
    /// # Errors
    /// When the daemon is gone, or the system has no process left.
    pub fn fork(&self) -> io::Result<Forked> {
        let mut stream = UnixStream::connect(&self.socket)?;
        let mut pid = [0; 4];
        stream.read_exact(&mut pid)?;
        Ok(Forked { stream, pid: i32::from_be_bytes(pid) })
    }

    /// Whether it is gone, killed or not.
    pub fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Relaxed)
    }

    /// Kills a worker that does not end by itself.
    pub fn kill(&self, pid: i32) {
        let mut input = self.input.lock();
        let said = input.write_all(&pid.to_be_bytes()).and_then(|()| input.flush());
        if said.is_err() || self.has_ended() {
            kill_orphan(pid, self.group);
        }
    }
}

/// The path that the daemon says first.
fn read_path(output: &mut ChildStdout) -> io::Result<PathBuf> {
    const PATH_BYTES_MAX: i32 = 4096;
    let mut length = [0; 4];
    output.read_exact(&mut length)?;
    let length = i32::from_be_bytes(length);
    if !(1..=PATH_BYTES_MAX).contains(&length) {
        return Err(io::Error::other("it printed something before it was ready"));
    }
    let mut path = vec![0; length as usize];
    output.read_exact(&mut path)?;
    String::from_utf8(path).map(PathBuf::from).map_err(io::Error::other)
}

/// Picks up the daemon. Its workers go on: those that are idle end with their connections.
fn await_end(mut child: Child, has_ended: &AtomicBool) {
    let _ = child.wait();
    has_ended.store(true, Ordering::Relaxed);
}

/// Kills a worker whose daemon is gone. By the shell's own `kill`, as the library has none.
fn kill_orphan(pid: i32, group: u32) {
    // Whose number it is by now shows in its group, where the system tells.
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = status.rsplit_once(')').map_or("", |(_, fields)| fields);
    if after_name.split_whitespace().nth(2).is_some_and(|found| found != group.to_string()) {
        return;
    }
    let mut kill = Command::new("/bin/sh");
    kill.arg("-c").arg(format!("kill -9 {pid}")).stdin(Stdio::null()).stderr(Stdio::null());
    if let Err(error) = kill.status() {
        tracing::warn!("cannot kill the Python worker {pid}: {error}");
    }
}

/// Passes on what workers print.
fn pass_on(mut output: ChildStdout) {
    // An error means that nobody reads, which is no reason to let the workers block.
    let mut buffer = [0; 8192];
    while let Ok(n @ 1..) = output.read(&mut buffer) {
        let _ = io::stderr().write_all(&buffer[..n]);
    }
}
