//! Subqueries in expressions: scalar, EXISTS, IN; correlated ones refer to the queries around them.

use super::{ExprContext, ResolvedExpr};
use crate::resolve::output::column;
use crate::resolve::{Resolved, Resolver};
use crate::spec::{self, ExprNode, Relation, SubqueryKind, SubqueryPlan};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{ExprSchema, JoinType, ScalarValue, Spans};
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{
    Expr, Filter, LogicalPlan, LogicalPlanBuilder, Subquery, lit, when,
};
use firesteel_common::{Result, SparkError, SparkType};
use firesteel_functions::collation::{is_collated, key as collation_key};
use std::sync::Arc;

/// Far more than any program writes down.
const REFERENCES_MAX: usize = 10_000;

impl Resolver<'_> {
    pub(super) fn subquery(
        &mut self,
        subquery: &spec::Subquery,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        match &subquery.kind {
            SubqueryKind::Scalar => {
                let resolved = self.subquery_plan(&subquery.plan, context)?;
                one_column(&resolved)?;
                let resolved = self.with_nullable_column(resolved)?;
                let subquery = as_subquery(&resolved);
                let shown = format!("scalarsubquery({})", outer_names(&subquery, context));
                let expr = Expr::ScalarSubquery(subquery);
                let mut typed = self.typed(expr, shown, context)?;
                // No row is a null.
                typed.field = Arc::new(typed.field.as_ref().clone().with_nullable(true));
                Ok(typed)
            }
            SubqueryKind::Exists => {
                let resolved = self.subquery_plan(&subquery.plan, context)?;
                let subquery = as_subquery(&resolved);
                let shown = format!("exists({})", outer_names(&subquery, context));
                let expr = Expr::Exists(Exists::new(subquery, false));
                self.typed(expr, shown, context)
            }
            SubqueryKind::In { values, negated } => {
                self.in_subquery(values, &subquery.plan, *negated, context)
            }
            SubqueryKind::Table { .. } => {
                Err(SparkError::unsupported("TABLE arguments of functions"))
            }
        }
    }

    /// `in(value, subquery)`: how the DataFrame API may send it.
    pub(super) fn in_subquery_as_call(
        &mut self,
        function: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        let [value, spec::Expr { node: ExprNode::Subquery(subquery), .. }] =
            function.args.as_slice()
        else {
            return Ok(None);
        };
        self.in_subquery(std::slice::from_ref(value), &subquery.plan, false, context).map(Some)
    }

    fn in_subquery(
        &mut self,
        values: &[spec::Expr],
        plan: &SubqueryPlan,
        negated: bool,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let values = match values {
            [spec::Expr { node: ExprNode::Row(row), .. }] => row.as_slice(),
            values => values,
        };
        let resolved = self.subquery_plan(plan, context)?;
        let n_columns = resolved.scope.columns.len();
        if n_columns != values.len() {
            return Err(length_mismatch(values.len(), n_columns));
        }
        let [value] = values else {
            return self.in_subquery_of_columns(values, resolved, negated, context);
        };
        let value = self.expr(value, context)?;
        let (left, right) =
            (value.spark_type()?, resolved.scope.columns[0].field.data_type.clone());
        let Some(common) = self.common_type_of([&left, &right]) else {
            return Err(SparkError::analysis(
                "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH",
                format!(
                    "Cannot resolve \"({} IN (listquery()))\" due to data type mismatch: The data \
                     type of one or more elements in the left hand side of an IN subquery is not \
                     compatible with the data type of the output of the subquery. Mismatched \
                     columns: [{}], left side: [\"{}\"], right side: [\"{}\"].",
                    value.name,
                    resolved.scope.columns[0].quoted(),
                    left.sql(),
                    right.sql()
                ),
            ));
        };
        let outer = outer_names(&as_subquery(&resolved), context);
        let shown = format!("({} IN (listquery({outer})))", value.name);
        // Null is in no rows for sure, and otherwise nobody knows.
        if left == SparkType::Null {
            let some = Expr::Exists(Exists::new(as_subquery(&resolved), false));
            let expr = when(some, lit(ScalarValue::Boolean(None))).otherwise(lit(negated))?;
            let shown = if negated { format!("(NOT {shown})") } else { shown };
            return self.typed(expr, shown, context);
        }
        let mut value = self.coerce(value, &common, context)?;
        let mut resolved = self.with_types(resolved, &[common.clone()])?;
        if is_collated(&common) {
            (value, resolved) =
                self.collated_membership(value, resolved, [&left, &right], &shown)?;
        }
        let expr = Expr::InSubquery(InSubquery::new(
            Box::new(value.expr),
            as_subquery(&resolved),
            negated,
        ));
        let shown = if negated { format!("(NOT {shown})") } else { shown };
        self.typed(expr, shown, context)
    }

    /// `(a, b) IN (SELECT c, d …)` is an EXISTS of the rows with `c = a AND d = b`; a NOT IN also
    /// counts the rows for which that is unknown.
    fn in_subquery_of_columns(
        &mut self,
        values: &[spec::Expr],
        resolved: Resolved,
        negated: bool,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let values = self.args(values, context)?;
        let mut names = Vec::with_capacity(values.len());
        let mut types = Vec::with_capacity(values.len());
        for (value, own) in values.iter().zip(&resolved.scope.columns) {
            let (left, right) = (value.spark_type()?, &own.field.data_type);
            let Some(common) = self.common_type_of([&left, right]) else {
                return Err(SparkError::analysis(
                    "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH",
                    format!(
                        "The data type of one or more elements in the left hand side of an IN \
                         subquery is not compatible with the data type of the output of the \
                         subquery: \"{}\" and \"{}\".",
                        left.sql(),
                        right.sql()
                    ),
                ));
            };
            names.push(value.name.clone());
            types.push(common);
        }
        let outer = outer_names(&as_subquery(&resolved), context);
        let shown = format!("(named_struct({}) IN (listquery({outer})))", names.join(", "));
        let resolved = self.with_types(resolved, &types)?;
        let mut conditions = Vec::with_capacity(types.len());
        for ((value, own), common) in values.into_iter().zip(&resolved.scope.columns).zip(&types) {
            let value = self.coerce(value, common, context)?;
            let value = value.expr.transform(|node| match node {
                Expr::Column(own) => {
                    let field = context.fields.field_from_column(&own)?.clone();
                    Ok(Transformed::yes(Expr::OuterReferenceColumn(field, own)))
                }
                other => Ok(Transformed::no(other)),
            })?;
            let (mut value, mut key) = (value.data, column(&own.internal));
            if is_collated(common) {
                (value, key) = (collation_key(value, common)?, collation_key(key, common)?);
            }
            let equal = key.clone().eq(value.clone());
            conditions.push(if negated {
                equal.or(key.is_null()).or(value.is_null())
            } else {
                equal
            });
        }
        let predicate = conjunction(conditions)
            .ok_or_else(|| SparkError::internal("IN with a subquery of no columns"))?;
        let plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(resolved.plan))?);
        let found = Resolved { plan, scope: resolved.scope };
        let expr = Expr::Exists(Exists::new(as_subquery(&found), negated));
        let shown = if negated { format!("(NOT {shown})") } else { shown };
        self.typed(expr, shown, context)
    }

    /// A scalar subquery of no row is null, so its column must be able to be. A correlated one
    /// becomes the right side of an outer join, which sees to that itself.
    fn with_nullable_column(&mut self, resolved: Resolved) -> Result<Resolved> {
        if !as_subquery(&resolved).outer_ref_columns.is_empty() {
            return Ok(resolved);
        }
        if resolved.plan.schema().field(0).is_nullable() {
            return Ok(resolved);
        }
        // One row that is outer-joined with the subquery's: nothing less survives the optimizer.
        let one_row = LogicalPlanBuilder::empty(true).project([lit(true).alias(self.fresh())])?;
        let Resolved { plan, scope } = resolved;
        let own = column(&scope.columns[0].internal);
        let joined = one_row.join_on(plan, JoinType::Left, [lit(true)])?.project([own])?;
        let mut columns = scope.columns.clone();
        columns[0].field.nullable = true;
        let scope = Arc::new(crate::resolve::Scope::new(columns));
        Ok(Resolved { plan: joined.build()?, scope })
    }

    /// Resolves a subquery; names that it does not know itself belong to the query around it.
    pub(crate) fn subquery_plan(
        &mut self,
        plan: &SubqueryPlan,
        context: &ExprContext,
    ) -> Result<Resolved> {
        let plan_id = match plan {
            SubqueryPlan::Inline(relation) => return self.subquery_relation(relation, context),
            SubqueryPlan::PlanId(plan_id) => *plan_id,
        };
        self.n_references += 1;
        if self.n_references > REFERENCES_MAX {
            return Err(SparkError::invalid_plan(format!(
                "The plan refers to relations by plan id more than {REFERENCES_MAX} times."
            )));
        }
        // Out of the way while it is resolved: a relation that refers to itself finds nothing.
        let relation = self.references.remove(&plan_id).ok_or_else(|| {
            SparkError::invalid_plan(format!("no relation has plan id {plan_id}, or it is its own"))
        })?;
        let resolved = self.subquery_relation(&relation, context);
        self.references.insert(plan_id, relation);
        resolved
    }

    fn subquery_relation(
        &mut self,
        relation: &Relation,
        context: &ExprContext,
    ) -> Result<Resolved> {
        if !context.lambda_parameters.is_empty() {
            return Err(SparkError::analysis(
                "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.HIGHER_ORDER_FUNCTION",
                "Unsupported subquery expression: Subquery expressions are not supported within \
                 higher-order functions. Please remove all subquery expressions from higher-order \
                 functions and then try the query again.",
            ));
        }
        self.has_subqueries = true;
        self.outer.push(Arc::clone(&context.scope));
        let resolved = self.relation(relation);
        self.outer.pop();
        self.exact(resolved?)
    }
}

