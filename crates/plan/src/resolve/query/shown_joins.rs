//! The order in which `df.show()` gives the rows of joins of rows from the client.
//!
//! Such rows are few, so Spark broadcasts one side: the rows of the other keep their order, and each meets the
//! broadcast rows with its key, the last of them first, or without a key all of them, the first of them first. A full
//! join sorts both sides by their keys.

use super::shown_order::{ascending, is_local, sorted, without_others};
use crate::resolve::Resolver;
use arrow::datatypes::DataType;
use datafusion::common::{JoinType, NullEquality};
use datafusion::datasource::{MemTable, source_as_provider};
use datafusion::functions::core::coalesce;
use datafusion::logical_expr::{Expr, Join, LogicalPlan, SortExpr};
use firesteel_common::nodes::{JoinHint, PartitionColumns};
use std::any::Any;
use std::sync::Arc;

/// Rows of each side, and of both multiplied, that are sorted.
const ROWS_MAX: usize = 1_000_000;

/// The join with its rows in order; none where they are not from the client, or too many.
pub(super) fn joined(resolver: &mut Resolver<'_>, node: &Join) -> Option<LogicalPlan> {
    if !is_local(&node.left) || !is_local(&node.right) {
        return None;
    }
    let rows = n_rows_max(&node.left)?.checked_mul(n_rows_max(&node.right)?)?;
    if rows > ROWS_MAX {
        return None;
    }
    let only_left = matches!(node.join_type, JoinType::LeftSemi | JoinType::LeftAnti);
    if only_left && node.null_equality == NullEquality::NullEqualsNull {
        return of_sets(resolver, node);
    }
    let (left, left_row) = with_row(resolver, &node.left)?;
    let (right, right_row) = match only_left {
        true => (node.right.as_ref().clone(), None),
        false => {
            let (plan, row) = with_row(resolver, &node.right)?;
            (plan, Some(row))
        }
    };
    let has_keys = !node.on.is_empty();
    let built = |row: &Expr| row.clone().sort(!has_keys, true);
    let by: Vec<SortExpr> = match (node.join_type, &right_row) {
        (JoinType::LeftSemi | JoinType::LeftAnti, _) => vec![ascending(&left_row)],
        (JoinType::Left, Some(right)) => vec![ascending(&left_row), built(right)],
        (JoinType::Right, Some(right)) => vec![ascending(right), built(&left_row)],
        (JoinType::Inner, Some(right)) => match size(&node.right)? <= size(&node.left)? {
            true => vec![ascending(&left_row), built(right)],
            false => vec![ascending(right), built(&left_row)],
        },
        (JoinType::Full, Some(right)) if has_keys => {
            let keys = node
                .on
                .iter()
                .map(|(own, other)| ascending(&coalesce().call(vec![own.clone(), other.clone()])));
            keys.chain([ascending(&left_row), ascending(right)]).collect()
        }
        _ => return None,
    };
    let plan = over(node, left, right)?;
    without_others(sorted(plan, by)?, &node.schema)
}

/// INTERSECT and EXCEPT: Spark groups the left rows by all columns.
fn of_sets(resolver: &mut Resolver<'_>, node: &Join) -> Option<LogicalPlan> {
    let keys: Vec<Expr> = node.on.iter().map(|(own, _)| own.clone()).collect();
    let (left, row) = with_row(resolver, &node.left)?;
    let plan = over(node, left, node.right.as_ref().clone())?;
    // The number of a copy is no column of the user's.
    let keys = match node.left.as_ref() {
        LogicalPlan::Window(_) => keys[..keys.len().checked_sub(1)?].to_vec(),
        _ => keys,
    };
    let partition = resolver.partition_of(keys, plan.schema()).ok()?;
    let task = row.clone() >> datafusion::logical_expr::lit(33_i64);
    let by = [task, partition, row].iter().map(ascending).collect();
    without_others(sorted(plan, by)?, &node.schema)
}

/// `plan` with the numbers of its rows as they came, below the windows that number copies.
fn with_row(resolver: &mut Resolver<'_>, plan: &LogicalPlan) -> Option<(LogicalPlan, Expr)> {
    if let LogicalPlan::Window(node) = plan {
        let (input, row) = with_row(resolver, &node.input)?;
        let window =
            datafusion::logical_expr::Window::try_new(node.window_expr.clone(), Arc::new(input));
        return Some((LogicalPlan::Window(window.ok()?), row));
    }
    let ordered = resolver.ordered_below(plan).unwrap_or_else(|| plan.clone());
    resolver.numbered(ordered).ok()
}

fn over(node: &Join, left: LogicalPlan, right: LogicalPlan) -> Option<LogicalPlan> {
    let join = Join::try_new(
        Arc::new(left),
        Arc::new(right),
        node.on.clone(),
        node.filter.clone(),
        node.join_type,
        node.join_constraint,
        node.null_equality,
        node.null_aware,
    );
    Some(LogicalPlan::Join(join.ok()?))
}

/// No more rows than these; none if that cannot be told.
pub(super) fn n_rows_max(plan: &LogicalPlan) -> Option<usize> {
    match plan {
        LogicalPlan::TableScan(scan) => {
            let provider = source_as_provider(&scan.source).ok()?;
            let table = (provider.as_ref() as &dyn Any).downcast_ref::<MemTable>()?;
            let rows = table.batches.iter().map(|partition| {
                let batches = partition.try_read().ok()?;
                Some(batches.iter().map(|batch| batch.num_rows()).sum::<usize>())
            });
            rows.sum()
        }
        LogicalPlan::Values(node) => Some(node.values.len()),
        LogicalPlan::Union(node) => node.inputs.iter().map(|input| n_rows_max(input)).sum(),
        LogicalPlan::Join(node) => {
            n_rows_max(&node.left)?.checked_mul(n_rows_max(&node.right)?.max(1))
        }
        LogicalPlan::Limit(node) => {
            let rows = n_rows_max(&node.input)?;
            match node.get_fetch_type() {
                Ok(datafusion::logical_expr::FetchType::Literal(Some(fetch))) => {
                    Some(rows.min(fetch))
                }
                _ => Some(rows),
            }
        }
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Aggregate(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Window(_) => plan.inputs().first().and_then(|input| n_rows_max(input)),
        LogicalPlan::Extension(extension) => {
            let node = extension.node.as_any();
            let keeps_rows = node.is::<PartitionColumns>() || node.is::<JoinHint>();
            let input = plan.inputs().first().copied().filter(|_| keeps_rows);
            input.and_then(n_rows_max)
        }
        _ => None,
    }
}

/// What Spark takes for the bytes of a plan over rows from the client.
fn size(plan: &LogicalPlan) -> Option<usize> {
    let width =
        8 + plan.schema().fields().iter().map(|field| width(field.data_type())).sum::<usize>();
    n_rows_max(plan)?.checked_mul(width)
}

/// Spark's `defaultSize` of a type.
fn width(data_type: &DataType) -> usize {
    match data_type {
        DataType::Null | DataType::Boolean | DataType::Int8 => 1,
        DataType::Int16 => 2,
        DataType::Int32 | DataType::Float32 | DataType::Date32 => 4,
        DataType::Utf8 => 20,
        DataType::Binary => 100,
        DataType::List(element) => width(element.data_type()),
        DataType::Struct(fields) => fields.iter().map(|field| width(field.data_type())).sum(),
        DataType::Map(entries, _) => width(entries.data_type()),
        DataType::Decimal128(precision, _) if *precision > 18 => 16,
        _ => 8,
    }
}
