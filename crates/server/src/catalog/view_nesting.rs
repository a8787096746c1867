//! Views of the catalog keep their query, so that one may refer to itself, by way of others: found before it is
//! resolved without an end.

use super::TableName;
use crate::session::Session;
use firesteel_common::{Result, SparkError};
use parking_lot::Mutex;

/// Spark's default of [`DEPTH_KEY`].
const DEPTH_MAX: usize = 100;
const DEPTH_KEY: &str = "spark.sql.view.maxNestedViewDepth";

/// The views that one query is resolving now, each in the query of the one before.
#[derive(Debug, Default)]
pub struct ViewNesting {
    names: Mutex<Vec<TableName>>,
    /// Temporary views that were met, in lower case.
    temporary: Mutex<Vec<String>>,
}

impl ViewNesting {
    /// Resolves the query of the view `name`, or of one that is to be called so.
    ///
    /// # Errors
    /// `RECURSIVE_VIEW` when the view is being resolved already; `VIEW_EXCEED_MAX_NESTED_DEPTH`; what `resolve`
    /// fails with.
    pub fn within<T>(
        &self,
        session: &Session,
        name: &TableName,
        resolve: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        self.enter(session, name)?;
        let resolved = resolve();
        self.names.lock().pop();
        resolved
    }

    /// Notes that a query names a temporary view.
    pub fn meet(&self, view: &str) {
        let mut met = self.temporary.lock();
        let view = view.to_lowercase();
        if !met.contains(&view) {
            met.push(view);
        }
    }

    /// The temporary views that were met so far.
    pub fn met(&self) -> Vec<String> {
        self.temporary.lock().clone()
    }

    fn enter(&self, session: &Session, name: &TableName) -> Result<()> {
        let mut names = self.names.lock();
        if let Some(first) = names.iter().position(|outer| outer == name) {
            let cycle = names[first..].iter().chain([name]).map(TableName::quoted);
            return Err(recursive(name, &cycle.collect::<Vec<_>>().join(" -> ")));
        }
        let depth_max = session.conf.read().effective(DEPTH_KEY);
        let depth_max = depth_max.and_then(|text| text.parse().ok()).unwrap_or(DEPTH_MAX);
        // The stack has room for Spark's default with a good margin, not for any number.
        if names.len() >= depth_max.min(10 * DEPTH_MAX) {
            return Err(too_deep(name, depth_max));
        }
        names.push(name.clone());
        Ok(())
    }
}

fn recursive(name: &TableName, cycle: &str) -> SparkError {
    recursive_view(&name.quoted(), cycle)
}

/// `name` is quoted; `cycle` is the way from it back to itself.
pub fn recursive_view(name: &str, cycle: &str) -> SparkError {
    SparkError::analysis(
        "RECURSIVE_VIEW",
        format!("Recursive view {name} detected (cycle: {cycle})."),
    )
    .with("viewIdent", name)
    .with("newPath", cycle)
}

fn too_deep(name: &TableName, depth_max: usize) -> SparkError {
    let name = name.quoted();
    SparkError::analysis(
        "VIEW_EXCEED_MAX_NESTED_DEPTH",
        format!(
            "The depth of view {name} exceeds the maximum view resolution depth ({depth_max}). Raise \
             {DEPTH_KEY}, or make a table of one of the views."
        ),
    )
    .with("viewName", name)
    .with("maxNestedDepth", depth_max.to_string())
}
