//! What remains of a window's input when a group does not fit.

use super::totals::{is_total, with_totals};
use crate::memory::hand_over::HandOverExec;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::window::{StandardWindowExpr, WindowExpr};
use datafusion::physical_plan::metrics::{ExecutionPlanMetricsSet, MetricBuilder};
use datafusion::physical_plan::windows::{BoundedWindowAggExec, WindowAggExec};
use datafusion::physical_plan::{ExecutionPlan, InputOrderMode};
use std::sync::Arc;

/// `window` over `rows`, whole groups of any size.
///
/// # Errors
/// `denial`, when its functions need all rows of a group in memory.
pub(super) fn over_rest(
    window: &Arc<WindowAggExec>,
    partition: usize,
    rows: SendableRecordBatchStream,
    denial: DataFusionError,
    context: &Arc<TaskContext>,
    metrics: &ExecutionPlanMetricsSet,
) -> Result<SendableRecordBatchStream> {
    let exprs = window.window_expr();
    if exprs.iter().all(is_running) {
        MetricBuilder::new(metrics).counter("groups_from_row_to_row", partition).add(1);
        let input = HandOverExec::in_place_of(window.input());
        input.put(partition, Box::new(move || Ok(rows)));
        let window =
            BoundedWindowAggExec::try_new(exprs.to_vec(), input, InputOrderMode::Sorted, false)?;
        return window.execute(partition, Arc::clone(context));
    }
    if exprs.iter().all(is_total) {
        return with_totals(window, partition, rows, context, metrics);
    }
    Err(denial)
}

/// Whether values follow from the rows before and a few behind.
fn is_running(expr: &Arc<dyn WindowExpr>) -> bool {
    let Some(standard) = expr.as_any().downcast_ref::<StandardWindowExpr>() else {
        return expr.uses_bounded_memory();
    };
    // A function of ours that cannot run says so when it is asked for its rows.
    standard
        .get_standard_func_expr()
        .create_evaluator()
        .is_ok_and(|evaluator| !evaluator.uses_window_frame() && evaluator.get_range(0, 1).is_ok())
}
