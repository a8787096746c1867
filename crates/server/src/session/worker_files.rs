//! The session's files as Python workers see them: one directory with modules, files and unpacked archives.
//!
//! | uploaded | seen |
//! |---|---|
//! | `pyfiles/m.py`, `pyfiles/p.zip` | `m.py`, `p.zip`, both on `sys.path` |
//! | `files/f.txt` | `f.txt` |
//! | `archives/a.zip#name` | directory `name` with what was packed; without `#name`, `a.zip` |

use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Prefixes of names that workers may see.
pub const KINDS: [&str; 3] = [PYFILES, FILES, ARCHIVES];
const PYFILES: &str = "pyfiles/";
const FILES: &str = "files/";
const ARCHIVES: &str = "archives/";

/// Unpacks argument 1 into argument 2, for whatever Python understands.
const UNPACK: &str = "import sys, shutil, tarfile, zipfile\n\
    source, target = sys.argv[1:]\n\
    kind = 'zip' if zipfile.is_zipfile(source) else 'tar' if tarfile.is_tarfile(source) else None\n\
    sys.exit(f'{source} is no archive') if kind is None else None\n\
    pack = zipfile.ZipFile(source) if kind == 'zip' else tarfile.open(source)\n\
    options = {'filter': 'data'} if kind == 'tar' and hasattr(tarfile, 'data_filter') else {}\n\
    pack.extractall(target, **options)\n";

/// Where workers find the session's files; all empty where there are none.
#[derive(Debug, Clone, Default)]
pub struct WorkerFiles {
    pub root: String,
    /// Names under `root` that are put on `sys.path`.
    pub includes: Vec<String>,
    /// Working directory: `root` where archives are used by relative paths; else the engine's own.
    pub directory: String,
    /// What tells these files from all others.
    pub isolation: String,
}

impl WorkerFiles {
    /// Lays out `names` of `directory` in `root`.
    ///
    /// # Errors
    /// When the disk is full, or an archive cannot be unpacked.
    pub fn lay_out(
        directory: &Path,
        names: &[String],
        root: PathBuf,
        python: &str,
    ) -> Result<Self> {
        let mut files = Self::default();
        std::fs::create_dir_all(&root).map_err(|error| lost(&error))?;
        for name in names {
            let source = directory.join(name);
            if let Some(own) = name.strip_prefix(ARCHIVES) {
                // The alias came with the name.
                let alias = own.split_once('#').map_or(own, |(_, alias)| alias);
                unpack(python, &source, &root.join(alias))?;
                files.directory = root.to_string_lossy().into_owned();
                continue;
            }
            if let Some(own) = name.strip_prefix(PYFILES) {
                files.includes.push(own.to_owned());
                link(&source, &root.join(own))?;
            } else if let Some(own) = name.strip_prefix(FILES) {
                link(&source, &root.join(own))?;
            }
        }
        files.root = root.to_string_lossy().into_owned();
        files.isolation.clone_from(&files.root);
        Ok(files)
    }
}

fn link(source: &Path, target: &Path) -> Result<()> {
    let link = || {
        target.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::hard_link(source, target).or_else(|_| std::fs::copy(source, target).map(drop))
    };
    link().map_err(|error| lost(&error))
}

/// By the workers' own Python: it knows every format that Spark's users pack with.
fn unpack(python: &str, source: &Path, target: &Path) -> Result<()> {
    let mut command = Command::new(python);
    command.args(["-c", UNPACK]).arg(source).arg(target).stdin(Stdio::null());
    let output = command.output().map_err(|error| lost(&error))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    let text = format!("The archive {} cannot be unpacked: {text}", source.display());
    Err(SparkError::new(ErrorKind::Execution, "", text))
}

fn lost(error: &std::io::Error) -> SparkError {
    let text = format!("The files of the session cannot be laid out for Python: {error}");
    SparkError::new(ErrorKind::Execution, "", text)
}
