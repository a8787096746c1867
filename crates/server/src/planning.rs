//! Work that recurses over plans or blocks, on threads of its own; panics become errors.

use crate::session::{QueryEnvironment, Session};
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use firesteel_common::{Result, SparkError};
use firesteel_engine::execution::Execution;
use firesteel_plan::resolve::{
    Names, Resolved, resolve_query_to_collect, resolve_query_with_names,
};
use firesteel_plan::spec;
use std::any::Any;
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    /// The flag of the work that this thread does.
    static STOPPED: RefCell<Arc<AtomicBool>> = RefCell::default();
}

/// The flag of the work that this thread does: set when nobody waits for it any more.
pub fn stop_flag() -> Arc<AtomicBool> {
    STOPPED.with_borrow(Arc::clone)
}

/// Sets the flag of its work.
struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs `work` where it may block. The threads of the runtime have stacks large enough for plans. What takes long looks at
/// its [`stop_flag`], which is set when the future is dropped.
///
/// # Errors
/// What `work` fails with; `INTERNAL_ERROR` when it panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let running = Running(Arc::default());
    let stopped = Arc::clone(&running.0);
    let work = move || {
        let before = STOPPED.replace(stopped);
        let result = work();
        STOPPED.set(before);
        result
    };
    // What the work runs belongs to the caller's execution.
    let execution = Execution::current();
    let work = move || match execution {
        Some(execution) => execution.sync_scope(work),
        None => work(),
    };
    let joined = tokio::task::spawn_blocking(work).await;
    drop(running);
    match joined {
        Ok(result) => result,
        Err(error) => Err(match error.try_into_panic() {
            Ok(panic) => panicked(panic.as_ref()),
            Err(error) => SparkError::internal(error.to_string()),
        }),
    }
}

/// The error that a panic is shown as.
pub fn panicked(panic: &(dyn Any + Send)) -> SparkError {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "unknown cause".to_owned());
    tracing::error!("a query panicked: {text}");
    SparkError::internal(format!("The engine failed while it ran the query: {text}"))
}

/// Resolves a relation as the session sees the world now. Blocks.
///
/// # Errors
/// Spark's analysis errors.
pub fn resolve(session: &Arc<Session>, relation: &spec::Relation) -> Result<Resolved> {
    let (resolved, names) = resolve_with_names(session, relation)?;
    if let Some(execution) = Execution::current() {
        execution.name_columns(move || names.by_internal_name());
    }
    Ok(resolved)
}

/// As [`resolve`], of a query whose rows go to the client. Blocks.
///
/// # Errors
/// Spark's analysis errors.
pub fn resolve_to_collect(session: &Arc<Session>, relation: &spec::Relation) -> Result<Resolved> {
    let (resolved, names) = resolve_query_to_collect(&QueryEnvironment::new(session)?, relation)?;
    if let Some(execution) = Execution::current() {
        execution.name_columns(move || names.by_internal_name());
    }
    Ok(resolved)
}

/// As [`resolve`], with what the user calls the columns everywhere in the plan. Blocks.
///
/// # Errors
/// Spark's analysis errors.
pub fn resolve_with_names(
    session: &Arc<Session>,
    relation: &spec::Relation,
) -> Result<(Resolved, Names)> {
    resolve_query_with_names(&QueryEnvironment::new(session)?, relation)
}

/// The plan of exactly the columns that the user sees, in order, each with a unique internal name.
///
/// # Errors
/// When the scope names a column that the plan does not have.
pub fn visible_plan(resolved: &Resolved) -> Result<LogicalPlan> {
    let columns = &resolved.scope.columns;
    let fields = resolved.plan.schema().fields();
    let exact = fields.len() == columns.len()
        && fields.iter().zip(columns).all(|(field, column)| field.name() == &column.internal);
    if exact {
        return Ok(resolved.plan.clone());
    }
    let mut seen = HashSet::new();
    let exprs = columns.iter().enumerate().map(|(position, column)| {
        let expr = Expr::Column(Column::new_unqualified(&column.internal));
        match seen.insert(&column.internal) {
            true => expr,
            // The user may show a column twice; DataFusion may not.
            false => expr.alias(format!("{}.{position}", column.internal)),
        }
    });
    let exprs: Vec<_> = exprs.collect();
    Ok(LogicalPlanBuilder::from(resolved.plan.clone()).project(exprs)?.build()?)
}
