//! Joins: ON, USING, NATURAL, CROSS, LATERAL.

use super::lateral_domain::needs_domain;
use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr, as_subquery};
use crate::resolve::scope::quote;
use crate::resolve::{Column, Resolved, Resolver, Scope, naming};
use crate::spec::{self, JoinCondition, JoinType};
use datafusion::common::tree_node::TreeNode;
use datafusion::common::{JoinConstraint, JoinType as PlanJoinType, NullEquality};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, Filter, Join, LogicalPlan};
use firesteel_common::python::PythonUdf;
use firesteel_common::{Result, SparkError};
use std::any::Any;
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn join(&mut self, join: &spec::Join) -> Result<Resolved> {
        let left = self.relation(&join.left)?;
        let right = if join.lateral {
            self.outer.push(Arc::clone(&left.scope));
            let right = self.relation(&join.right);
            self.outer.pop();
            self.exact(right?)?
        } else {
            self.relation(&join.right)?
        };
        if join.lateral
            && matches!(join.join_type, JoinType::Inner | JoinType::Cross)
            && matches!(join.condition, JoinCondition::None)
            && let Some(plan) = self.composed(&left.plan, &right.plan)?
        {
            let scope = Arc::new(both(&left.scope, &right.scope));
            return Ok(Resolved { plan, scope });
        }
        if join.lateral
            && join.join_type == JoinType::Left
            && is_always_true(&join.condition)
            && let Some(side) = super::lateral::as_outer_side(
                &right.plan,
                matches!(join.condition, JoinCondition::On(_)),
            )?
            && let Some(plan) = self.composed(&left.plan, &side)?
        {
            let mut scope = both(&left.scope, &right.scope);
            for own in scope.columns.iter_mut().skip(left.scope.columns.len()) {
                own.field.nullable = true;
            }
            return Ok(Resolved { plan, scope: Arc::new(scope) });
        }
        if join.lateral
            && matches!(join.join_type, JoinType::Inner | JoinType::Cross | JoinType::Left)
            && matches!(join.condition, JoinCondition::None | JoinCondition::On(_))
            && !as_subquery(&right).outer_ref_columns.is_empty()
            && needs_domain(&right.plan)?
        {
            let condition = match &join.condition {
                JoinCondition::On(condition) => {
                    Some(self.join_condition(&left, &right, condition)?)
                }
                _ => None,
            };
            if let Some(plan) = self.over_domain(&left, &right, join.join_type, condition)? {
                let mut scope = both(&left.scope, &right.scope);
                let n_left = left.scope.columns.len();
                for own in scope.columns.iter_mut().skip(n_left) {
                    own.field.nullable |= join.join_type == JoinType::Left;
                }
                return Ok(Resolved { plan, scope: Arc::new(scope) });
            }
        }
        let right = if join.lateral { as_lateral(right) } else { right };
        match &join.condition {
            JoinCondition::None => {
                let joined = self.joined(left, right, join.join_type, None)?;
                if !self.settings.cross_join && join.join_type != JoinType::Cross {
                    return Err(SparkError::unsupported(
                        "joins without condition while spark.sql.crossJoin.enabled is false",
                    ));
                }
                Ok(joined)
            }
            JoinCondition::On(condition) => {
                let condition = self.join_condition(&left, &right, condition)?;
                self.joined(left, right, join.join_type, Some(condition))
            }
            JoinCondition::Using(names) => self.join_using(left, right, join.join_type, names),
            JoinCondition::Natural => {
                let names: Vec<String> = left
                    .scope
                    .columns
                    .iter()
                    .map(|own| own.field.name.clone())
                    .filter(|name| right.scope.named(name, self.settings).next().is_some())
                    .collect();
                if names.is_empty() {
                    return self.joined(left, right, join.join_type, None);
                }
                self.join_using(left, right, join.join_type, &names)
            }
        }
    }

    fn join_condition(
        &mut self,
        left: &Resolved,
        right: &Resolved,
        condition: &spec::Expr,
    ) -> Result<Expr> {
        let scope = Arc::new(both(&left.scope, &right.scope));
        let mut context = ExprContext::new(&scope, Clause::Join);
        let condition = self.expr(condition, &mut context)?;
        if !context.partition_columns.is_empty() || is_nondeterministic(&condition.expr) {
            return Err(SparkError::analysis(
                "INVALID_NON_DETERMINISTIC_EXPRESSIONS",
                format!(
                    "The operator expects a deterministic expression, but the actual expression is \
                     \"{}\".",
                    condition.name
                ),
            )
            .with("sqlExprs", format!("\"{}\"", condition.name)));
        }
        if *condition.field.data_type() != arrow::datatypes::DataType::Boolean
            && *condition.field.data_type() != arrow::datatypes::DataType::Null
        {
            let data_type = condition.spark_type()?.sql();
            return Err(SparkError::analysis(
                "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE",
                format!(
                    "The join condition \"{}\" has the invalid type \"{data_type}\", expected \
                     \"BOOLEAN\".",
                    condition.name
                ),
            )
            .with("joinCondition", format!("\"{}\"", condition.name))
            .with("conditionType", format!("\"{data_type}\"")));
        }
        Ok(self.boolean_condition(condition, "JOIN", "join", &context)?.expr)
    }

    /// The join node and the scope of both sides.
    pub(super) fn joined(
        &mut self,
        left: Resolved,
        right: Resolved,
        join_type: JoinType,
        condition: Option<Expr>,
    ) -> Result<Resolved> {
        let (left_plan, left_hint) = super::join_hint::unmarked(left.plan);
        let (right_plan, right_hint) = super::join_hint::unmarked(right.plan);
        let left = Resolved { plan: left_plan, ..left };
        let right = Resolved { plan: right_plan, ..right };
        let plan_type = plan_join_type(join_type);
        let lateral = matches!(right.plan, LogicalPlan::Subquery(_));
        // The decorrelation of LATERAL takes the condition as a filter above an inner join.
        let (on_join, above) = match (lateral, plan_type) {
            (true, PlanJoinType::Inner) => (None, condition),
            _ => (condition, None),
        };
        let on_join = match (on_join, lateral) {
            (None, true) if plan_type == PlanJoinType::Left => {
                Some(Expr::Literal(datafusion::common::ScalarValue::Boolean(Some(true)), None))
            }
            (other, _) => other,
        };
        let node = Join::try_new(
            Arc::new(left.plan),
            Arc::new(right.plan),
            Vec::new(),
            on_join,
            plan_type,
            JoinConstraint::On,
            NullEquality::NullEqualsNothing,
            false,
        )?;
        let join = LogicalPlan::Join(node);
        let mut plan = super::join_hint::hinted(join, left_hint, right_hint);
        if let Some(condition) = above {
            plan = LogicalPlan::Filter(Filter::try_new(condition, Arc::new(plan))?);
        }
        let scope = match join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => (*left.scope).clone(),
            _ => {
                let mut scope = both(&left.scope, &right.scope);
                let (from_left, from_right) = match join_type {
                    JoinType::Left => (false, true),
                    JoinType::Right => (true, false),
                    JoinType::Full => (true, true),
                    _ => (false, false),
                };
                let n_left = left.scope.columns.len();
                for (position, own) in scope.columns.iter_mut().enumerate() {
                    own.field.nullable |= if position < n_left { from_left } else { from_right };
                }
                let n_left = left.scope.hidden.len();
                for (position, own) in scope.hidden.iter_mut().enumerate() {
                    own.field.nullable |= if position < n_left { from_left } else { from_right };
                }
                scope
            }
        };
        Ok(Resolved { plan, scope: Arc::new(scope) })
    }

    /// Key columns appear once and first; both sides' keys stay reachable by qualifier.
    pub(super) fn join_using(
        &mut self,
        left: Resolved,
        right: Resolved,
        join_type: JoinType,
        names: &[String],
    ) -> Result<Resolved> {
        let mut keys: Vec<(Column, Column)> = Vec::with_capacity(names.len());
        for name in names {
            let left_key = self.using_key(&left.scope, name, "left")?;
            let right_key = self.using_key(&right.scope, name, "right")?;
            keys.push((left_key, right_key));
        }
        let scope = Arc::new(both(&left.scope, &right.scope));
        let mut context = ExprContext::new(&scope, Clause::Join);
        let mut equalities = Vec::with_capacity(keys.len());
        for (left_key, right_key) in &keys {
            context.fields.insert(left_key.to_arrow());
            context.fields.insert(right_key.to_arrow());
            let args = vec![
                ResolvedExpr::of_column(left_key).arg(),
                ResolvedExpr::of_column(right_key).arg(),
            ];
            equalities.push(self.build_scalar("=", args)?);
        }
        let condition = conjunction(equalities);
        let joined = self.joined(left.clone(), right.clone(), join_type, condition)?;
        if matches!(join_type, JoinType::LeftSemi | JoinType::LeftAnti) {
            // Here too the keys come first.
            let is_key = |own: &&Column| keys.iter().any(|(key, _)| key.internal == own.internal);
            let rest = joined.scope.columns.iter().filter(|own| !is_key(own)).cloned();
            let columns = keys.iter().map(|(key, _)| key.clone()).chain(rest).collect();
            let scope = Scope { columns, ..(*joined.scope).clone() };
            return Ok(Resolved { plan: joined.plan, scope: Arc::new(scope) });
        }
        let own = |column: &Column| {
            let found = joined.scope.columns.iter().find(|own| own.internal == column.internal);
            found.cloned().unwrap_or_else(|| column.clone())
        };
        let mut key_items = Vec::with_capacity(keys.len());
        let mut computed = false;
        for ((left_key, right_key), _) in keys.iter().zip(names) {
            let (left_key, right_key) = (own(left_key), own(right_key));
            let item = match join_type {
                JoinType::Right => {
                    let mut column = right_key.clone();
                    column.field.name.clone_from(&left_key.field.name);
                    ResolvedExpr::of_column(&column)
                }
                JoinType::Full => {
                    computed = true;
                    let name = left_key.field.name.clone();
                    let mut context = ExprContext::new(&joined.scope, Clause::Select);
                    context.fields.insert(left_key.to_arrow());
                    context.fields.insert(right_key.to_arrow());
                    let args =
                        [ResolvedExpr::of_column(&left_key), ResolvedExpr::of_column(&right_key)];
                    let shown =
                        naming::call("coalesce", &[left_key.field.name, right_key.field.name]);
                    let args = args.iter().map(ResolvedExpr::arg).collect();
                    self.call_builtin("coalesce", args, shown, &context)?.aliased(name)
                }
                _ => ResolvedExpr::of_column(&left_key),
            };
            key_items.push(item);
        }
        let is_key = |column: &Column| {
            keys.iter().any(|(left_key, right_key)| {
                column.internal == left_key.internal || column.internal == right_key.internal
            })
        };
        let rest = joined.scope.columns.iter().filter(|column| !is_key(column));
        let mut hidden: Vec<Column> = keys
            .iter()
            .flat_map(|(left_key, right_key)| [own(left_key), own(right_key)])
            .chain(joined.scope.hidden.iter().cloned())
            .collect();
        if !computed {
            let columns: Vec<Column> =
                key_items.into_iter().filter_map(|item| item.column).chain(rest.cloned()).collect();
            // A key that is visible is hidden as well, so that `t.*` and `t.key` still find it.
            hidden.retain(|own| {
                !columns.iter().any(|column| {
                    column.internal == own.internal && column.qualifier == own.qualifier
                })
            });
            let scope = Arc::new(Scope { columns, hidden, file_metadata: None, below: None });
            return Ok(Resolved { plan: joined.plan, scope });
        }
        // FULL: the keys are computed, the rest and the hidden keys pass through.
        let n_visible = key_items.len() + rest.clone().count();
        let mut items = key_items;
        items.extend(rest.map(ResolvedExpr::of_column));
        items.extend(hidden.iter().map(ResolvedExpr::of_column));
        let projected = self.project_over(joined.plan, items, None)?;
        let mut columns = projected.scope.columns.clone();
        let hidden = columns.split_off(n_visible);
        let scope = Arc::new(Scope { columns, hidden, file_metadata: None, below: None });
        Ok(Resolved { plan: projected.plan, scope })
    }

    pub(super) fn using_key(&self, scope: &Scope, name: &str, side: &str) -> Result<Column> {
        // Of several the first, as in Spark.
        match scope.named(name, self.settings).next() {
            Some(first) => Ok(first.clone()),
            None => {
                let mut known: Vec<String> =
                    scope.columns.iter().map(|own| quote(&own.field.name)).collect();
                known.sort();
                let suggestion = known.join(", ");
                Err(SparkError::analysis(
                    "UNRESOLVED_USING_COLUMN_FOR_JOIN",
                    format!(
                        "USING column {} cannot be resolved on the {side} side of the join. The \
                         {side}-side columns: [{suggestion}].",
                        quote(name)
                    ),
                )
                .with("colName", quote(name))
                .with("side", side)
                .with("suggestion", suggestion))
            }
        }
    }
}

