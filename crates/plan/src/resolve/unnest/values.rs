//! The answers of subqueries as columns.
//!
//! ```text
//! (q)          the value that q has for the row, null for none; an error where q has two rows
//! EXISTS (q)   whether q has rows for the row
//! x IN (q)     EXISTS (q WHERE k = x)
//! x NOT IN (q) NOT (EXISTS (q WHERE k = x) OR EXISTS (q WHERE k IS NULL) OR x IS NULL AND EXISTS (q))
//! ```
//!
//! EXISTS and IN as values are never null, as in Spark, whose existence joins know no third answer.

use super::left::{finished, has_subquery, is_scalar_left};
use super::{Domain, domain, equalities, subqueries_as_joins};
use crate::resolve::fresh_name;
use crate::resolve::output::{column, named, projection, renamed};
use arrow::datatypes::FieldRef;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DataFusionError, JoinConstraint, JoinType, NullEquality, Spans};
use datafusion::functions_aggregate::count::count;
use datafusion::functions_aggregate::first_last::first_value;
use datafusion::logical_expr::expr::InSubquery;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Expr, ExprSchemable, FetchType, Filter, Join, Limit, LogicalPlan,
    Operator, Subquery, lit, when,
};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

/// An input that gains a column for each subquery.
pub(super) struct Answers {
    plan: LogicalPlan,
    /// Whether DataFusion takes scalar subqueries in the node above.
    leaves_scalars: bool,
}

impl Answers {
    pub(super) fn over(plan: LogicalPlan, leaves_scalars: bool) -> Self {
        Self { plan, leaves_scalars }
    }

    pub(super) fn into_plan(self) -> LogicalPlan {
        self.plan
    }

