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
    /// Temporary views that the text names, in lower case.
    pub uses: Vec<String>,
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

    /// The way from the view `name`, if it were to use `uses`, back to itself.
    pub fn cycle(&self, name: &str, uses: &[String]) -> Option<Vec<String>> {
        let name = name.to_lowercase();
        let mut ways: Vec<Vec<String>> =
            uses.iter().map(|used| vec![name.clone(), used.clone()]).collect();
        while let Some(way) = ways.pop() {
            let Some(last) = way.last() else { continue };
            if *last == name {
                return Some(way);
            }
            let further = self.0.get(last).map(|view| view.uses.as_slice()).unwrap_or_default();
            // A way longer than there are views would go round in a circle that others made.
            if way.len() <= self.0.len() {
                ways.extend(further.iter().map(|next| [way.as_slice(), &[next.clone()]].concat()));
            }
        }
        None
    }

    /// Gives a view another plan, unless it has been replaced since it was `seen`.
    pub fn set_resolved(&mut self, name: &str, seen: &Arc<Resolved>, resolved: Resolved) {
        let view = self.0.get_mut(name).filter(|view| Arc::ptr_eq(&view.resolved, seen));
        if let Some(view) = view {
            view.resolved = Arc::new(resolved);
        }
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
