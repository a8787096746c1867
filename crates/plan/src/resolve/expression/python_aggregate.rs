//! Calls of Python functions that make one value of a group.

use super::python::invalid_place;
use super::{ExprContext, ResolvedExpr};
use crate::resolve::Resolver;
use crate::resolve::expression::aggregates::contains_aggregate;
use crate::spec;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{AggregateUDF, Expr};
use firesteel_common::python::{PythonFunction, PythonUdaf};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    /// A call of `python`, of which `function` has the arguments.
    pub(super) fn grouped_python_call(
        &mut self,
        function: &spec::PythonFunction,
        python: PythonFunction,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        if !python.eval_type.is_aggregate() {
            return Err(invalid_place(&python));
        }
        // With OVER it is a window function, whose arguments may be aggregates.
        let over = std::mem::replace(&mut context.in_window, false);
        if !over {
            self.check_aggregate_allowed(&python.name, context)?;
        }
        let outer = std::mem::replace(&mut context.in_aggregate, !over);
        let call = self.python_args(&python.name, &function.args, context);
        context.in_aggregate = outer;
        let call = call?;
        if let Some(arg) = call.args.iter().find(|arg| !over && contains_aggregate(&arg.expr)) {
            return Err(SparkError::analysis(
                "NESTED_AGGREGATE_FUNCTION",
                "It is not allowed to use an aggregate function in the argument of another \
                 aggregate function. Please use the inner aggregate function in a sub-query.",
            )
            .with("function", arg.name.clone()));
        }
        let udaf = PythonUdaf::new(Arc::new(python), call.keywords);
        let params = AggregateFunctionParams {
            args: call.args.into_iter().map(|arg| arg.expr).collect(),
            distinct: false,
            filter: None,
            order_by: Vec::new(),
            null_treatment: None,
        };
        let func = Arc::new(AggregateUDF::new_from_impl(udaf));
        self.typed(Expr::AggregateFunction(AggregateFunction { func, params }), call.shown, context)
    }
}
