//! The engine's own directory for temporary files, and those that dead engines left behind.
//!
//! Each directory `firesteel-<uuid>` holds a file `lock` on which its engine keeps an advisory lock for as
//! long as it lives; the system lets go of it however the process ends. Whoever gets the lock may delete the
//! directory. A directory without that file is one that is just being made, or nobody's of ours: it stays.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

const PREFIX: &str = "firesteel-";
const LOCK: &str = "lock";
/// How often to try anew when another engine's cleaning took the directory while it was being made.
const ATTEMPTS_MAX: usize = 16;

/// A directory that vanishes with [`TempDir::remove`], or when the next engine starts.
#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
    /// Held, not read: closing it lets the lock go.
    _lock: File,
}

impl TempDir {
    /// Makes a directory in `parent`, readable by this user only.
    ///
    /// # Errors
    /// When `parent` cannot be written to.
    pub fn create(parent: &Path) -> io::Result<TempDir> {
        std::fs::create_dir_all(parent)?;
        let mut failure = None;
        for _ in 0..ATTEMPTS_MAX {
            let path = parent.join(format!("{PREFIX}{}", uuid::Uuid::new_v4()));
            std::fs::DirBuilder::new().mode(0o700).create(&path)?;
            match lock_new(&path) {
                Ok(Some(lock)) => return Ok(TempDir { path, _lock: lock }),
                // Another engine found the directory before it was locked, and deletes it.
                Ok(None) => {}
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.unwrap_or_else(|| io::Error::other("the directory was taken each time")))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Deletes the directory with all that is in it. The lock is let go later, with the process: a file
    /// that somebody still writes keeps others away until then.
    pub fn remove(&self) {
        if let Err(error) = empty_and_remove(&self.path) {
            tracing::debug!("{} stays behind: {error}", self.path.display());
        }
    }
}

/// The lock of a directory that was just made; none if it went to somebody else.
fn lock_new(directory: &Path) -> io::Result<Option<File>> {
    let path = directory.join(LOCK);
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
    match lock.try_lock() {
        // A file without a name was deleted between being opened and being locked.
        Ok(()) => Ok((lock.metadata()?.nlink() > 0).then_some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Deletes what engines left in `parent` that ended without cleaning up: those killed with SIGKILL. What
/// cannot be deleted (another user's) stays.
pub fn remove_dead(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let id = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if id.is_none_or(|id| uuid::Uuid::try_parse(id).is_err()) {
            continue;
        }
        if let Err(error) = remove_if_dead(&entry.path()) {
            tracing::debug!("{} stays behind: {error}", entry.path().display());
        }
    }
}

fn remove_if_dead(directory: &Path) -> io::Result<()> {
    if !std::fs::symlink_metadata(directory)?.is_dir() {
        return Ok(());
    }
    let lock = match OpenOptions::new().write(true).open(directory.join(LOCK)) {
        Ok(lock) => lock,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    match lock.try_lock() {
        // The lock is held until all is gone: an engine that makes its directory right now sees that.
        Ok(()) => empty_and_remove(directory),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Deletes a directory, the lock last: what is left when this is interrupted can still be told for dead.
fn empty_and_remove(directory: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name() == LOCK {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => std::fs::remove_dir_all(entry.path())?,
            false => std::fs::remove_file(entry.path())?,
        }
    }
    std::fs::remove_dir_all(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_living_keep_theirs() {
        let parent = std::env::temp_dir().join(format!("test-{}", uuid::Uuid::new_v4()));
        let living = TempDir::create(&parent).unwrap();
        let dead = TempDir::create(&parent).unwrap().path().to_owned();
        std::fs::write(dead.join("spill"), "rows").unwrap();
        let foreign = parent.join("firesteel-notes");
        std::fs::create_dir(&foreign).unwrap();
        remove_dead(&parent);
        assert!(living.path().exists());
        assert!(!dead.exists());
        assert!(foreign.exists());
        std::fs::remove_dir_all(&parent).unwrap();
    }
}
