//! Temporary views of one session.

use firesteel_plan::resolve::Resolved;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A view: the query as it was resolved when the view was made.
#[derive(Debug, Clone)]
pub struct TempView {
    pub resolved: Arc<Resolved>,
    pub comment: Option<String>,
    /// Text of the query, if it came from SQL.
    pub text: Option<String>,
}

/// Views by name in lower case: names of views ignore case unless `spark.sql.caseSensitive`, and two
/// views that differ in case only are rarer than typing one name in two cases.
#[derive(Debug, Clone, Default)]
pub struct ViewRegistry(BTreeMap<String, TempView>);

impl ViewRegistry {
    pub fn get(&self, name: &str) -> Option<&TempView> {
        self.0.get(&name.to_lowercase())
    }

    /// Adds or replaces.
    pub fn put(&mut self, name: &str, view: TempView) {
        self.0.insert(name.to_lowercase(), view);
    }

    /// Whether there was one.
    pub fn remove(&mut self, name: &str) -> Option<TempView> {
        self.0.remove(&name.to_lowercase())
    }

    /// In order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &TempView)> {
        self.0.iter().map(|(name, view)| (name.as_str(), view))
    }
}