pub(crate) fn as_subquery(resolved: &Resolved) -> Subquery {
    let plan = Arc::new(resolved.plan.clone());
    let outer_ref_columns = plan.all_out_ref_exprs();
    Subquery { subquery: plan, outer_ref_columns, spans: Spans::new() }
}

/// The columns of the query around it that a subquery refers to, as generated names show them.
fn outer_names(subquery: &Subquery, context: &ExprContext) -> String {
    let mut names: Vec<&str> = Vec::new();
    // A column is named as often as the subquery names it.
    let visited = subquery.subquery.apply_with_subqueries(|plan| {
        plan.apply_expressions(|expr| {
            expr.apply(|expr| {
                if let Expr::OuterReferenceColumn(_, own) = expr
                    && let Some(found) = context.scope.by_internal(&own.name)
                {
                    names.push(&found.field.name);
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    });
    debug_assert!(visited.is_ok(), "the visitors do not fail");
    names.join(", ")
}

fn length_mismatch(n_left: usize, n_right: usize) -> SparkError {
    SparkError::analysis(
        "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH",
        format!(
            "The number of columns in the left hand side of an IN subquery does not match the number \
             of columns in the output of subquery: {n_left} and {n_right}."
        ),
    )
    .with("leftLength", n_left.to_string())
    .with("rightLength", n_right.to_string())
}

fn one_column(resolved: &Resolved) -> Result<()> {
    let n_columns = resolved.scope.columns.len();
    if n_columns == 1 {
        return Ok(());
    }
    Err(SparkError::analysis(
        "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN",
        format!(
            "Invalid subquery: Scalar subquery must return only one column, but got {n_columns}."
        ),
    )
    .with("number", n_columns.to_string()))
}