fn is_always_true(condition: &JoinCondition) -> bool {
    match condition {
        JoinCondition::None => true,
        JoinCondition::On(expr) => {
            matches!(&expr.node, spec::ExprNode::Literal(spec::Literal::Boolean(true)))
        }
        _ => false,
    }
}

/// A right side that refers to the left becomes a subquery, which DataFusion decorrelates.
fn as_lateral(right: Resolved) -> Resolved {
    let subquery = as_subquery(&right);
    if subquery.outer_ref_columns.is_empty() {
        return right;
    }
    Resolved { plan: LogicalPlan::Subquery(subquery), scope: right.scope }
}

pub(super) fn both(left: &Scope, right: &Scope) -> Scope {
    let chain = |left: &[Column], right: &[Column]| [left, right].concat();
    Scope {
        columns: chain(&left.columns, &right.columns),
        hidden: chain(&left.hidden, &right.hidden),
        file_metadata: None,
        below: None,
    }
}

fn plan_join_type(join_type: JoinType) -> PlanJoinType {
    match join_type {
        JoinType::Inner | JoinType::Cross => PlanJoinType::Inner,
        JoinType::Left => PlanJoinType::Left,
        JoinType::Right => PlanJoinType::Right,
        JoinType::Full => PlanJoinType::Full,
        JoinType::LeftSemi => PlanJoinType::LeftSemi,
        JoinType::LeftAnti => PlanJoinType::LeftAnti,
    }
}

/// Whether a Python function is called that may answer otherwise each time.
fn is_nondeterministic(condition: &Expr) -> bool {
    let calls_one = condition.exists(|expr| {
        Ok(match expr {
            Expr::ScalarFunction(call) => {
                let function: &dyn Any = call.func.inner().as_ref();
                function.downcast_ref::<PythonUdf>().is_some() && expr.is_volatile_node()
            }
            _ => false,
        })
    });
    calls_one.unwrap_or(false)
}
