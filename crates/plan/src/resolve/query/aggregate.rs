//! GROUP BY: groups, aggregates, and expressions around them.
//!
//! ```text
//! SELECT a + 1, sum(b) * 2 FROM t GROUP BY a + 1 HAVING max(b) > 0
//!
//!   Projection  #g, #s * 2
//!     Filter      #m > 0
//!       Aggregate   group #g, aggregates sum(#b) AS #s, max(#b) AS #m
//!         Projection  …, #a + 1 AS #g
//! ```
//!
//! Grouping expressions are columns of their own under the aggregation, so that expressions above it
//! are matched with them by structure and refer to them by name.

use super::grouping_sets::GroupingSets;
use super::held_order::{goes_by_order, held, is_sorted};
use super::shown_order::{ascending, is_local};
use crate::resolve::expression::aggregates::contains_aggregate;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr, is_same};
use crate::resolve::output::{column, named, projection, renamed};
use crate::resolve::{Below, Resolved, Resolver, Scope};
use crate::spec;
use arrow::datatypes::FieldRef;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Aggregate, Expr, ExprSchemable, Filter, LogicalPlan, Sort};
use firesteel_common::{Result, SparkError, StructField};
use firesteel_functions::sorted_maps;
use std::sync::Arc;

/// How expressions over an aggregation's input reappear in its output.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregation {
    /// A grouping expression and what stands for it above.
    pub(super) groups: Vec<(Expr, Expr)>,
    /// An aggregate function and the column that holds it.
    pub(super) aggregates: Vec<(Expr, String)>,
    /// Names of the input's columns, for messages.
    input_names: Vec<(String, String)>,
}

impl Aggregation {
    /// One group of all rows of a relation with this scope.
    pub(super) fn of_all_rows(scope: &Scope) -> Self {
        let names = scope.columns.iter();
        let names = names.map(|own| (own.internal.clone(), own.field.name.clone()));
        Self { groups: Vec::new(), aggregates: Vec::new(), input_names: names.collect() }
    }
}

