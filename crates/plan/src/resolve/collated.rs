//! Groups, orders and matches by strings that have a collation: by their keys, once a query is resolved.
//!
//! ```text
//!   Aggregate group #c, count(*)          Projection #f AS #c, count(*)
//!     t                            ⟶        Aggregate group #k, count(*), first(#c) AS #f
//!                                             Projection …, key(#c) AS #k
//!                                               t
//! ```
//!
//! A group shows one of its values, as in Spark. Comparisons between values are made of keys where they are built
//! (`functions/collation`); plans without such strings stay as they are.

use super::output::{column, projection};
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column as PlanColumn, DFSchema, DataFusionError, ExprSchema};
use datafusion::functions_aggregate::first_last::first_value;
use datafusion::logical_expr::expr::Sort as SortExpr;
use datafusion::logical_expr::{
    Aggregate, Distinct, DistinctOn, Expr, Join, LogicalPlan, Projection, Sort, when,
};
use firesteel_common::{Result, SparkType, StructField};
use firesteel_functions::collation::{holds_collation, key, relabelled, without_collation};
use std::collections::HashMap;
use std::sync::Arc;

/// `plan` with keys in the place of values wherever equality or order of rows matters.
pub(super) fn by_keys(plan: LogicalPlan) -> Result<LogicalPlan> {
    if !plan.exists(|node| Ok(needs_keys(node)))? {
        return Ok(plan);
    }
    let changed = plan.transform_up_with_subqueries(|node| {
        if !needs_keys(&node) {
            return Ok(Transformed::no(node));
        }
        Ok(Transformed::yes(with_keys(node).map_err(DataFusionError::from)?))
    })?;
    Ok(changed.data)
}

fn is_collated(expr: &Expr, schema: &DFSchema) -> bool {
    type_of(expr, schema).is_some()
}

/// The type of a column that holds strings with a collation.
fn type_of(expr: &Expr, schema: &DFSchema) -> Option<SparkType> {
    let Expr::Column(own) = expr else { return None };
    let field = schema.field_from_column(own).ok()?;
    if !holds_collation(field) {
        return None;
    }
    StructField::from_arrow(field).ok().map(|field| field.data_type)
}

fn needs_keys(node: &LogicalPlan) -> bool {
    match node {
        LogicalPlan::Aggregate(node) => {
            let schema = node.input.schema();
            node.group_expr.iter().any(|group| {
                let columns = group.column_refs();
                columns.into_iter().any(|own| is_collated(&Expr::Column(own.clone()), schema))
            })
        }
        LogicalPlan::Distinct(Distinct::All(input)) => {
            input.schema().fields().iter().any(|field| holds_collation(field))
        }
        LogicalPlan::Distinct(Distinct::On(node)) => {
            node.on_expr.iter().any(|expr| is_collated(expr, node.input.schema()))
        }
        LogicalPlan::Sort(node) => {
            node.expr.iter().any(|sort| is_collated(&sort.expr, node.input.schema()))
        }
        LogicalPlan::Join(node) => node.on.iter().any(|(left, right)| {
            is_collated(left, node.left.schema()) || is_collated(right, node.right.schema())
        }),
        _ => false,
    }
}

/// A column as its key, anything else as it is.
fn keyed(expr: Expr, schema: &DFSchema) -> Result<Expr> {
    match type_of(&expr, schema) {
        Some(data_type) => key(expr, &data_type),
        None => Ok(expr),
    }
}

