//! Subqueries in expressions: scalar, EXISTS, IN; correlated ones refer to the queries around them.

use super::{ExprContext, ResolvedExpr};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{self, ExprNode, SubqueryKind, SubqueryPlan};
use datafusion::common::Spans;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::{Expr, Subquery};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

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
                let expr = Expr::ScalarSubquery(as_subquery(&resolved));
                let mut typed = self.typed(expr, "scalarsubquery()".into(), context)?;
                // No row is a null.
                typed.field = Arc::new(typed.field.as_ref().clone().with_nullable(true));
                Ok(typed)
            }
            SubqueryKind::Exists => {
                let resolved = self.subquery_plan(&subquery.plan, context)?;
                let expr = Expr::Exists(Exists::new(as_subquery(&resolved), false));
                self.typed(expr, "exists()".into(), context)
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
        let [value] = values else {
            return Err(SparkError::unsupported("IN with a subquery of several columns"));
        };
        let value = self.expr(value, context)?;
        let resolved = self.subquery_plan(plan, context)?;
        one_column(&resolved)?;
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
        let shown = format!("({} IN (listquery()))", value.name);
        let value = self.coerce(value, &common, context)?;
        let resolved = self.with_types(resolved, &[common])?;
        let expr = Expr::InSubquery(InSubquery::new(
            Box::new(value.expr),
            as_subquery(&resolved),
            negated,
        ));
        let shown = if negated { format!("(NOT {shown})") } else { shown };
        self.typed(expr, shown, context)
    }

    /// Resolves a subquery; names that it does not know itself belong to the query around it.
    pub(crate) fn subquery_plan(
        &mut self,
        plan: &SubqueryPlan,
        context: &ExprContext,
    ) -> Result<Resolved> {
        let relation = match plan {
            SubqueryPlan::Inline(relation) => relation.clone(),
            SubqueryPlan::PlanId(plan_id) => {
                self.references.get(plan_id).cloned().ok_or_else(|| {
                    SparkError::invalid_plan(format!("no relation has plan id {plan_id}"))
                })?
            }
        };
        self.outer.push(Arc::clone(&context.scope));
        let resolved = self.relation(&relation);
        self.outer.pop();
        self.exact(resolved?)
    }
}

pub(crate) fn as_subquery(resolved: &Resolved) -> Subquery {
    let plan = Arc::new(resolved.plan.clone());
    let outer_ref_columns = plan.all_out_ref_exprs();
    Subquery { subquery: plan, outer_ref_columns, spans: Spans::new() }
}

fn one_column(resolved: &Resolved) -> Result<()> {
    let n_columns = resolved.scope.columns.len();
    if n_columns == 1 {
        return Ok(());
    }
    Err(SparkError::analysis(
        "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN",
        format!("Scalar subquery must return only one column, but got {n_columns}."),
    )
    .with("number", n_columns.to_string()))
}
