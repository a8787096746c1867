//! What caches and views have to hear of: changed files, dropped tables, names that mean something else. Spark's
//! `CacheManager` and its refreshing of file indexes, which all sessions share.

use super::Session;
use crate::engine::Engine;
use datafusion::common::tree_node::{Transformed, TreeNodeRecursion};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::Result;
use firesteel_engine::CachedTable;
use firesteel_io::{FileTable, local_path};
use firesteel_plan::resolve::Resolved;
use firesteel_plan::spec;
use std::path::Path;
use std::sync::Arc;

/// Files under `path` have come, changed or gone: what is kept of them is forgotten, to be computed anew when it is
/// used next, and views list them anew. Blocks.
///
/// # Errors
/// For a path that is not local.
pub fn files_changed(engine: &Engine, path: &str) -> Result<()> {
    let path = local_path(path)?;
    for session in engine.sessions().all() {
        session.graphs.clear();
        let mut renewed: Vec<*const CachedTable> = Vec::new();
        // Oldest first: what reads a kept table was kept after it.
        let tables: Vec<_> =
            session.persisted.read().iter().map(|kept| Arc::clone(&kept.table)).collect();
        for table in tables {
            let plan = table.plan();
            if reads(&plan, &path, &renewed)? {
                renewed.push(Arc::as_ptr(&table));
                table.renew(listed_anew(plan, &path)?);
            }
        }
        let views: Vec<_> = session.views.read().iter().map(own).collect();
        for (name, resolved) in views {
            if let Some(anew) = view_anew(&resolved, &path)? {
                session.views.write().set_resolved(&name, &resolved, anew);
            }
        }
    }
    let views: Vec<_> = engine.databases().read().global_views.iter().map(own).collect();
    for (name, resolved) in views {
        if let Some(anew) = view_anew(&resolved, &path)? {
            engine.databases().write().global_views.set_resolved(&name, &resolved, anew);
        }
    }
    Ok(())
}

/// The table or view of that full name was dropped, with the files at `location` if it had any: all that was kept of
/// it goes.
///
/// # Errors
/// When a plan cannot be walked, which does not happen.
pub fn tables_gone(engine: &Engine, name: &spec::Name, location: Option<&str>) -> Result<()> {
    let path = location.and_then(|location| local_path(location).ok());
    for session in engine.sessions().all() {
        let mut persisted = session.persisted.write();
        let mut gone: Vec<*const CachedTable> = Vec::new();
        for kept in persisted.iter() {
            let reads_it = match &path {
                Some(path) => reads(&kept.table.plan(), path, &gone)?,
                None => false,
            };
            if reads_it || kept.names.contains(name) {
                gone.push(Arc::as_ptr(&kept.table));
            }
        }
        persisted.forget(|kept| gone.contains(&Arc::as_ptr(&kept.table)));
    }
    names_changed(engine);
    Ok(())
}

/// Tables, views or functions were made, dropped or replaced.
pub fn names_changed(engine: &Engine) {
    for session in engine.sessions().all() {
        session.graphs.clear();
        session.persisted.write().names_changed();
    }
}

fn own((name, view): (&str, &super::TempView)) -> (String, Arc<Resolved>) {
    (name.to_owned(), Arc::clone(&view.resolved))
}

fn view_anew(resolved: &Resolved, path: &Path) -> Result<Option<Resolved>> {
    if !reads(&resolved.plan, path, &[])? {
        return Ok(None);
    }
    let plan = listed_anew(resolved.plan.clone(), path)?;
    Ok(Some(Resolved { plan, scope: Arc::clone(&resolved.scope) }))
}

/// Whether a plan reads files under `path`, or one of `tables`.
fn reads(plan: &LogicalPlan, path: &Path, tables: &[*const CachedTable]) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            let provider = source_as_provider(&scan.source)?;
            let files = provider.downcast_ref::<FileTable>();
            let kept = provider.downcast_ref::<CachedTable>();
            found |= files.is_some_and(|files| files.is_under(path))
                || kept.is_some_and(|kept| tables.contains(&std::ptr::from_ref(kept)));
        }
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

/// The plan over the files that are there now.
fn listed_anew(plan: LogicalPlan, path: &Path) -> Result<LogicalPlan> {
    let plan = plan.transform_up_with_subqueries(|node| {
        let LogicalPlan::TableScan(mut scan) = node else {
            return Ok(Transformed::no(node));
        };
        let provider = source_as_provider(&scan.source)?;
        let files = provider.downcast_ref::<FileTable>().filter(|files| files.is_under(path));
        let Some(anew) = files.and_then(FileTable::listed_anew) else {
            return Ok(Transformed::no(LogicalPlan::TableScan(scan)));
        };
        scan.source = provider_as_source(Arc::new(anew));
        Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
    })?;
    Ok(plan.data)
}

impl Session {
    /// A temporary view went or became another one. Under `cascade` what was made of it goes too, as in Spark when it
    /// was replaced.
    pub fn view_changed(&self, name: &str, cascade: bool) {
        self.graphs.clear();
        let mut persisted = self.persisted.write();
        persisted.remove_named(&vec![name.to_lowercase()], cascade);
        persisted.names_changed();
    }
}
