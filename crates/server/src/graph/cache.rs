//! Results of graph methods that a session keeps: two actions on one frame see one result, and compute it once.

use datafusion::catalog::TableProvider;
use firesteel_common::StructType;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// Results of a session: what they hold of memory is counted with the rows of caches, and goes to disk as those do.
const RESULTS_MAX: usize = 64;

/// A result, computed or to be computed with its first scan.
#[derive(Debug, Clone)]
pub struct KeptResult {
    pub table: Arc<dyn TableProvider>,
    pub schema: StructType,
}

/// The results of one session, the one that was used last at the end.
#[derive(Debug, Default)]
pub struct GraphCache(Mutex<VecDeque<(Arc<str>, KeptResult)>>);

impl GraphCache {
    /// The result of the message with this digest.
    pub fn get(&self, key: &str) -> Option<KeptResult> {
        let mut results = self.0.lock();
        let at = results.iter().position(|(own, _)| own.as_ref() == key)?;
        let found = results.remove(at)?;
        let result = found.1.clone();
        results.push_back(found);
        Some(result)
    }

    /// Keeps a result, and gives the one that is kept: another call may have been faster. The oldest goes if there
    /// are too many.
    pub fn keep(&self, key: &Arc<str>, result: KeptResult) -> KeptResult {
        if let Some(before) = self.get(key) {
            return before;
        }
        let mut results = self.0.lock();
        results.push_back((Arc::clone(key), result.clone()));
        if results.len() > RESULTS_MAX {
            results.pop_front();
        }
        result
    }

    /// Forgets all: a table, a view or a file that one of them was made of may have changed.
    pub fn clear(&self) {
        self.0.lock().clear();
    }
}
