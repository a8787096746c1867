//! QUALIFY: a filter by window functions over a SELECT list.

use crate::resolve::expression::windows;
use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Resolved, Resolver};
use crate::spec::{Expr, Relation};
use datafusion::logical_expr::{Filter, LogicalPlan};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn qualify(&mut self, input: &Relation, condition: &Expr) -> Result<Resolved> {
        if let crate::spec::RelationNode::WindowClause { input, windows } = input.node.as_ref() {
            self.windows.push(windows.clone());
            let resolved = self.qualify(input, condition);
            self.windows.pop();
            return resolved;
        }
        let input = self.relation(input)?;
        let mut context = ExprContext::looking_below(&input.scope, Clause::OrderBy);
        let condition = self.expr(condition, &mut context)?;
        let condition = self.boolean_condition(condition, "QUALIFY", "filter", &context)?;
        let (plan, exprs) = self.prepared_below(&input, vec![condition.expr.clone()], &context)?;
        let expr = exprs.into_iter().next().ok_or_else(|| SparkError::internal("no condition"))?;
        let mut items = [crate::resolve::expression::ResolvedExpr { expr, ..condition }];
        let plan = windows::extract(self, plan, &mut items)?;
        let [condition] = items;
        let plan = LogicalPlan::Filter(Filter::try_new(condition.expr, Arc::new(plan))?);
        let plan = self.cut(plan, &input.scope)?;
        Ok(Resolved { plan, scope: input.scope })
    }
}
