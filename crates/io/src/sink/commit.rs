//! A job's files appear at once: written to a hidden directory beside the target, then renamed.

use super::failed_write;
use crate::request::SaveMode;
use firesteel_common::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// The hidden directory of a running job; gone when dropped.
pub struct Staging {
    target: PathBuf,
    directory: PathBuf,
}

impl Staging {
    /// # Errors
    /// Of the file system.
    pub fn new(target: &Path) -> Result<Self> {
        let parent = target.parent().unwrap_or(target);
        fs::create_dir_all(parent).map_err(|error| failed_write(target, &error))?;
        let name = target.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let directory = parent.join(format!("._temporary-{name}-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&directory).map_err(|error| failed_write(target, &error))?;
        Ok(Self { target: target.to_path_buf(), directory })
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Puts the files in place and marks the target complete.
    ///
    /// # Errors
    /// Of the file system.
    pub fn commit(self, mode: SaveMode, dynamic_overwrite: bool) -> Result<()> {
        let fail = |error: std::io::Error| failed_write(&self.target, &error);
        if mode == SaveMode::Overwrite && !dynamic_overwrite && self.target.exists() {
            if self.target.is_dir() {
                fs::remove_dir_all(&self.target).map_err(fail)?;
            } else {
                fs::remove_file(&self.target).map_err(fail)?;
            }
        }
        if mode == SaveMode::Overwrite && dynamic_overwrite {
            self.clear_partitions(&self.directory).map_err(fail)?;
        }
        if self.target.exists() {
            move_into(&self.directory, &self.target).map_err(fail)?;
        } else {
            fs::rename(&self.directory, &self.target).map_err(fail)?;
        }
        fs::write(self.target.join("_SUCCESS"), b"").map_err(fail)
    }

    /// Empties those partition directories of the target that get new files.
    fn clear_partitions(&self, directory: &Path) -> std::io::Result<()> {
        let mut has_files = false;
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            if path.is_dir() {
                self.clear_partitions(&path)?;
            } else {
                has_files = true;
            }
        }
        let relative = directory.strip_prefix(&self.directory).unwrap_or(directory);
        let old = self.target.join(relative);
        if has_files && old.is_dir() && old != self.target {
            fs::remove_dir_all(old)?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Absent after a rename; nothing more can be done about another failure.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn move_into(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        let destination = to.join(name);
        if path.is_dir() {
            move_into(&path, &destination)?;
        } else {
            fs::rename(&path, &destination)?;
        }
    }
    Ok(())
}
