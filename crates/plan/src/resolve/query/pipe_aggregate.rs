//! `|> AGGREGATE items [GROUP BY groups]`.

use crate::resolve::expression::aggregates::contains_aggregate;
use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::{Resolved, Resolver};
use crate::spec::Aggregate;
use firesteel_common::{Result, SparkError};

impl Resolver<'_> {
    /// # Errors
    /// `PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION`.
    pub(super) fn pipe_aggregate(&mut self, aggregate: &Aggregate) -> Result<Resolved> {
        let input = self.relation(&aggregate.input)?;
        let mut context = ExprContext::new(&input.scope, Clause::Select);
        for item in self.select_items(&aggregate.aggregates, &mut context)? {
            if !contains_aggregate(&item.expr) {
                let message = format!(
                    "Non-grouping expression {} is provided as an argument to the |> AGGREGATE pipe operator but \
                     does not contain any aggregate function; please update it to include an aggregate function \
                     and then retry the query again.",
                    item.name
                );
                let condition = "PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION";
                return Err(SparkError::analysis(condition, message).with("expr", item.name));
            }
        }
        self.aggregate_over(input, aggregate, None)
    }
}
