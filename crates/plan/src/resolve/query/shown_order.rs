//! The order in which `df.show()` and `df.limit(n)`, and of few rows all, give the rows of groups, windows and joins.
//!
//! SQL promises none, but Spark's is always the same for little data, and whoever compares what a notebook or a
//! docstring prints expects those rows, and of many the same first ones. `show` keeps a handful, so that sorting costs
//! next to nothing; nothing else is sorted for it. Of a few rows from the client all are.
//!
//! - Groups: a small exchange is read map task by map task, so groups come by the first task that has them, then by
//!   partition, then as they were met. Tasks are known where the rows come from the client or a range; elsewhere, or
//!   where one task reads what an exchange brought, partitions alone decide. An aggregate that has to keep text or
//!   nested values makes Spark sort: by the keys.
//! - Windows sort by their keys and their order.
//! - Functions over groups of rows from the client: by their keys.
//! - Joins of rows from the client: the smaller side is broadcast, the other's rows keep their order
//!   (`shown_joins`).

use super::shown_joins::{joined, n_rows_max};
use crate::resolve::output::{column, named};
use crate::resolve::{Resolved, Resolver};
use datafusion::common::{DFSchemaRef, ScalarValue};
use datafusion::datasource::{MemTable, source_as_provider};
use datafusion::functions_aggregate::min_max::min_udaf;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, ExprSchemable, Extension, Filter, LogicalPlan, Projection, Sort,
    SortExpr, SubqueryAlias, Window, lit,
};
use firesteel_common::Result;
use firesteel_common::nodes::{
    GroupShape, JoinHint, PartitionColumns, PartitionFunction, PythonGroups,
};
use firesteel_common::python::PythonUdaf;
use firesteel_functions::Arg;
use std::any::Any;
use std::sync::Arc;

/// Rows that a limit may keep for its input to be sorted.
pub(super) const LIMIT_MAX: i64 = 10_000;
/// Rows of the client that are sorted when a query gives them all: Spark has them in one partition.
const ROWS_COLLECTED_MAX: usize = 10_000;
/// Bits of `monotonically_increasing_id` that count rows within the partition.
const ROW_BITS: i64 = 33;
/// Aggregates that keep one of the values they see.
const PICKING: [&str; 7] =
    ["max", "min", "first", "last", "first_value", "last_value", "any_value"];

