//! `df.inputFiles()`.

use crate::planning::visible_plan;
use crate::session::Session;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use firesteel_common::Result;
use firesteel_plan::resolve::Resolved;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The files that a query would read, as `file:` URIs, each once.
///
/// # Errors
/// When the query cannot be planned.
pub async fn input_files(session: &Arc<Session>, resolved: &Resolved) -> Result<Vec<String>> {
    let plan = visible_plan(resolved)?;
    let physical = session.engine().runner()?.physical_plan(&plan).await?;
    let mut files = BTreeSet::new();
    collect(&physical, &mut files);
    Ok(files.into_iter().collect())
}

fn collect(plan: &Arc<dyn ExecutionPlan>, files: &mut BTreeSet<String>) {
    if let Some(source) = plan.downcast_ref::<DataSourceExec>()
        && let Some(scan) = source.data_source().downcast_ref::<FileScanConfig>()
    {
        for file in scan.file_groups.iter().flat_map(|group| group.files()) {
            files.insert(format!("file:///{}", file.object_meta.location));
        }
    }
    for child in plan.children() {
        collect(child, files);
    }
}