    /// `expr` over the input, subqueries replaced by the columns of their answers.
    pub(super) fn of(&mut self, expr: Expr) -> Result<Expr> {
        if !has_subquery(&expr) {
            return Ok(expr);
        }
        // A column is called after its expression where nothing else names it.
        let replaced = expr.transform_down(|node| {
            let done = |expr| Ok(Transformed::new(expr, true, TreeNodeRecursion::Jump));
            match node {
                Expr::Not(inner) if has_predicate(&inner) => match *inner {
                    Expr::InSubquery(mut membership) => {
                        membership.negated = !membership.negated;
                        done(self.member(membership)?)
                    }
                    // As Spark does, which makes another question of a NOT IN than of an IN.
                    Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                        Ok(Transformed::yes(Expr::Not(left).or(Expr::Not(right))))
                    }
                    Expr::BinaryExpr(BinaryExpr { left, op: Operator::Or, right }) => {
                        Ok(Transformed::yes(Expr::Not(left).and(Expr::Not(right))))
                    }
                    other => Ok(Transformed::no(Expr::Not(Box::new(other)))),
                },
                Expr::Exists(exists) => {
                    let found = self.any(&exists.subquery.subquery)?;
                    done(if exists.negated { Expr::Not(Box::new(found)) } else { found })
                }
                Expr::InSubquery(membership) => done(self.member(membership)?),
                Expr::ScalarSubquery(subquery) => done(self.scalar(subquery)?),
                other => Ok(Transformed::no(other)),
            }
        })?;
        Ok(replaced.data)
    }

    fn scalar(&mut self, subquery: Subquery) -> Result<Expr> {
        let is_outside = domain::refers_outside(&subquery.subquery)?;
        if !is_outside || (self.leaves_scalars && is_scalar_left(&subquery)?) {
            return Ok(Expr::ScalarSubquery(finished(subquery)?));
        }
        let plan = subquery.subquery.as_ref();
        let domain = Domain::of(&self.plan, plan)?;
        let found = subqueries_as_joins(domain.apply(plan)?)?;
        let field = Arc::clone(&plan.schema().fields()[0]);
        let name = fresh_name();
        let value = if has_one_row(plan)? {
            let mut exprs = domain.passed();
            exprs.push((named(column(field.name()), &name), renamed(&field, &name)));
            projection(found, exprs)?
        } else {
            // More than one row is an error of the row that asks.
            let (first, number) = (fresh_name(), fresh_name());
            let aggregates = vec![
                first_value(column(field.name()), Vec::new()).alias(&first),
                count(lit(1_i64)).alias(&number),
            ];
            let groups = domain.keys().collect();
            let node = Aggregate::try_new(Arc::new(found), groups, aggregates)?;
            let plan = LogicalPlan::Aggregate(node);
            let is_one = firesteel_functions::is_one_row(column(&number));
            let value = when(is_one, column(&first)).end()?;
            let field = Arc::new(field.as_ref().clone().with_nullable(true));
            let mut exprs = domain.passed();
            exprs.push((named(value, &name), renamed(&field, &name)));
            projection(plan, exprs)?
        };
        self.join(value, domain.on(), NullEquality::NullEqualsNull)?;
        Ok(column(&name))
    }

    /// Whether `plan` has any row.
    fn any(&mut self, plan: &LogicalPlan) -> Result<Expr> {
        if !domain::refers_outside(plan)? {
            let plan = subqueries_as_joins(plan.clone())?;
            let one = LogicalPlan::Limit(Limit {
                skip: None,
                fetch: Some(Box::new(lit(1_i64))),
                input: Arc::new(plan),
            });
            let number = count(lit(1_i64)).alias(fresh_name());
            let node = Aggregate::try_new(Arc::new(one), Vec::new(), vec![number])?;
            let subquery = Arc::new(LogicalPlan::Aggregate(node));
            let subquery =
                Subquery { subquery, outer_ref_columns: Vec::new(), spans: Spans::new() };
            return Ok(Expr::ScalarSubquery(subquery).gt(lit(0_i64)));
        }
        if let Some((plan, pairs)) = equalities::taken_out(plan)? {
            let (outer, own): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let (found, number) = distinct(subqueries_as_joins(plan)?, own)?;
            // The same subquery may stand twice in a query, under the same names.
            let mut exprs = Vec::new();
            let mut on = Vec::new();
            for (field, outer) in found.schema().fields().iter().zip(outer) {
                let name = fresh_name();
                exprs.push((named(column(field.name()), &name), renamed(field, &name)));
                on.push((outer, column(&name)));
            }
            let last = Arc::clone(&found.schema().fields()[on.len()]);
            exprs.push((column(&number), last));
            self.join(projection(found, exprs)?, on, NullEquality::NullEqualsNothing)?;
            return Ok(column(&number).is_not_null());
        }
        let domain = Domain::of(&self.plan, plan)?;
        let found = subqueries_as_joins(domain.apply(plan)?)?;
        let (found, number) = distinct(found, domain.keys().collect())?;
        self.join(found, domain.on(), NullEquality::NullEqualsNull)?;
        Ok(column(&number).is_not_null())
    }

    fn member(&mut self, membership: InSubquery) -> Result<Expr> {
        let value = self.of(*membership.expr)?;
        let value = self.as_column(value)?;
        let plan = membership.subquery.subquery.as_ref();
        let key = plan.schema().field(0);
        let (key, is_nullable) = (column(key.name()), key.is_nullable());
        let own_field = self.plan.schema().field_with_unqualified_name(&value)?.clone();
        let filtered = |condition: Expr| -> Result<LogicalPlan> {
            Ok(LogicalPlan::Filter(Filter::try_new(condition, Arc::new(plan.clone()))?))
        };
        let is_found = if domain::refers_outside(plan)? {
            let outer = Expr::OuterReferenceColumn(own_field.clone().into(), value.clone().into());
            self.any(&filtered(key.clone().eq(outer))?)?
        } else {
            let (found, number) = distinct(subqueries_as_joins(plan.clone())?, vec![key.clone()])?;
            // The same subquery may stand twice in a query, under the same names.
            let name = fresh_name();
            let exprs = found.schema().fields().iter().map(|field| {
                let own = if field.name() == &number { &number } else { &name };
                (named(column(field.name()), own), renamed(field, own))
            });
            let found = projection(found.clone(), exprs.collect())?;
            let on = vec![(column(&value), column(&name))];
            self.join(found, on, NullEquality::NullEqualsNothing)?;
            column(&number).is_not_null()
        };
        if !membership.negated {
            return Ok(is_found);
        }
        let mut is_kept = is_found;
        if own_field.is_nullable() {
            is_kept = is_kept.or(column(&value).is_null().and(self.any(plan)?));
        }
        if is_nullable {
            is_kept = is_kept.or(self.any(&filtered(key.is_null())?)?);
        }
        Ok(Expr::Not(Box::new(is_kept)))
    }

    /// The name of a column of the input that has this value.
    fn as_column(&mut self, value: Expr) -> Result<String> {
        if let Expr::Column(own) = &value {
            return Ok(own.name.clone());
        }
        let name = fresh_name();
        let field: FieldRef = value.to_field(self.plan.schema())?.1;
        let fields = self.plan.schema().fields().iter();
        let mut exprs: Vec<(Expr, FieldRef)> =
            fields.map(|field| (column(field.name()), Arc::clone(field))).collect();
        exprs.push((named(value, &name), renamed(&field, &name)));
        self.plan = projection(self.plan.clone(), exprs)?;
        Ok(name)
    }

    /// Each row of the input beside its row of `found`, which has at most one.
    fn join(
        &mut self,
        found: LogicalPlan,
        on: Vec<(Expr, Expr)>,
        null_equality: NullEquality,
    ) -> Result<()> {
        let node = Join::try_new(
            Arc::new(self.plan.clone()),
            Arc::new(found),
            on,
            None,
            JoinType::Left,
            JoinConstraint::On,
            null_equality,
            false,
        )?;
        self.plan = LogicalPlan::Join(node);
        Ok(())
    }
}

