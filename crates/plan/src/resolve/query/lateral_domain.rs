//! LATERAL over a query that DataFusion cannot decorrelate: comparisons other than equality, LIMIT,
//! window functions.
//!
//! The values of the left side that the right side refers to, each combination once, stand beside each
//! leaf of the right side (Neumann and Kemper, "Unnesting arbitrary queries"): references become
//! columns, groups and limits hold per combination, and the left side joins on them in the end.
//!
//! ```text
//!   Aggregate max(y)                   left ⋈ x = d
//!     Filter y <= outer(x)      ⟶        D ⟕ Aggregate max(y) BY d
//!       u                                   Filter y <= d
//!                                             D × u            D = DISTINCT x AS d
//! ```

use crate::resolve::expression::{as_subquery, under_internal_names};
use crate::resolve::output::{column, named, projection, renamed};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{self, ExprNode, JoinType, SortOrder};
use arrow::datatypes::FieldRef;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{JoinConstraint, JoinType as PlanJoinType, NullEquality, ScalarValue};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Distinct, Expr, ExprSchemable, Extension, FetchType, Filter, Join,
    Limit, LogicalPlan, Operator, SkipType, Window, lit, when,
};
use firesteel_common::Result;
use firesteel_common::nodes::Generate;
use std::sync::Arc;

/// Aggregates that are something else than null over no rows, and not zero either.
const NOT_NULL_OVER_NOTHING: [&str; 6] = [
    "collect_list",
    "collect_set",
    "array_agg",
    "regr_count",
    "bitmap_construct_agg",
    "histogram_numeric",
];

/// The combinations of values that the right side refers to.
struct Domain {
    plan: LogicalPlan,
    /// A column of the left side, and what it is called in `plan`.
    columns: Vec<(String, String)>,
}

impl Domain {
    /// `expr` with references to the left side as columns of the domain.
    fn own(&self, expr: &Expr) -> Result<Expr> {
        let replaced = expr.clone().transform(|node| match &node {
            Expr::OuterReferenceColumn(_, outer) => {
                let mut columns = self.columns.iter();
                Ok(match columns.find(|(name, _)| *name == outer.name) {
                    Some((_, own)) => Transformed::yes(column(own)),
                    None => Transformed::no(node),
                })
            }
            _ => Ok(Transformed::no(node)),
        })?;
        Ok(replaced.data)
    }

    fn keys(&self) -> impl Iterator<Item = Expr> + '_ {
        self.columns.iter().map(|(_, own)| column(own))
    }
}

