//! `df.inputFiles()`.

use crate::planning::visible_plan;
use crate::session::Session;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::LogicalPlan;
use firesteel_common::Result;
use firesteel_io::FileTable;
use firesteel_plan::resolve::Resolved;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The files of the tables that a query reads, as `file:` URIs, each once. As in Spark these are all files
/// of a table, also those that a filter on its partitions spares; none of what the optimizer found empty.
///
/// # Errors
/// When the query cannot be optimized.
pub fn input_files(session: &Arc<Session>, resolved: &Resolved) -> Result<Vec<String>> {
    let plan = session.engine().runner()?.optimized(&visible_plan(resolved)?)?;
    let mut files = BTreeSet::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(table) = source_as_provider(&scan.source)?.downcast_ref::<FileTable>()
        {
            files.extend(table.uris());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(files.into_iter().collect())
}
