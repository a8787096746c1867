//! LATERAL over nothing but the left side's columns: `t, LATERAL (SELECT t.a + 1 AS b)` and
//! `t, LATERAL explode(t.arr)`.
//!
//! DataFusion decorrelates a lateral side that reads a table. One that only computes has no table:
//! its projections, filters and generators are put over the left side instead.

use crate::resolve::Resolver;
use crate::resolve::output::{column, projection};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::logical_expr::{Expr, Extension, Filter, LogicalPlan, when};
use firesteel_common::Result;
use firesteel_common::nodes::{Generate, PythonRows};
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
                if let Some(rows) = node.node.as_any().downcast_ref::<PythonRows>() {
                    let Some(input) = self.composed(left, &rows.input)? else { return Ok(None) };
                    let mut parts = rows.parts.clone();
                    let args = parts.args.iter().map(|arg| own(arg, left));
                    parts.args = args.collect::<Result<_>>()?;
                    let node = PythonRows::try_new(input, parts)?;
                    return Ok(Some(LogicalPlan::Extension(Extension { node: Arc::new(node) })));
                }
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

/// `right` so that composing it keeps each row of the left side, as a LEFT join does; none if it is
/// more than a computation, a filter of one row, or a generator. `has_condition`: there is an ON, which is true.
pub(super) fn as_outer_side(
    right: &LogicalPlan,
    has_condition: bool,
) -> Result<Option<LogicalPlan>> {
    match right {
        LogicalPlan::EmptyRelation(node) if node.produce_one_row => Ok(Some(right.clone())),
        LogicalPlan::Extension(node) => {
            if let Some(rows) = node.node.as_any().downcast_ref::<PythonRows>() {
                if !matches!(&rows.input, LogicalPlan::EmptyRelation(_)) {
                    return Ok(None);
                }
                let mut parts = rows.parts.clone();
                // Spark forgets rows for which such a function gives none, LEFT or not.
                for field in &mut parts.columns {
                    *field = Arc::new(field.as_ref().clone().with_nullable(true));
                }
                let node = PythonRows::try_new(rows.input.clone(), parts)?;
                return Ok(Some(LogicalPlan::Extension(Extension { node: Arc::new(node) })));
            }
            let Some(generate) = node.node.as_any().downcast_ref::<Generate>() else {
                return Ok(None);
            };
            if !matches!(&generate.input, LogicalPlan::EmptyRelation(_)) {
                return Ok(None);
            }
            let (rows, columns) = (generate.rows.clone(), generate.columns.clone());
            let columns = columns
                .iter()
                .map(|field| Arc::new(field.as_ref().clone().with_nullable(true)))
                .collect();
            // As with functions: LEFT without ON forgets rows for which there are no values.
            let outer = generate.outer || has_condition;
            let node = Generate::try_new(generate.input.clone(), rows, columns, outer)?;
            Ok(Some(LogicalPlan::Extension(Extension { node: Arc::new(node) })))
        }
        LogicalPlan::Projection(node) => {
            let fields = node.schema.fields().iter();
            let fields = fields.map(|own| Arc::new(own.as_ref().clone().with_nullable(true)));
            let (input, exprs) = match node.input.as_ref() {
                LogicalPlan::Filter(filter) => {
                    if !matches!(filter.input.as_ref(), LogicalPlan::EmptyRelation(_)) {
                        return Ok(None);
                    }
                    let mut exprs = Vec::with_capacity(node.expr.len());
                    for (expr, field) in node.expr.iter().zip(node.schema.fields()) {
                        let value = expr.clone().unalias();
                        let value = when(filter.predicate.clone(), value).end()?;
                        exprs.push(value.alias(field.name()));
                    }
                    (filter.input.as_ref().clone(), exprs)
                }
                other => {
                    let is_generator = matches!(other, LogicalPlan::Extension(_));
                    let is_column = |expr: &Expr| matches!(expr.clone().unalias(), Expr::Column(_));
                    let passes = node.expr.iter().all(is_column);
                    if is_generator && !passes {
                        return Ok(None);
                    }
                    let Some(input) = as_outer_side(other, has_condition)? else { return Ok(None) };
                    (input, node.expr.clone())
                }
            };
            projection(input, exprs.into_iter().zip(fields).collect()).map(Some)
        }
        _ => Ok(None),
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