impl Resolver<'_> {
    /// The join, if the right side is of a form that this file knows.
    pub(super) fn over_domain(
        &mut self,
        left: &Resolved,
        right: &Resolved,
        join_type: JoinType,
        condition: Option<Expr>,
    ) -> Result<Option<LogicalPlan>> {
        let mut exprs: Vec<(Expr, FieldRef)> = Vec::new();
        let mut columns: Vec<(String, String)> = Vec::new();
        for reference in as_subquery(right).outer_ref_columns {
            let Expr::OuterReferenceColumn(field, outer) = reference else { return Ok(None) };
            if !left.plan.schema().has_column_with_unqualified_name(&outer.name) {
                // It belongs to a query further out.
                return Ok(None);
            }
            if columns.iter().all(|(name, _)| *name != outer.name) {
                let name = self.fresh();
                exprs.push((named(column(&outer.name), &name), renamed(&field, &name)));
                columns.push((outer.name, name));
            }
        }
        let values = projection(left.plan.clone(), exprs)?;
        let groups = columns.iter().map(|(_, own)| column(own)).collect();
        let node = Aggregate::try_new(Arc::new(values), groups, Vec::new())?;
        let domain = Domain { plan: LogicalPlan::Aggregate(node), columns };
        let Some(found) = self.unnested(&right.plan, &domain)? else { return Ok(None) };
        let on = domain.columns.iter().map(|(left, own)| (column(left), column(own))).collect();
        let plan_type = match join_type {
            JoinType::Left => PlanJoinType::Left,
            _ => PlanJoinType::Inner,
        };
        let node = Join::try_new(
            Arc::new(left.plan.clone()),
            Arc::new(found),
            on,
            condition,
            plan_type,
            JoinConstraint::On,
            NullEquality::NullEqualsNull,
            false,
        )?;
        Ok(Some(LogicalPlan::Join(node)))
    }

    /// `plan` for the whole domain at once, beside its columns.
    fn unnested(&mut self, plan: &LogicalPlan, domain: &Domain) -> Result<Option<LogicalPlan>> {
        if !refers_outside(plan)? {
            if matches!(plan, LogicalPlan::EmptyRelation(node) if node.produce_one_row) {
                return Ok(Some(domain.plan.clone()));
            }
            return cross(domain.plan.clone(), plan.clone()).map(Some);
        }
        match plan {
            LogicalPlan::EmptyRelation(node) if node.produce_one_row => {
                Ok(Some(domain.plan.clone()))
            }
            LogicalPlan::Projection(node) => {
                let Some(input) = self.unnested(&node.input, domain)? else { return Ok(None) };
                let mut exprs = passed(domain);
                for (expr, field) in node.expr.iter().zip(node.schema.fields()) {
                    exprs.push((domain.own(expr)?, Arc::clone(field)));
                }
                projection(input, exprs).map(Some)
            }
            LogicalPlan::Filter(node) => {
                let Some(input) = self.unnested(&node.input, domain)? else { return Ok(None) };
                let predicate = domain.own(&node.predicate)?;
                Ok(Some(LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(input))?)))
            }
            LogicalPlan::Sort(node) if node.fetch.is_none() => self.unnested(&node.input, domain),
            LogicalPlan::Limit(node) => self.limited(node, domain),
            LogicalPlan::Distinct(Distinct::All(input)) => {
                let Some(input) = self.unnested(input, domain)? else { return Ok(None) };
                Ok(Some(LogicalPlan::Distinct(Distinct::All(Arc::new(input)))))
            }
            LogicalPlan::Window(node) => {
                let Some(input) = self.unnested(&node.input, domain)? else { return Ok(None) };
                let per_row = |expr: &Expr| -> Result<Expr> {
                    let expr = domain.own(expr)?;
                    let changed = expr.transform(|node| match node {
                        Expr::WindowFunction(mut function) => {
                            function.params.partition_by.splice(0..0, domain.keys());
                            Ok(Transformed::yes(Expr::WindowFunction(function)))
                        }
                        other => Ok(Transformed::no(other)),
                    })?;
                    Ok(changed.data)
                };
                let exprs = node.window_expr.iter().map(per_row).collect::<Result<Vec<_>>>()?;
                Ok(Some(LogicalPlan::Window(Window::try_new(exprs, Arc::new(input))?)))
            }
            LogicalPlan::Aggregate(node) => self.grouped_by_row(node, domain),
            LogicalPlan::Join(node) if node.join_type == PlanJoinType::Inner => {
                let (inputs, in_left) =
                    match (refers_outside(&node.left)?, refers_outside(&node.right)?) {
                        (true, false) => (self.unnested(&node.left, domain)?, true),
                        (false, true) => (self.unnested(&node.right, domain)?, false),
                        (false, false) => (
                            cross(domain.plan.clone(), node.left.as_ref().clone()).map(Some)?,
                            true,
                        ),
                        (true, true) => return Ok(None),
                    };
                let Some(input) = inputs else { return Ok(None) };
                let other = if in_left { &node.right } else { &node.left };
                let mut plan = cross(input, other.as_ref().clone())?;
                for (left, right) in &node.on {
                    let equal = left.clone().eq(right.clone());
                    plan = LogicalPlan::Filter(Filter::try_new(equal, Arc::new(plan))?);
                }
                if let Some(filter) = &node.filter {
                    let filter = domain.own(filter)?;
                    plan = LogicalPlan::Filter(Filter::try_new(filter, Arc::new(plan))?);
                }
                Ok(Some(plan))
            }
            LogicalPlan::Extension(node) => {
                let Some(generate) = node.node.as_any().downcast_ref::<Generate>() else {
                    return Ok(None);
                };
                let Some(input) = self.unnested(&generate.input, domain)? else { return Ok(None) };
                let rows = domain.own(&generate.rows)?;
                let columns = generate.columns.clone();
                let node = Generate::try_new(input, rows, columns, generate.outer)?;
                Ok(Some(LogicalPlan::Extension(Extension { node: Arc::new(node) })))
            }
            _ => Ok(None),
        }
    }

    /// LIMIT and OFFSET per combination, by the order below them.
    fn limited(&mut self, limit: &Limit, domain: &Domain) -> Result<Option<LogicalPlan>> {
        let (FetchType::Literal(fetch), SkipType::Literal(skip)) =
            (limit.get_fetch_type()?, limit.get_skip_type()?)
        else {
            return Ok(None);
        };
        let (input, keys) = match limit.input.as_ref() {
            LogicalPlan::Sort(sort) if sort.fetch.is_none() => (&sort.input, sort.expr.clone()),
            _ => (&limit.input, Vec::new()),
        };
        let Some(input) = self.unnested(input, domain)? else { return Ok(None) };
        let by = |name: &str| spec::Expr::attribute([name.to_owned()]);
        let fields = input.schema().fields();
        let mut exprs: Vec<(Expr, FieldRef)> =
            fields.iter().map(|field| (column(field.name()), Arc::clone(field))).collect();
        let mut order_by = Vec::with_capacity(keys.len());
        for key in keys {
            let name = self.fresh();
            let expr = domain.own(&key.expr)?;
            let field = expr.to_field(input.schema())?.1;
            exprs.push((named(expr, &name), renamed(&field, &name)));
            order_by.push(SortOrder {
                child: Box::new(by(&name)),
                ascending: key.asc,
                nulls_first: Some(key.nulls_first),
            });
        }
        if order_by.is_empty() {
            order_by.push(SortOrder {
                child: Box::new(by(&domain.columns[0].1)),
                ascending: true,
                nulls_first: None,
            });
        }
        let work = under_internal_names(projection(input, exprs)?)?;
        let position = self.fresh();
        let number = ExprNode::Window(Box::new(spec::Window {
            function: spec::Expr::call("row_number", Vec::new()),
            partition_by: domain.columns.iter().map(|(_, own)| by(own)).collect(),
            order_by,
            frame: None,
            reference: None,
        }));
        let work = self.with_computed(work, vec![(position.clone(), number.into())])?;
        let mut found = work.scope.columns.iter().filter(|own| own.field.name == position);
        let Some(internal) = found.next().map(|own| own.internal.clone()) else { return Ok(None) };
        let bound = |n: usize| lit(i32::try_from(n).unwrap_or(i32::MAX));
        let mut kept = column(&internal).gt(bound(skip));
        if let Some(fetch) = fetch {
            kept = kept.and(column(&internal).lt_eq(bound(skip.saturating_add(fetch))));
        }
        Ok(Some(LogicalPlan::Filter(Filter::try_new(kept, Arc::new(work.plan))?)))
    }

    fn grouped_by_row(
        &mut self,
        aggregate: &Aggregate,
        domain: &Domain,
    ) -> Result<Option<LogicalPlan>> {
        let is_global = aggregate.group_expr.is_empty();
        let names: Vec<String> =
            aggregate.schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut zeros = Vec::new();
        for (expr, name) in
            aggregate.aggr_expr.iter().zip(&names[names.len() - aggregate.aggr_expr.len()..])
        {
            if let Expr::AggregateFunction(function) = expr.clone().unalias() {
                let function = function.func.name().to_lowercase();
                if is_global && NOT_NULL_OVER_NOTHING.contains(&function.as_str()) {
                    return Ok(None);
                }
                if function.contains("count") {
                    zeros.push(name.clone());
                }
            }
        }
        let Some(input) = self.unnested(&aggregate.input, domain)? else { return Ok(None) };
        let mut groups: Vec<Expr> = domain.keys().collect();
        for group in &aggregate.group_expr {
            groups.push(domain.own(group)?);
        }
        let mut aggregates = Vec::with_capacity(aggregate.aggr_expr.len());
        for expr in &aggregate.aggr_expr {
            aggregates.push(domain.own(expr)?);
        }
        let node = Aggregate::try_new(Arc::new(input), groups, aggregates)?;
        let plan = LogicalPlan::Aggregate(node);
        let join_type = if is_global { PlanJoinType::Left } else { PlanJoinType::Inner };
        let joined = self.back_to_domain(plan, domain, names, join_type)?;
        if !is_global || zeros.is_empty() {
            return Ok(Some(joined));
        }
        // A count over no rows is zero.
        let fields = joined.schema().fields().clone();
        let mut exprs = Vec::with_capacity(fields.len());
        for field in &fields {
            let value = column(field.name());
            exprs.push(if zeros.contains(field.name()) {
                let zero = ScalarValue::new_zero(field.data_type())?;
                let mut filled = when(value.clone().is_null(), Expr::Literal(zero, None));
                (named(filled.otherwise(value)?, field.name()), Arc::clone(field))
            } else {
                (value, Arc::clone(field))
            });
        }
        projection(joined, exprs).map(Some)
    }

    /// The domain beside `columns` of `plan`, which has the domain's columns too.
    fn back_to_domain(
        &mut self,
        plan: LogicalPlan,
        domain: &Domain,
        columns: Vec<String>,
        join_type: PlanJoinType,
    ) -> Result<LogicalPlan> {
        let mut exprs = Vec::with_capacity(domain.columns.len() + columns.len());
        let mut on = Vec::with_capacity(domain.columns.len());
        for (_, own) in &domain.columns {
            let name = self.fresh();
            let field = plan.schema().field_with_unqualified_name(own)?.clone();
            exprs.push((named(column(own), &name), renamed(&field, &name)));
            on.push((column(own), column(&name)));
        }
        for name in &columns {
            let field = plan.schema().field_with_unqualified_name(name)?.clone();
            exprs.push((column(name), field));
        }
        let right = projection(plan, exprs)?;
        let node = Join::try_new(
            Arc::new(domain.plan.clone()),
            Arc::new(right),
            on,
            None,
            join_type,
            JoinConstraint::On,
            NullEquality::NullEqualsNull,
            false,
        )?;
        Ok(LogicalPlan::Join(node))
    }
}

