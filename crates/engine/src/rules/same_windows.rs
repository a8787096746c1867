//! Equal window functions of one or of neighbouring window nodes are computed once.
//!
//! They become equal when they are simplified (`count(a)` and `count(b)` of two columns without nulls). DataFusion's
//! search for common expressions, which runs later, would compute them in a projection below, where none can be.

use datafusion::common::tree_node::Transformed;
use datafusion::common::{Column, Result};
use datafusion::logical_expr::{Expr, LogicalPlan, Projection, Window};
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};
use std::sync::Arc;

/// `Window [f AS a, f AS b]` → `Projection [a, a AS b]` over `Window [f AS a]`. Costs one look at each window.
#[derive(Debug)]
pub(crate) struct SameWindows;

impl OptimizerRule for SameWindows {
    fn name(&self) -> &str {
        "same_windows"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn supports_rewrite(&self) -> bool {
        true
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Window(window) = &plan else { return Ok(Transformed::no(plan)) };
        let mut known = computed_below(&window.input);
        let mut kept = Vec::with_capacity(window.window_expr.len());
        let schema = window.schema.columns();
        let n_input = schema.len() - window.window_expr.len();
        let mut columns: Vec<Expr> = schema[..n_input].iter().cloned().map(Expr::Column).collect();
        for (expr, own) in window.window_expr.iter().zip(&schema[n_input..]) {
            let function = without_alias(expr);
            let same = known.iter().find(|(other, _)| function == other && !function.is_volatile());
            match same {
                Some((_, column)) => {
                    let column = Expr::Column(column.clone());
                    columns.push(column.alias_qualified(own.relation.clone(), own.name.clone()));
                }
                None => {
                    known.push((function.clone(), own.clone()));
                    kept.push(expr.clone());
                    columns.push(Expr::Column(own.clone()));
                }
            }
        }
        if kept.len() == window.window_expr.len() {
            return Ok(Transformed::no(plan));
        }
        let input = match kept.is_empty() {
            true => Arc::clone(&window.input),
            false => {
                let window = Window::try_new(kept, Arc::clone(&window.input))?;
                Arc::new(LogicalPlan::Window(window))
            }
        };
        let schema = Arc::clone(&window.schema);
        let projection = Projection::try_new_with_schema(columns, input, schema)?;
        Ok(Transformed::yes(LogicalPlan::Projection(projection)))
    }
}

/// The window functions of the window nodes right below, and their columns.
fn computed_below(plan: &LogicalPlan) -> Vec<(Expr, Column)> {
    let mut known = Vec::new();
    let mut below = plan;
    while let LogicalPlan::Window(window) = below {
        let columns = window.schema.columns();
        let n_input = columns.len() - window.window_expr.len();
        let functions = window.window_expr.iter().map(|expr| without_alias(expr).clone());
        known.extend(functions.zip(columns.into_iter().skip(n_input)));
        below = &window.input;
    }
    known
}

fn without_alias(expr: &Expr) -> &Expr {
    match expr {
        Expr::Alias(alias) => without_alias(&alias.expr),
        other => other,
    }
}