impl Resolver<'_> {
    /// The rows in the order of Spark's partitions, if groups, windows or joins made them.
    pub(super) fn in_shown_order(&mut self, input: Resolved) -> Resolved {
        match self.ordered_below(&input.plan) {
            Some(plan) => Resolved { plan, ..input },
            None => input,
        }
    }

    /// The same for all rows of a query that go to the client: where they are few and came from there.
    pub(crate) fn in_collected_order(&mut self, input: Resolved) -> Resolved {
        let few = |rows| rows <= ROWS_COLLECTED_MAX;
        match is_local(&input.plan) && n_rows_max(&input.plan).is_some_and(few) {
            true => self.in_shown_order(input),
            false => input,
        }
    }

    /// `plan` with its rows in order and its columns as they were; none where nothing is known.
    pub(super) fn ordered_below(&mut self, plan: &LogicalPlan) -> Option<LogicalPlan> {
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
            LogicalPlan::SubqueryAlias(node) => {
                let input = Arc::new(self.ordered_below(&node.input)?);
                let alias = SubqueryAlias::try_new(input, node.alias.clone()).ok()?;
                LogicalPlan::SubqueryAlias(alias)
            }
            LogicalPlan::Aggregate(node) => self.grouped_order(node).ok()??,
            LogicalPlan::Distinct(distinct) => {
                let (input, on) = match distinct {
                    Distinct::All(input) => (input, None),
                    Distinct::On(node) => (&node.input, Some(node)),
                };
                let is_column = |key: &Expr| matches!(key, Expr::Column(_));
                let keys: Vec<Expr> = match on {
                    None => input.schema().columns().into_iter().map(Expr::Column).collect(),
                    Some(node) if node.on_expr.iter().all(is_column) => node.on_expr.clone(),
                    Some(_) => return None,
                };
                // Spark keeps the first of every other column.
                let rest = |field: &str| !keys.iter().any(|key| *key == column(field));
                let fields = input.schema().fields().iter();
                if fields
                    .filter(|field| rest(field.name()))
                    .any(|field| needs_sort(field.data_type()))
                {
                    return sorted(plan.clone(), keys.iter().map(ascending).collect());
                }
                match on {
                    None if has_known_tasks(input) => {
                        let node = Aggregate::try_new(Arc::clone(input), keys, vec![]).ok()?;
                        self.grouped_order(&node).ok()??
                    }
                    _ => {
                        let partition = self.partition_of(keys, plan.schema()).ok()?;
                        sorted(plan.clone(), vec![ascending(&partition)])?
                    }
                }
            }
            LogicalPlan::Window(node) => {
                let (keys, order) = window_keys(node)?;
                let by_keys = keys.iter().map(ascending);
                // Rows that are equal in it come as they were counted.
                let (plan, row) = self.numbered(plan.clone()).ok()?;
                let by = by_keys.chain(order).chain([ascending(&row)]).collect();
                let schema = Arc::clone(&node.schema);
                without_others(sorted(plan, by)?, &schema)?
            }
            LogicalPlan::Join(node) => joined(self, node)?,
            LogicalPlan::Extension(node) => self.ordered_extension(node)?,
            _ => return None,
        })
    }

    /// Functions over little data: Spark has one task sort it by the keys. Hints change no order.
    fn ordered_extension(&mut self, node: &Extension) -> Option<LogicalPlan> {
        let own = node.node.as_any();
        if let Some(hint) = own.downcast_ref::<JoinHint>() {
            let hint = JoinHint { input: self.ordered_below(&hint.input)?, ..hint.clone() };
            return Some(LogicalPlan::Extension(Extension { node: Arc::new(hint) }));
        }
        let groups = own.downcast_ref::<PythonGroups>()?;
        let is_any_rows = matches!(groups.shape, GroupShape::Rows { .. });
        // Of more rows the functions may take long, and go side by side.
        let few = n_rows_max(&groups.input).is_some_and(|rows| rows <= ROWS_COLLECTED_MAX);
        if !is_any_rows || !few || !is_local(&groups.input) {
            return None;
        }
        let mut groups = groups.clone();
        groups.in_order = true;
        Some(LogicalPlan::Extension(Extension { node: Arc::new(groups) }))
    }

    /// Groups in the order of the tasks that have them first and of Spark's exchange.
    fn grouped_order(&mut self, node: &Aggregate) -> Result<Option<LogicalPlan>> {
        let Some(keys) = group_keys(node) else { return Ok(None) };
        let plan = LogicalPlan::Aggregate(node.clone());
        // Python's aggregates stand alone, and Spark sorts for them.
        let of_python = |expr: &Expr| {
            aggregate_of(expr)
                .is_some_and(|call| (call.func.inner().as_ref() as &dyn Any).is::<PythonUdaf>())
        };
        if node.aggr_expr.iter().any(of_python) || is_sorted_by_keys(node) {
            return Ok(sorted(plan, keys.iter().map(ascending).collect()));
        }
        // Distinct values are found in an exchange before this one, and so are those of a pivot.
        let is_second = node.aggr_expr.iter().any(has_distinct_or_filter);
        if is_second || !has_known_tasks(&node.input) {
            let partition = self.partition_of(keys, plan.schema())?;
            return Ok(sorted(plan, vec![ascending(&partition)]));
        }
        let (input, row) = self.numbered(node.input.as_ref().clone())?;
        let first = Expr::AggregateFunction(AggregateFunction {
            func: min_udaf(),
            params: AggregateFunctionParams {
                args: vec![row],
                distinct: false,
                filter: None,
                order_by: Vec::new(),
                null_treatment: None,
            },
        });
        let name = self.fresh();
        let mut aggregates = node.aggr_expr.clone();
        aggregates.push(named(first, &name));
        let node_with_row =
            Aggregate::try_new(Arc::new(input), node.group_expr.clone(), aggregates)?;
        let plan = LogicalPlan::Aggregate(node_with_row);
        let partition = self.partition_of(keys, plan.schema())?;
        let task = column(&name) >> lit(ROW_BITS);
        let by = [task, partition, column(&name)];
        let plan = sorted(plan, by.iter().map(ascending).collect());
        Ok(plan.and_then(|plan| without_others(plan, &node.schema)))
    }

    /// The partition of Spark's exchange on `keys`.
    pub(super) fn partition_of(&mut self, keys: Vec<Expr>, schema: &DFSchemaRef) -> Result<Expr> {
        let typed = |expr: Expr| -> Result<Arg> {
            let field = expr.to_field(schema)?.1;
            Ok(Arg::new(expr, field))
        };
        let keys = keys.into_iter().map(typed).collect::<Result<Vec<_>>>()?;
        let hash = typed(self.build_scalar("hash", keys)?)?;
        let n_partitions = i32::try_from(self.settings.shuffle_partitions).unwrap_or(i32::MAX);
        let n_partitions = Expr::Literal(ScalarValue::Int32(Some(n_partitions)), None);
        self.build_scalar("pmod", vec![hash, typed(n_partitions)?])
    }

    /// `plan` with the numbers of its rows: partition and place in it.
    pub(super) fn numbered(&mut self, plan: LogicalPlan) -> Result<(LogicalPlan, Expr)> {
        let name = self.fresh();
        let columns = vec![(name.clone(), PartitionFunction::MonotonicallyIncreasingId)];
        let node = PartitionColumns::try_new(plan, columns)?;
        Ok((LogicalPlan::Extension(Extension { node: Arc::new(node) }), column(&name)))
    }
}

