//! What the client uploaded: files for Python workers, and blobs that plans name by hash.

use bytes::Bytes;
use firesteel_common::{Result, SparkError};
use parking_lot::RwLock;
use std::collections::HashMap;

/// Artifacts by the name under which they came: `cache/<hash>`, `pyfiles/x.py`, `files/…`, `archives/…`.
#[derive(Default)]
pub struct Artifacts(RwLock<HashMap<String, Bytes>>);

impl Artifacts {
    pub fn put(&self, name: String, data: Bytes) {
        self.0.write().insert(name, data);
    }

    pub fn exists(&self, name: &str) -> bool {
        self.0.read().contains_key(name)
    }

    /// A blob that a plan names by the hash of its content.
    ///
    /// # Errors
    /// When the client did not upload it.
    pub fn cached(&self, hash: &str) -> Result<Bytes> {
        let found = self.0.read().get(&format!("cache/{hash}")).cloned();
        found.ok_or_else(|| {
            SparkError::invalid_plan(format!(
                "Not found any cached local relation with the hash: {hash}"
            ))
            .with("hash", hash)
        })
    }

    pub fn copy_from(&self, other: &Artifacts) {
        self.0.write().extend(other.0.read().clone());
    }

    pub fn clear(&self) {
        self.0.write().clear();
    }
}
