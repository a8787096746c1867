//! LATERAL over nothing but the left side's columns: `t, LATERAL (SELECT t.a + 1 AS b)` and
//! `t, LATERAL explode(t.arr)`.
//!
//! DataFusion decorrelates a lateral side that reads a table. One that only computes has no table:
//! its projections, filters and generators are put over the left side instead.

use crate::resolve::Resolver;
use crate::resolve::output::{column, projection};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::{Expr, Extension, Filter, LogicalPlan};
use firesteel_common::Result;
use firesteel_common::nodes::Generate;
use std::sync::Arc;

impl Resolver<'_> {
    /// `left` with what `right` computes for each of its rows; none if `right` reads a table.
    pub(super) fn composed(
        &self,
        left: &LogicalPlan,
        right: &LogicalPlan,
    ) -> Result<Option<LogicalPlan>> {
        match right {
            LogicalPlan::EmptyRelation(node) if node.produce_one_row => Ok(Some(left.clone())),
            LogicalPlan::Projection(node) => {
                let Some(input) = self.composed(left, &node.input)? else { return Ok(None) };
                let mut exprs = Vec::with_capacity(node.expr.len() + 1);
                for field in left.schema().fields() {
                    exprs.push((column(field.name()), Arc::clone(field)));
                }
                for (expr, field) in node.expr.iter().zip(node.schema.fields()) {
                    exprs.push((own(expr, left)?, Arc::clone(field)));
                }
                projection(input, exprs).map(Some)
            }
            LogicalPlan::Filter(node) => {
                let Some(input) = self.composed(left, &node.input)? else { return Ok(None) };
                let predicate = own(&node.predicate, left)?;
                let filter = Filter::try_new(predicate, Arc::new(input))?;
                Ok(Some(LogicalPlan::Filter(filter)))
            }
            LogicalPlan::Extension(node) => {
                let Some(generate) = node.node.as_any().downcast_ref::<Generate>() else {
                    return Ok(None);
                };
                let Some(input) = self.composed(left, &generate.input)? else { return Ok(None) };
                let rows = own(&generate.rows, left)?;
                let columns = generate.columns.clone();
                let node = Generate::try_new(input, rows, columns, generate.outer)?;
                Ok(Some(LogicalPlan::Extension(Extension { node: Arc::new(node) })))
            }
            _ => Ok(None),
        }
    }
}

/// `expr` with the columns of `left` as its own.
fn own(expr: &Expr, left: &LogicalPlan) -> Result<Expr> {
    let replaced = expr.clone().transform(|node| match node {
        Expr::OuterReferenceColumn(_, outer)
            if left.schema().has_column_with_unqualified_name(&outer.name) =>
        {
            Ok(Transformed::yes(Expr::Column(outer)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(replaced.data)
}
