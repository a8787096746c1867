//! WHERE and HAVING.

use crate::resolve::expression::{Clause, ExprContext, ResolvedExpr};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Aggregate, Expr, Grouping, Relation, RelationNode};
use arrow::datatypes::DataType;
use datafusion::logical_expr::{Filter, LogicalPlan};
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn filter(&mut self, input: &Relation, condition: &Expr) -> Result<Resolved> {
        let input = self.relation(input)?;
        let mut context = ExprContext::looking_below(&input.scope, Clause::Where);
        let condition = self.expr(condition, &mut context)?;
        let condition = self.boolean_condition(condition, "WHERE", "filter", &context)?;
        let input = self.with_partition_columns(input, &mut context)?;
        let n_columns = input.plan.schema().fields().len();
        let (plan, exprs) = self.prepared_below(&input, vec![condition.expr], &context)?;
        let Some(predicate) = exprs.into_iter().next() else {
            return Err(SparkError::internal("no condition"));
        };
        let has_more = plan.schema().fields().len() > n_columns;
        let mut plan = LogicalPlan::Filter(Filter::try_new(predicate, Arc::new(plan))?);
        if has_more {
            plan = self.cut(plan, &input.scope)?;
        }
        Ok(Resolved { plan, scope: input.scope })
    }

    /// HAVING over an aggregation; without GROUP BY, all rows are one group.
    pub(super) fn having(&mut self, input: &Relation, condition: &Expr) -> Result<Resolved> {
        match input.node.as_ref() {
            RelationNode::Aggregate(aggregate) => {
                let resolved = self.aggregate(aggregate, Some(condition))?;
                if let Some(plan_id) = input.plan_id {
                    self.plan_ids.record(plan_id, self.level, &resolved.scope);
                }
                Ok(resolved)
            }
            RelationNode::Project { input, exprs } => {
                let aggregate = Aggregate {
                    input: input.clone(),
                    grouping: Grouping::By(Vec::new()),
                    aggregates: exprs.clone(),
                    prepend_grouping: false,
                    pivot: None,
                };
                self.aggregate(&aggregate, Some(condition))
            }
            RelationNode::WindowClause { input, windows } => {
                self.windows.push(windows.clone());
                let resolved = self.having(input, condition);
                self.windows.pop();
                resolved
            }
            _ => self.filter(input, condition),
        }
    }

    /// A condition must be boolean; a bare NULL is one.
    pub(crate) fn boolean_condition(
        &mut self,
        condition: ResolvedExpr,
        _clause: &str,
        operator: &str,
        context: &ExprContext,
    ) -> Result<ResolvedExpr> {
        match condition.field.data_type() {
            DataType::Boolean => Ok(condition),
            DataType::Null => self.coerce(condition, &SparkType::Boolean, context),
            _ => {
                let data_type = condition.spark_type()?.sql();
                Err(SparkError::analysis(
                    "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN",
                    format!(
                        "Cannot resolve \"{}\" due to data type mismatch: Filter expression \"{}\" \
                         of type \"{data_type}\" is not a boolean.",
                        condition.name, condition.name
                    ),
                )
                .with("sqlExpr", format!("\"{}\"", condition.name))
                .with("filter", format!("\"{}\"", condition.name))
                .with("type", format!("\"{data_type}\""))
                .with("operator", operator))
            }
        }
    }
}
