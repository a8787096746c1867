//! What the functions of a query added to Python's accumulators.

use super::{
    MapInPythonExec, PythonColumnsExec, PythonGroupsExec, PythonRowsExec, PythonWindowsExec,
};
use crate::python::Stage;
use datafusion::physical_plan::ExecutionPlan;
use firesteel_common::operator::{Unary, UnaryExec};
use std::any::Any;
use std::sync::Arc;

/// Takes the pickled updates that tasks of `plan` sent when they ended well.
pub fn take_accumulated(plan: &Arc<dyn ExecutionPlan>) -> Vec<Vec<u8>> {
    let mut updates = Vec::new();
    for child in plan.children() {
        updates.extend(take_accumulated(child));
    }
    if let Some(stage) = stage(plan.as_ref()) {
        updates.extend(stage.gate().take_accumulated());
    }
    updates
}

fn stage(node: &dyn Any) -> Option<&Stage> {
    fn of<O: UnaryExec>(node: &dyn Any) -> Option<&O> {
        Some(node.downcast_ref::<Unary<O>>()?.operator())
    }
    of::<PythonColumnsExec>(node)
        .map(PythonColumnsExec::stage)
        .or_else(|| of::<MapInPythonExec>(node).map(MapInPythonExec::stage))
        .or_else(|| of::<PythonGroupsExec>(node).map(PythonGroupsExec::stage))
        .or_else(|| of::<PythonRowsExec>(node).map(PythonRowsExec::stage))
        .or_else(|| of::<PythonWindowsExec>(node).map(PythonWindowsExec::stage))
}