/// `conjunct` of a join's condition over whichever side its subqueries refer to.
pub(super) fn of_either(conjunct: Expr, left: &mut Answers, right: &mut Answers) -> Result<Expr> {
    if !has_subquery(&conjunct) {
        return Ok(conjunct);
    }
    let replaced = conjunct.transform_down(|node| {
        let is_not_in = matches!(&node, Expr::Not(inner) if matches!(**inner, Expr::InSubquery(_)));
        let (plan, value) = match &node {
            Expr::Not(inner) if is_not_in => match inner.as_ref() {
                Expr::InSubquery(own) => (&own.subquery.subquery, Some(own.expr.as_ref())),
                _ => return Ok(Transformed::no(node)),
            },
            Expr::Exists(own) => (&own.subquery.subquery, None),
            Expr::InSubquery(own) => (&own.subquery.subquery, Some(own.expr.as_ref())),
            Expr::ScalarSubquery(own) => (&own.subquery, None),
            _ => return Ok(Transformed::no(node)),
        };
        let mut names: Vec<String> = Vec::new();
        for reference in plan.all_out_ref_exprs() {
            if let Expr::OuterReferenceColumn(_, own) = reference {
                names.push(own.name);
            }
        }
        if let Some(value) = value {
            names.extend(value.column_refs().into_iter().map(|own| own.name.clone()));
        }
        let has_all = |side: &Answers| {
            let schema = side.plan.schema();
            names.iter().all(|name| schema.has_column_with_unqualified_name(name))
        };
        let side = match (has_all(left), has_all(right)) {
            (true, _) => &mut *left,
            (false, true) => &mut *right,
            (false, false) => return Err(both_sides().into()),
        };
        Ok::<_, DataFusionError>(Transformed::new(side.of(node)?, true, TreeNodeRecursion::Jump))
    })?;
    Ok(replaced.data)
}

fn both_sides() -> SparkError {
    SparkError::analysis(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.\
         UNSUPPORTED_CORRELATED_EXPRESSION_IN_JOIN_CONDITION",
        "Unsupported subquery expression: Correlated subqueries in the join predicate cannot \
         reference both join inputs.",
    )
}

/// `plan` grouped by `keys`, and the name of a column that is not null.
fn distinct(plan: LogicalPlan, keys: Vec<Expr>) -> Result<(LogicalPlan, String)> {
    let number = fresh_name();
    let counted = count(lit(1_i64)).alias(&number);
    let node = Aggregate::try_new(Arc::new(plan), keys, vec![counted])?;
    Ok((LogicalPlan::Aggregate(node), number))
}

fn has_predicate(expr: &Expr) -> bool {
    expr.exists(|node| Ok(matches!(node, Expr::Exists(_) | Expr::InSubquery(_)))).unwrap_or(true)
}

/// Whether `plan` cannot have a second row for any row around it.
fn has_one_row(plan: &LogicalPlan) -> Result<bool> {
    match plan {
        LogicalPlan::Projection(node) => has_one_row(&node.input),
        LogicalPlan::Filter(node) => has_one_row(&node.input),
        LogicalPlan::Sort(node) => has_one_row(&node.input),
        LogicalPlan::EmptyRelation(_) => Ok(true),
        LogicalPlan::Aggregate(node) => Ok(node.group_expr.is_empty()),
        LogicalPlan::Limit(node) => {
            Ok(matches!(node.get_fetch_type()?, FetchType::Literal(Some(0 | 1))))
        }
        _ => Ok(false),
    }
}