impl Resolver<'_> {
    pub(super) fn aggregate(
        &mut self,
        aggregate: &spec::Aggregate,
        having: Option<&spec::Expr>,
    ) -> Result<Resolved> {
        let input = self.relation(&aggregate.input)?;
        if aggregate.pivot.is_some() {
            return self.pivoted_aggregate(input, aggregate);
        }
        self.aggregate_over(input, aggregate, having)
    }

    pub(super) fn aggregate_over(
        &mut self,
        input: Resolved,
        aggregate: &spec::Aggregate,
        having: Option<&spec::Expr>,
    ) -> Result<Resolved> {
        if let Some(resolved) = self.generators_of_aggregates(&input, aggregate, having)? {
            return Ok(resolved);
        }
        let mut group_context = ExprContext::new(&input.scope, Clause::GroupBy);
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        let grouping = self.grouping_sets(aggregate, &input, &mut group_context)?;
        if grouping.is_grouping_sets {
            context.grouping =
                Some(grouping.groups.iter().map(|group| group.expr.clone()).collect());
        }
        context.time_windows = std::mem::take(&mut group_context.time_windows);
        let mut items = Vec::new();
        if aggregate.prepend_grouping && self.settings.retain_group_columns {
            items.extend(grouping.groups.iter().cloned());
        }
        items.extend(self.select_items(&aggregate.aggregates, &mut context)?);
        let mut context = merged(context, group_context);
        let windows = std::mem::take(&mut context.time_windows);
        let input = self.with_partition_columns(input, &mut context)?;
        let is_window =
            |expr: &Expr| windows.iter().any(|own| *expr == column(&own.column.internal));
        let groups = grouping.groups.iter().map(|group| &group.expr);
        let keys: Vec<Expr> = groups.filter(|group| !is_window(group)).cloned().collect();
        let has_windows = !windows.is_empty();
        let input = self.with_time_windows(input, windows, Some(&keys))?;
        let grouped = self.grouped(input, grouping, items, having, context)?;
        Ok(if has_windows { self.windows_are_there(grouped) } else { grouped })
    }

    /// Builds the aggregation for resolved groups and items.
    pub(super) fn grouped(
        &mut self,
        input: Resolved,
        grouping: GroupingSets,
        items: Vec<ResolvedExpr>,
        having: Option<&spec::Expr>,
        context: ExprContext,
    ) -> Result<Resolved> {
        let (plan, group_columns) = self.grouping_columns(input.plan, &grouping)?;
        let mut aggregation = Aggregation::of_all_rows(&input.scope);
        let group_exprs = grouping.plan_groups(&group_columns);
        for (group, name) in grouping.groups.iter().zip(&group_columns) {
            let stands = if grouping.is_in_some_set(&group.expr) {
                column(name)
            } else {
                let null = datafusion::common::ScalarValue::try_from(group.field.data_type())?;
                Expr::Literal(null, None)
            };
            aggregation.groups.push((group.expr.clone(), stands));
        }
        if grouping.is_grouping_sets {
            aggregation.groups.extend(grouping.grouping_functions(&group_columns));
        }
        let having = match having {
            Some(condition) => {
                Some(self.having_condition(condition, &input.scope, &items, &grouping)?)
            }
            None => None,
        };
        let nothing_else = |_: &str| false;
        let mut items = items;
        for item in &mut items {
            let expr = item.expr.clone();
            item.expr = self.over_aggregation(expr, &mut aggregation, &nothing_else)?;
        }
        let having = match having {
            Some(condition) => {
                Some(self.over_aggregation(condition, &mut aggregation, &nothing_else)?)
            }
            None => None,
        };
        let mut aggregates: Vec<Expr> = aggregation
            .aggregates
            .iter()
            .map(|(function, name)| named(function.clone(), name))
            .collect();
        if aggregates.is_empty() && group_exprs.is_empty() {
            // DataFusion needs something to compute for the one group.
            let count =
                spec::Function::new("count", vec![spec::Expr::literal(spec::Literal::Integer(1))]);
            let mut plain = ExprContext::new(&input.scope, Clause::Select);
            let count = self.expr(&spec::ExprNode::Function(count).into(), &mut plain)?;
            aggregates.push(named(count.expr, &self.fresh()));
        }
        // The grand total of ROLLUP has no row where there is no input; DataFusion gives it one.
        let mut n_rows = None;
        if grouping.is_grouping_sets {
            let count =
                spec::Function::new("count", vec![spec::Expr::literal(spec::Literal::Integer(1))]);
            let mut plain = ExprContext::new(&input.scope, Clause::Select);
            let count = self.expr(&spec::ExprNode::Function(count).into(), &mut plain)?;
            let name = self.fresh();
            aggregates.push(named(count.expr, &name));
            n_rows = Some(name);
        }
        let plan = match aggregation.aggregates.iter().any(|(call, _)| goes_by_order(call)) {
            // Rows of the client come as it sent them, whichever task is done first.
            true if is_local(&plan) && !is_sorted(&plan) => {
                let (plan, row) = self.numbered(plan)?;
                let by_number = vec![ascending(&row)];
                held(LogicalPlan::Sort(Sort {
                    expr: by_number,
                    input: Arc::new(plan),
                    fetch: None,
                }))
            }
            true => held(plan),
            false => plan,
        };
        let node = Aggregate::try_new(Arc::new(plan), group_exprs, aggregates)?;
        let mut plan = LogicalPlan::Aggregate(node);
        if let Some(name) = n_rows {
            let has_rows = column(&name).gt(datafusion::logical_expr::lit(0_i64));
            plan = LogicalPlan::Filter(Filter::try_new(has_rows, Arc::new(plan))?);
        }
        for item in &mut items {
            let field = item.expr.to_field(plan.schema())?.1;
            // The type and tags are known; the aggregation may have made it nullable.
            let nullable = field.is_nullable();
            item.field = Arc::new(item.field.as_ref().clone().with_nullable(nullable));
        }
        if let Some(condition) = having {
            plan = LogicalPlan::Filter(Filter::try_new(condition, Arc::new(plan))?);
        }
        drop(context);
        let below = Below { scope: Arc::clone(&input.scope), aggregation: Some(aggregation) };
        self.project_over(plan, items, Some(Arc::new(below)))
    }

    /// Grouping expressions as columns of the input; the columns' names in order.
    fn grouping_columns(
        &mut self,
        plan: LogicalPlan,
        grouping: &GroupingSets,
    ) -> Result<(LogicalPlan, Vec<String>)> {
        let mut names = Vec::with_capacity(grouping.groups.len());
        let mut computed: Vec<(Expr, FieldRef)> = Vec::new();
        for group in &grouping.groups {
            let data_type = StructField::from_arrow(&group.field)?.data_type;
            let has_maps = data_type.holds_map();
            match &group.expr {
                Expr::Column(own) if !has_maps => names.push(own.name.clone()),
                expr => {
                    let name = self.fresh();
                    let expr = match expr.clone() {
                        // Equal maps may hold their entries in other orders.
                        expr if has_maps => sorted_maps(expr, &data_type),
                        expr => expr,
                    };
                    computed.push((named(expr, &name), renamed(&group.field, &name)));
                    names.push(name);
                }
            }
        }
        if computed.is_empty() {
            return Ok((plan, names));
        }
        let mut exprs: Vec<(Expr, FieldRef)> = plan
            .schema()
            .fields()
            .iter()
            .map(|field| (column(field.name()), Arc::clone(field)))
            .collect();
        exprs.extend(computed);
        Ok((projection(plan, exprs)?, names))
    }

    /// HAVING sees the output's aliases and the input's columns.
    fn having_condition(
        &mut self,
        condition: &spec::Expr,
        scope: &Arc<Scope>,
        items: &[ResolvedExpr],
        grouping: &GroupingSets,
    ) -> Result<Expr> {
        let mut context = ExprContext::new(scope, Clause::Having);
        // The aliases' expressions refer to columns that the condition itself does not.
        for own in scope.columns.iter().chain(&scope.hidden) {
            context.fields.insert(own.to_arrow());
        }
        context.aliases =
            items.iter().filter(|item| item.is_named && item.column.is_none()).cloned().collect();
        if grouping.is_grouping_sets {
            context.grouping =
                Some(grouping.groups.iter().map(|group| group.expr.clone()).collect());
        }
        let condition = self.expr(condition, &mut context)?;
        Ok(self.boolean_condition(condition, "HAVING", "having", &context)?.expr)
    }

    /// `expr`, which was resolved over the input, over the aggregation's output. Aggregates that
    /// are new are added to `aggregation`. Columns for which `is_output` holds are left alone.
    pub(super) fn over_aggregation(
        &mut self,
        expr: Expr,
        aggregation: &mut Aggregation,
        is_output: &dyn Fn(&str) -> bool,
    ) -> Result<Expr> {
        let mut missing: Option<String> = None;
        let replaced = expr.transform_down(|node| {
            if let Some((_, stands)) =
                aggregation.groups.iter().find(|(group, _)| is_same(group, &node))
            {
                return Ok(Transformed::new(stands.clone(), true, TreeNodeRecursion::Jump));
            }
            match &node {
                Expr::AggregateFunction(_) => {
                    let known = aggregation.aggregates.iter().find(|(known, _)| *known == node);
                    let name = match known {
                        Some((_, name)) => name.clone(),
                        None => {
                            let name = self.fresh();
                            aggregation.aggregates.push((node.clone(), name.clone()));
                            name
                        }
                    };
                    Ok(Transformed::new(column(&name), true, TreeNodeRecursion::Jump))
                }
                Expr::Column(own) if !is_output(&own.name) => {
                    missing.get_or_insert_with(|| own.name.clone());
                    Ok(Transformed::no(node))
                }
                _ => Ok(Transformed::no(node)),
            }
        })?;
        match missing {
            Some(internal) => Err(missing_aggregation(&internal, aggregation)),
            None => Ok(replaced.data),
        }
    }
}

