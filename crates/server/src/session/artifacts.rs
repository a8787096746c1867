//! What the client uploaded: files for Python workers, and blobs that plans name by hash. On disk, in a
//! directory of the session: uploads may be larger than memory.
//!
//! Files lie under the name with which they came: `cache/<hash>`, `pyfiles/x.py`, `files/…`, `archives/…`,
//! `jars/…`. Spark's `ArtifactManager`.

use super::worker_files::{KINDS, WorkerFiles};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use parking_lot::{Mutex, RwLock};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

const CACHE: &str = "cache/";
/// Uploads that are not complete.
const STAGING: &str = "staging";

/// The artifacts of one session; gone with it.
pub struct Artifacts {
    directory: PathBuf,
    names: RwLock<BTreeSet<String>>,
    /// Which files workers see, and where.
    laid_out: Mutex<Option<(Vec<String>, WorkerFiles)>>,
}

impl Artifacts {
    /// `directory` is made with the first upload.
    pub fn new(directory: PathBuf) -> Self {
        Self { directory, names: RwLock::default(), laid_out: Mutex::default() }
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// When the directory cannot be written to.
    pub fn stage(&self) -> Result<Staged> {
        Staged::create(&self.directory.join(STAGING))
    }

    /// Keeps a complete upload under its name. The same content twice is no mistake.
    ///
    /// # Errors
    /// `ARTIFACT_ALREADY_EXISTS` when another file has the name, `INVALID_ARTIFACT_PATH`.
    pub fn keep(&self, name: &str, staged: Staged) -> Result<()> {
        check_name(name)?;
        let target = self.directory.join(name);
        let mut names = self.names.write();
        if names.contains(name) {
            if name.starts_with(CACHE) || same_content(&target, &staged.path)? {
                return Ok(());
            }
            return Err(SparkError::runtime(
                "ARTIFACT_ALREADY_EXISTS",
                format!(
                    "The artifact {name} already exists. Please choose a different name for the new \
                     artifact because it cannot be overwritten."
                ),
            )
            .with("normalizedRemoteRelativePath", name));
        }
        staged.move_to(&target)?;
        names.insert(name.to_owned());
        Ok(())
    }

    /// Whether a blob with this name (`cache/<hash>`) is here. As in Spark, files are not told of.
    pub fn exists(&self, name: &str) -> bool {
        name.starts_with(CACHE) && self.names.read().contains(name)
    }

    /// A blob that a plan names by the hash of its content, and its size in bytes.
    pub fn cached(&self, hash: &str) -> Result<Option<(BufReader<File>, u64)>> {
        let name = format!("{CACHE}{hash}");
        if !self.names.read().contains(&name) {
            return Ok(None);
        }
        let file = File::open(self.directory.join(name)).map_err(|error| lost(&error))?;
        let bytes = file.metadata().map_err(|error| lost(&error))?.len();
        Ok(Some((BufReader::new(file), bytes)))
    }

    /// Takes over the artifacts of another session. The files are shared.
    ///
    /// # Errors
    /// When the directory cannot be written to.
    pub fn copy_from(&self, other: &Artifacts) -> Result<()> {
        let others = other.names.read();
        let mut names = self.names.write();
        for name in others.iter() {
            let (from, to) = (other.directory.join(name), self.directory.join(name));
            let link = || {
                make_parent(&to)?;
                std::fs::hard_link(&from, &to).or_else(|_| std::fs::copy(&from, &to).map(drop))
            };
            link().map_err(|error| lost(&error))?;
            names.insert(name.clone());
        }
        Ok(())
    }

    /// The files as workers see them. They are laid out anew when there are more of them, in a directory that
    /// workers know by its number: those that have imported older files are not asked again.
    ///
    /// # Errors
    /// When the disk is full, or an archive is none.
    pub fn for_workers(&self, python: &str) -> Result<WorkerFiles> {
        let names = self.names.read();
        let is_file = |name: &&String| KINDS.iter().any(|kind| name.starts_with(kind));
        let files: Vec<String> = names.iter().filter(is_file).cloned().collect();
        drop(names);
        if files.is_empty() {
            return Ok(WorkerFiles::default());
        }
        let mut laid_out = self.laid_out.lock();
        if let Some((known, files_of_workers)) = laid_out.as_ref()
            && *known == files
        {
            return Ok(files_of_workers.clone());
        }
        let root = self.directory.join("workers").join(uuid::Uuid::new_v4().to_string());
        let new = WorkerFiles::lay_out(&self.directory, &files, root, python)?;
        *laid_out = Some((files, new.clone()));
        Ok(new)
    }

    /// Deletes everything.
    pub fn clear(&self) {
        if let Some((_, files)) = self.laid_out.lock().take() {
            firesteel_engine::python::forget_isolation(&files.isolation);
        }
        let mut names = self.names.write();
        names.clear();
        match std::fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!("{} stays behind: {error}", self.directory.display());
            }
            _ => {}
        }
    }
}

