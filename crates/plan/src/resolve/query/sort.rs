//! ORDER BY and `sortWithinPartitions`.

use crate::resolve::expression::aggregates::contains_window;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::output::column;
use crate::resolve::{Resolved, Resolver};
use crate::spec::{ExprNode, Literal, Relation, SortOrder};
use datafusion::common::tree_node::TreeNode;
use datafusion::logical_expr::expr::Sort as SortExpr;
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, Sort};
use firesteel_common::nodes::SortWithinPartitions;
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn sort(
        &mut self,
        input: &Relation,
        order: &[SortOrder],
        global: bool,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let mut context = ExprContext::looking_below(&input.scope, Clause::OrderBy);
        let mut keys = Vec::with_capacity(order.len());
        for order in order {
            let nulls_first = order.nulls_first.unwrap_or(order.ascending);
            match self.whole_columns(order, &input, &mut context)? {
                Some(columns) => keys.extend(columns.into_iter().map(|internal| {
                    SortExpr::new(column(&internal), order.ascending, nulls_first)
                })),
                None => keys.push(self.sort_order(order, &mut context)?.0),
            }
        }
        let input = self.with_partition_columns(input, &mut context)?;
        self.sorted(input, keys, global, &context)
    }

    pub(super) fn sort_all(
        &mut self,
        input: &Relation,
        ascending: bool,
        nulls_first: Option<bool>,
    ) -> Result<Resolved> {
        let input = self.relation(input)?;
        let context = ExprContext::new(&input.scope, Clause::OrderBy);
        let nulls_first = nulls_first.unwrap_or(ascending);
        let keys = input
            .scope
            .columns
            .iter()
            .map(|own| SortExpr::new(column(&own.internal), ascending, nulls_first))
            .collect();
        self.sorted(input, keys, true, &context)
    }

    fn sorted(
        &mut self,
        input: Resolved,
        keys: Vec<SortExpr>,
        global: bool,
        context: &ExprContext,
    ) -> Result<Resolved> {
        let exprs: Vec<_> = keys.iter().map(|key| key.expr.clone()).collect();
        if exprs.iter().any(contains_correlated) {
            return Err(SparkError::analysis(
                "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY",
                "Unsupported subquery expression: Correlated scalar subqueries can only be used in \
                 filters, aggregations, projections, and UPDATE/MERGE/DELETE commands.",
            ));
        }
        if exprs.iter().any(contains_window) {
            return self.sorted_by_windows(input, keys, global, context);
        }
        self.over_below(input, exprs, context, |plan, exprs| {
            let order = keys.iter().zip(exprs).map(|(key, expr)| key.with_expr(expr)).collect();
            Ok(sort_node(plan, order, global))
        })
    }

    /// Window functions in ORDER BY are computed first, and dropped after.
    fn sorted_by_windows(
        &mut self,
        input: Resolved,
        keys: Vec<SortExpr>,
        global: bool,
        context: &ExprContext,
    ) -> Result<Resolved> {
        let scope = Arc::clone(&input.scope);
        let exprs = keys.iter().map(|key| key.expr.clone()).collect();
        let (plan, exprs) = self.prepared_below(&input, exprs, context)?;
        let mut items: Vec<ResolvedExpr> = Vec::with_capacity(exprs.len());
        for expr in exprs {
            items.push(self.typed(expr, String::new(), context)?);
        }
        let plan = crate::resolve::expression::windows::extract(self, plan, &mut items)?;
        let order = keys.iter().zip(items).map(|(key, item)| key.with_expr(item.expr)).collect();
        let plan = self.cut(sort_node(plan, order, global), &scope)?;
        Ok(Resolved { plan, scope })
    }

    /// The columns that `ORDER BY 2` or `ORDER BY *` means.
    fn whole_columns(
        &mut self,
        order: &SortOrder,
        input: &Resolved,
        context: &mut ExprContext,
    ) -> Result<Option<Vec<String>>> {
        match &order.child.node {
            ExprNode::Literal(Literal::Integer(position)) if self.settings.order_by_ordinal => {
                let columns = &input.scope.columns;
                let index = usize::try_from(*position).ok().and_then(|n| n.checked_sub(1));
                match index.and_then(|index| columns.get(index)) {
                    Some(target) => Ok(Some(vec![target.internal.clone()])),
                    None => {
                        let error = out_of_range(*position, columns.len());
                        Err(match &order.child.origin {
                            Some(origin) => error.at(origin.to_query_context()),
                            None => error,
                        })
                    }
                }
            }
            ExprNode::Star { .. } | ExprNode::Regex { .. } => {
                let columns = self.expand_star(&order.child, context)?;
                Ok(Some(
                    columns
                        .into_iter()
                        .filter_map(|item| item.column)
                        .map(|own| own.internal)
                        .collect(),
                ))
            }
            _ => Ok(None),
        }
    }
}

fn contains_correlated(expr: &Expr) -> bool {
    let is_correlated = |node: &Expr| match node {
        Expr::ScalarSubquery(subquery) => Ok(!subquery.outer_ref_columns.is_empty()),
        _ => Ok(false),
    };
    expr.exists(is_correlated).unwrap_or(false)
}

fn out_of_range(position: i32, n_columns: usize) -> SparkError {
    SparkError::analysis(
        "ORDER_BY_POS_OUT_OF_RANGE",
        format!(
            "ORDER BY position {position} is not in select list (valid range is [1, {n_columns}])."
        ),
    )
    .with("index", position.to_string())
    .with("size", n_columns.to_string())
}

fn sort_node(plan: LogicalPlan, order: Vec<SortExpr>, global: bool) -> LogicalPlan {
    if global {
        return LogicalPlan::Sort(Sort { expr: order, input: Arc::new(plan), fetch: None });
    }
    let node = SortWithinPartitions { input: plan, order };
    LogicalPlan::Extension(Extension { node: Arc::new(node) })
}
