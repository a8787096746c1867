//! What dead workers leave on disk: PySpark spills into `$SPARK_LOCAL_DIRS/python/<process id>/`, and one that is
//! killed clears nothing away.
//!
//! Whoever ends a worker puts its directory here; the pool's reaper empties the list. A directory is deleted
//! when its process is gone: one that is just being killed may still write.

use super::WorkerKey;
use parking_lot::Mutex;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Where spills lie: see `firesteel_server::session::python`.
const SPILL_VARIABLE: &str = "SPARK_LOCAL_DIRS";
/// After so long a number that is in use is another process's by now: then the engine's end clears up.
const DEATH_MAX: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Grave {
    pid: i32,
    directory: PathBuf,
    since: Instant,
}

static GRAVES: Mutex<Vec<Grave>> = Mutex::new(Vec::new());

/// The worker of `key` has ended or will.
pub fn bury(key: &WorkerKey, pid: i32) {
    let spills = key.daemon.environment.iter().find(|(name, _)| name == SPILL_VARIABLE);
    let Some((_, places)) = spills else { return };
    let mut graves = GRAVES.lock();
    for place in places.split(',').filter(|place| !place.is_empty()) {
        let directory = Path::new(place).join("python").join(pid.to_string());
        graves.push(Grave { pid, directory, since: Instant::now() });
    }
}

/// Deletes the directories of those that are gone.
pub fn clear() {
    let ended: Vec<Grave> = {
        let mut graves = GRAVES.lock();
        let (ended, dying) = graves.drain(..).partition(|grave| !is_running(grave.pid));
        *graves = dying;
        graves.retain(|grave| grave.since.elapsed() < DEATH_MAX);
        ended
    };
    for grave in ended {
        match std::fs::remove_dir_all(&grave.directory) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                tracing::warn!("cannot delete {}: {error}", grave.directory.display());
            }
            _ => {}
        }
    }
}

/// Where the system does not say, it is taken for ended: a whole interval of the reaper has gone by.
fn is_running(pid: i32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}