impl Drop for Artifacts {
    fn drop(&mut self) {
        self.clear();
    }
}

/// An upload in progress; deleted unless it is kept.
pub struct Staged {
    path: PathBuf,
    file: File,
}

impl Staged {
    fn create(directory: &Path) -> Result<Staged> {
        let path = directory.join(uuid::Uuid::new_v4().to_string());
        let create = || {
            make_parent(&path)?;
            File::create_new(&path)
        };
        let file = create().map_err(|error| lost(&error))?;
        Ok(Staged { path, file })
    }

    /// # Errors
    /// When the disk is full.
    pub fn write(&mut self, data: &[u8]) -> Result<()> {
        self.file.write_all(data).map_err(|error| lost(&error))
    }

    /// Copies the upload to a place outside of the session's directory.
    ///
    /// # Errors
    /// When that place cannot be written to.
    pub fn copy_to(&self, target: &Path) -> Result<()> {
        let copy = || {
            make_parent(target)?;
            std::fs::copy(&self.path, target)
        };
        copy().map(drop).map_err(|error| {
            let message = format!("Cannot copy to {}: {error}", target.display());
            SparkError::new(ErrorKind::Execution, "", message)
        })
    }

    fn move_to(&self, target: &Path) -> Result<()> {
        let rename = || {
            make_parent(target)?;
            std::fs::rename(&self.path, target)
        };
        rename().map_err(|error| lost(&error))
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Nothing is there after it was kept.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Whether files may have this name.
///
/// # Errors
/// `INVALID_ARTIFACT_PATH` when it leads out of the session's directory.
pub fn check_name(name: &str) -> Result<()> {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
    if name.split('/').all(plain) {
        return Ok(());
    }
    let message = format!(
        "Artifact with name {name} is invalid. The name must be a relative path and cannot reference \
         parent/sibling/nephew directories."
    );
    Err(SparkError::runtime("INVALID_ARTIFACT_PATH", message).with("name", name))
}

fn make_parent(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), std::fs::create_dir_all)
}

fn same_content(left: &Path, right: &Path) -> Result<bool> {
    let compare = || {
        let (left, right) = (File::open(left)?, File::open(right)?);
        if left.metadata()?.len() != right.metadata()?.len() {
            return Ok(false);
        }
        let mut right = BufReader::new(right).bytes();
        for byte in BufReader::new(left).bytes() {
            if Some(byte?) != right.next().transpose()? {
                return Ok(false);
            }
        }
        Ok(true)
    };
    compare().map_err(|error| lost(&error))
}

fn lost(error: &std::io::Error) -> SparkError {
    let message = format!("The artifacts of the session cannot be read or written: {error}");
    SparkError::new(ErrorKind::Execution, "", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_contents() {
        let directory = std::env::temp_dir().join(uuid::Uuid::new_v4().to_string());
        let artifacts = Artifacts::new(directory.clone());
        let put = |name: &str, text: &str| {
            let mut staged = artifacts.stage()?;
            staged.write(text.as_bytes())?;
            artifacts.keep(name, staged)
        };
        put("pyfiles/a.py", "1").unwrap();
        put("pyfiles/a.py", "1").unwrap();
        put("cache/ab", "2").unwrap();
        assert_eq!(put("pyfiles/a.py", "2").unwrap_err().condition(), "ARTIFACT_ALREADY_EXISTS");
        for name in ["", "/etc/passwd", "files/../../x", "..", "files/./x"] {
            assert_eq!(put(name, "x").unwrap_err().condition(), "INVALID_ARTIFACT_PATH");
        }
        assert!(artifacts.exists("cache/ab"));
        assert!(!artifacts.exists("pyfiles/a.py"));
        let (mut file, bytes) = artifacts.cached("ab").unwrap().unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), bytes), ("2", 1));
        drop(artifacts);
        assert!(!directory.exists());
    }
}