/// Whether DataFusion's own decorrelation would fail: it knows equality, and no limits.
pub(super) fn needs_domain(plan: &LogicalPlan) -> Result<bool> {
    let is_plain = |conjunct: &Expr| match conjunct {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => {
            left.contains_outer() != right.contains_outer()
        }
        other => !other.contains_outer(),
    };
    plan.exists(|node| {
        Ok(match node {
            LogicalPlan::Filter(filter) => {
                !split_conjunction(&filter.predicate).into_iter().all(is_plain)
            }
            LogicalPlan::Limit(_) | LogicalPlan::Window(_) | LogicalPlan::Extension(_) => true,
            LogicalPlan::Join(join) => join.filter.as_ref().is_some_and(Expr::contains_outer),
            _ => false,
        })
    })
    .map_err(Into::into)
}

fn refers_outside(plan: &LogicalPlan) -> Result<bool> {
    plan.exists(|node| {
        let mut refers = false;
        node.apply_expressions(|expr| {
            refers |= expr.contains_outer();
            Ok(datafusion::common::tree_node::TreeNodeRecursion::Continue)
        })?;
        Ok(refers)
    })
    .map_err(Into::into)
}

fn passed(domain: &Domain) -> Vec<(Expr, FieldRef)> {
    let fields = domain.plan.schema().fields().iter();
    fields.map(|field| (column(field.name()), Arc::clone(field))).collect()
}

fn cross(left: LogicalPlan, right: LogicalPlan) -> Result<LogicalPlan> {
    let node = Join::try_new(
        Arc::new(left),
        Arc::new(right),
        Vec::new(),
        None,
        PlanJoinType::Inner,
        JoinConstraint::On,
        NullEquality::NullEqualsNothing,
        false,
    )?;
    Ok(LogicalPlan::Join(node))
}