fn with_keys(node: LogicalPlan) -> Result<LogicalPlan> {
    match node {
        LogicalPlan::Aggregate(node) => grouped(node),
        LogicalPlan::Distinct(Distinct::All(input)) => {
            let groups = input.schema().columns().into_iter().map(Expr::Column).collect();
            grouped(Aggregate::try_new(input, groups, Vec::new())?)
        }
        LogicalPlan::Distinct(Distinct::On(node)) => {
            let schema = Arc::clone(node.input.schema());
            let on = node.on_expr.into_iter().map(|expr| keyed(expr, &schema));
            let on = on.collect::<Result<Vec<_>>>()?;
            let node = DistinctOn::try_new(on, node.select_expr, node.sort_expr, node.input)?;
            Ok(LogicalPlan::Distinct(Distinct::On(node)))
        }
        LogicalPlan::Sort(node) => {
            let schema = Arc::clone(node.input.schema());
            let keys = node.expr.into_iter().map(|sort| {
                Ok(SortExpr::new(keyed(sort.expr, &schema)?, sort.asc, sort.nulls_first))
            });
            let expr = keys.collect::<Result<Vec<_>>>()?;
            Ok(LogicalPlan::Sort(Sort { expr, ..node }))
        }
        LogicalPlan::Join(node) => {
            let (left, right) = (Arc::clone(node.left.schema()), Arc::clone(node.right.schema()));
            let on = node
                .on
                .into_iter()
                .map(|(own, other)| Ok((keyed(own, &left)?, keyed(other, &right)?)))
                .collect::<Result<Vec<_>>>()?;
            Ok(LogicalPlan::Join(Join { on, ..node }))
        }
        other => Ok(other),
    }
}

/// Groups by keys, each with one of its values.
fn grouped(node: Aggregate) -> Result<LogicalPlan> {
    let schema = Arc::clone(node.input.schema());
    let mut keys: HashMap<PlanColumn, (String, SparkType)> = HashMap::new();
    let mut below: Vec<_> =
        schema.iter().map(|(_, field)| (column(field.name()), Arc::clone(field))).collect();
    for own in node.group_expr.iter().flat_map(Expr::column_refs) {
        let value = Expr::Column(own.clone());
        let Some(data_type) = type_of(&value, &schema) else { continue };
        if keys.contains_key(own) {
            continue;
        }
        let name = format!("{}:key", own.name);
        let plain = without_collation(&data_type);
        let nullable = schema.field_from_column(own)?.is_nullable();
        let field = StructField::new(&name, plain, nullable).to_arrow();
        below.push((key(value, &data_type)?.alias(&name), field));
        keys.insert(own.clone(), (name, data_type));
    }
    let input = projection(node.input.as_ref().clone(), below)?;
    let mut groups = Vec::with_capacity(node.group_expr.len());
    for group in node.group_expr {
        let by_key = group.transform(|part| match &part {
            Expr::Column(own) => Ok(match keys.get(own) {
                Some((name, _)) => Transformed::yes(column(name)),
                None => Transformed::no(part),
            }),
            _ => Ok(Transformed::no(part)),
        })?;
        groups.push(by_key.data);
    }
    let mut aggregates = node.aggr_expr;
    for (own, (name, data_type)) in &keys {
        // Plain within the aggregate: its states do not keep what a type is tagged with.
        let plain = relabelled(column(&own.name), &without_collation(data_type));
        let shown = first_value(plain, Vec::new());
        aggregates.push(shown.alias(format!("{name}:shown")));
    }
    let output = Arc::clone(&node.schema);
    let plan = LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(input), groups, aggregates)?);
    let mut exprs = Vec::with_capacity(output.fields().len());
    for (qualifier, field) in output.iter() {
        let own = PlanColumn::new(qualifier.cloned(), field.name());
        let expr = match keys.get(&own) {
            // Where the group is not part of the grouping set, the key is null and the value means nothing.
            Some((name, data_type)) => {
                let shown = when(column(name).is_not_null(), column(&format!("{name}:shown")));
                relabelled(shown.end()?, data_type).alias(field.name())
            }
            None => Expr::Column(own),
        };
        exprs.push(expr);
    }
    let plan = Projection::try_new_with_schema(exprs, Arc::new(plan), output)?;
    Ok(LogicalPlan::Projection(plan))
}
