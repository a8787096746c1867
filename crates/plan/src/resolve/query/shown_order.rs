//! The order in which `df.show()` prints groups.
//!
//! SQL promises none, but Spark's is always the same: a small exchange is read map task by map task, so groups come
//! by the first task that has them, then by partition. Here they come by partition alone, which is the same where
//! one task made them, or each task has every key. Whoever compares what a notebook or a docstring prints expects
//! those rows, and of many the same first ones. `show` keeps a handful, so that sorting costs next to nothing;
//! nothing else is sorted for it.
//!
//! A few rows that the client sent are one partition in Spark, which no exchange follows: windows over them come in
//! the order of their keys, groups as they were met first, which is left to chance here.

use crate::resolve::output::column;
use crate::resolve::{Resolved, Resolver};
use datafusion::common::ScalarValue;
use datafusion::datasource::{MemTable, source_as_provider};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, Filter, LogicalPlan, Projection, Sort, SortExpr, Window,
};
use firesteel_common::Result;
use firesteel_functions::Arg;
use std::sync::Arc;

impl Resolver<'_> {
    /// The rows in the order of Spark's partitions, if groups or windows made them.
    pub(super) fn in_shown_order(&self, input: Resolved) -> Resolved {
        match self.ordered_below(&input.plan) {
            Some(plan) => Resolved { plan, ..input },
            None => input,
        }
    }

    fn ordered_below(&self, plan: &LogicalPlan) -> Option<LogicalPlan> {
        Some(match plan {
            LogicalPlan::Projection(node) => {
                let input = Arc::new(self.ordered_below(&node.input)?);
                let (exprs, schema) = (node.expr.clone(), Arc::clone(&node.schema));
                LogicalPlan::Projection(Projection::try_new_with_schema(exprs, input, schema).ok()?)
            }
            LogicalPlan::Filter(node) => {
                let input = Arc::new(self.ordered_below(&node.input)?);
                LogicalPlan::Filter(Filter::try_new(node.predicate.clone(), input).ok()?)
            }
            LogicalPlan::Aggregate(_) | LogicalPlan::Distinct(_) if is_local(plan) => return None,
            LogicalPlan::Aggregate(node) => {
                self.in_exchange_order(plan, group_keys(node)?, vec![]).ok()?
            }
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let keys = input.schema().fields().iter().map(|field| column(field.name()));
                self.in_exchange_order(plan, keys.collect(), vec![]).ok()?
            }
            LogicalPlan::Distinct(Distinct::On(node)) => {
                let is_column = |key: &Expr| matches!(key, Expr::Column(_));
                let keys = node.on_expr.iter().filter(|key| is_column(key)).cloned().collect();
                self.in_exchange_order(plan, keys, vec![]).ok()?
            }
            LogicalPlan::Window(node) => {
                let (keys, order) = window_keys(node)?;
                let by_keys = keys.iter().map(|key| key.clone().sort(true, true));
                let then = by_keys.chain(order).collect();
                if is_local(plan) {
                    let input = Arc::new(plan.clone());
                    return Some(LogicalPlan::Sort(Sort { expr: then, input, fetch: None }));
                }
                self.in_exchange_order(plan, keys, then).ok()?
            }
            _ => return None,
        })
    }

    /// `plan` sorted by the partition of Spark's exchange on `keys`, then by `then`.
    fn in_exchange_order(
        &self,
        plan: &LogicalPlan,
        keys: Vec<Expr>,
        then: Vec<SortExpr>,
    ) -> Result<LogicalPlan> {
        let typed = |expr: Expr| -> Result<Arg> {
            use datafusion::logical_expr::ExprSchemable;
            let field = expr.to_field(plan.schema())?.1;
            Ok(Arg::new(expr, field))
        };
        let keys = keys.into_iter().map(typed).collect::<Result<Vec<_>>>()?;
        let hash = typed(self.build_scalar("hash", keys)?)?;
        let n_partitions = i32::try_from(self.settings.shuffle_partitions).unwrap_or(i32::MAX);
        let n_partitions = Expr::Literal(ScalarValue::Int32(Some(n_partitions)), None);
        let partition = self.build_scalar("pmod", vec![hash, typed(n_partitions)?])?;
        let expr = std::iter::once(partition.sort(true, true)).chain(then).collect();
        Ok(LogicalPlan::Sort(Sort { expr, input: Arc::new(plan.clone()), fetch: None }))
    }
}

/// The columns that hold the keys; none for one group, or several sets of keys.
fn group_keys(node: &Aggregate) -> Option<Vec<Expr>> {
    let plain = !node.group_expr.iter().any(|key| matches!(key, Expr::GroupingSet(_)));
    let fields = node.schema.fields().iter().take(node.group_expr.len());
    let keys: Vec<_> = fields.map(|field| column(field.name())).collect();
    (plain && !keys.is_empty()).then_some(keys)
}

/// The keys and the order of the first window; none for a window over all rows.
fn window_keys(node: &Window) -> Option<(Vec<Expr>, Vec<SortExpr>)> {
    let mut first = node.window_expr.first()?;
    while let Expr::Alias(alias) = first {
        first = &alias.expr;
    }
    let Expr::WindowFunction(call) = first else { return None };
    let (keys, order) = (call.params.partition_by.clone(), call.params.order_by.clone());
    let known = |expr: &Expr| matches!(expr, Expr::Column(_));
    let plain = keys.iter().all(known) && order.iter().all(|key| known(&key.expr));
    (plain && !keys.is_empty()).then_some((keys, order))
}

/// Whether the rows come from the client alone.
fn is_local(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Values(_) => true,
        LogicalPlan::TableScan(scan) => source_as_provider(&scan.source)
            .is_ok_and(|provider| (provider.as_ref() as &dyn std::any::Any).is::<MemTable>()),
        other => {
            let inputs = other.inputs();
            !inputs.is_empty() && inputs.into_iter().all(is_local)
        }
    }
}