fn merged(mut context: ExprContext, other: ExprContext) -> ExprContext {
    context.partition_columns.extend(other.partition_columns);
    context
}

fn missing_aggregation(internal: &str, aggregation: &Aggregation) -> SparkError {
    let name = aggregation
        .input_names
        .iter()
        .find(|(known, _)| known == internal)
        .map_or(internal, |(_, name)| name.as_str());
    if aggregation.groups.is_empty() {
        return SparkError::analysis(
            "MISSING_GROUP_BY",
            "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the \
             window functions using OVER clauses.",
        );
    }
    SparkError::analysis(
        "MISSING_AGGREGATION",
        format!(
            "The non-aggregating expression \"{name}\" is based on columns which are not \
             participating in the GROUP BY clause. Add the columns or the expression to the GROUP \
             BY, aggregate the expression, or use \"any_value({name})\" if you do not care which \
             of the values within a group is returned."
        ),
    )
    .with("expression", format!("\"{name}\""))
    .with("expressionAnyValue", format!("\"any_value({name})\""))
}

/// `plan` with more aggregates in the aggregation under its projections and filters.
pub(super) fn add_aggregates(
    plan: &LogicalPlan,
    added: &[(Expr, String)],
) -> Result<Option<LogicalPlan>> {
    let input = match plan {
        LogicalPlan::Aggregate(node) => {
            let mut aggregates = node.aggr_expr.clone();
            aggregates.extend(added.iter().map(|(function, name)| named(function.clone(), name)));
            let node =
                Aggregate::try_new(Arc::clone(&node.input), node.group_expr.clone(), aggregates)?;
            return Ok(Some(LogicalPlan::Aggregate(node)));
        }
        LogicalPlan::Projection(node) => &node.input,
        LogicalPlan::Filter(node) => &node.input,
        LogicalPlan::Sort(node) => &node.input,
        LogicalPlan::Limit(node) => &node.input,
        LogicalPlan::Window(node) => &node.input,
        _ => return Ok(None),
    };
    let Some(input) = add_aggregates(input, added)? else { return Ok(None) };
    Ok(Some(plan.with_new_exprs(plan.expressions(), vec![input])?))
}

/// Whether an item of the SELECT list can be a group.
pub(super) fn is_groupable(item: &ResolvedExpr) -> bool {
    !contains_aggregate(&item.expr)
}