pub(super) fn ascending(expr: &Expr) -> SortExpr {
    expr.clone().sort(true, true)
}

pub(super) fn sorted(plan: LogicalPlan, expr: Vec<SortExpr>) -> Option<LogicalPlan> {
    Some(LogicalPlan::Sort(Sort { expr, input: Arc::new(plan), fetch: None }))
}

/// `plan` with the columns of `schema` only.
pub(super) fn without_others(plan: LogicalPlan, schema: &DFSchemaRef) -> Option<LogicalPlan> {
    let exprs = schema.columns().into_iter().map(Expr::Column).collect();
    let node = Projection::try_new_with_schema(exprs, Arc::new(plan), Arc::clone(schema)).ok()?;
    Some(LogicalPlan::Projection(node))
}

/// The columns that hold the keys; none for one group, or several sets of keys.
fn group_keys(node: &Aggregate) -> Option<Vec<Expr>> {
    let plain = !node.group_expr.iter().any(|key| matches!(key, Expr::GroupingSet(_)));
    let fields = node.schema.fields().iter().take(node.group_expr.len());
    let keys: Vec<_> = fields.map(|field| column(field.name())).collect();
    (plain && !keys.is_empty()).then_some(keys)
}

fn aggregate_of(expr: &Expr) -> Option<&AggregateFunction> {
    match expr {
        Expr::Alias(alias) => aggregate_of(&alias.expr),
        Expr::AggregateFunction(function) => Some(function),
        _ => None,
    }
}

fn has_distinct_or_filter(expr: &Expr) -> bool {
    aggregate_of(expr)
        .is_some_and(|function| function.params.distinct || function.params.filter.is_some())
}

/// Whether all aggregates are Spark's simple ones and one of them keeps values of changing length.
fn is_sorted_by_keys(node: &Aggregate) -> bool {
    let is_picking = |function: &AggregateFunction| {
        PICKING.contains(&function.func.name().to_lowercase().as_str())
    };
    let schema = node.input.schema();
    let mut functions = node.aggr_expr.iter().filter_map(aggregate_of);
    functions.any(|function| {
        is_picking(function)
            && function.params.args.first().is_some_and(|arg| {
                arg.get_type(schema).is_ok_and(|data_type| needs_sort(&data_type))
            })
    }) && !node.aggr_expr.iter().filter_map(aggregate_of).any(|function| is_gathering(function))
}

/// Aggregates whose state is an object: Spark hashes them whatever their type.
fn is_gathering(function: &AggregateFunction) -> bool {
    const GATHERING: [&str; 9] = [
        "collect_list",
        "collect_set",
        "array_agg",
        "percentile",
        "approx_percentile",
        "mode",
        "median",
        "listagg",
        "histogram_numeric",
    ];
    let name = function.func.name().to_lowercase();
    GATHERING.iter().any(|known| name.contains(known))
}

fn needs_sort(data_type: &arrow::datatypes::DataType) -> bool {
    use arrow::datatypes::DataType;
    data_type.is_nested()
        || matches!(
            data_type,
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Binary
        )
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
pub(super) fn is_local(plan: &LogicalPlan) -> bool {
    all_leaves(plan, &|provider| provider.is::<MemTable>())
}

/// Whether the tasks that read these rows are Spark's: no exchange, and leaves that are cut as Spark cuts them.
fn has_known_tasks(plan: &LogicalPlan) -> bool {
    let mut exchanges = false;
    // Nothing in the closure fails.
    let _ = datafusion::common::tree_node::TreeNode::apply(plan, |node| {
        exchanges |= matches!(
            node,
            LogicalPlan::Aggregate(_)
                | LogicalPlan::Distinct(_)
                | LogicalPlan::Window(_)
                | LogicalPlan::Sort(_)
                | LogicalPlan::Limit(_)
                | LogicalPlan::Join(_)
                | LogicalPlan::Repartition(_)
        );
        Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
    });
    !exchanges
        && all_leaves(plan, &|provider| {
            provider.is::<MemTable>() || provider.is::<crate::resolve::range_table::RangeTable>()
        })
}

fn all_leaves(plan: &LogicalPlan, is_known: &dyn Fn(&dyn Any) -> bool) -> bool {
    match plan {
        LogicalPlan::Values(_) => true,
        LogicalPlan::TableScan(scan) => source_as_provider(&scan.source)
            .is_ok_and(|provider| is_known(provider.as_ref() as &dyn Any)),
        other => {
            let inputs = other.inputs();
            !inputs.is_empty() && inputs.into_iter().all(|input| all_leaves(input, is_known))
        }
    }
}
