//! `transform(array, x -> …)` and its kin.
//!
//! Arguments are resolved from left to right; the function says what the parameters of a lambda are,
//! given the arguments before it.

use super::{ExprContext, ResolvedExpr};
use crate::resolve::{Resolver, naming};
use crate::spec::{self, ExprNode};
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::Lambda;
use firesteel_common::{Result, SparkError};
use firesteel_functions::{Arg, FunctionDef, HigherOrder};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn higher_order(
        &mut self,
        definition: &'static FunctionDef,
        function: &HigherOrder,
        call: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let name = self.builtin_name(call)?;
        // Lambdas may need the types of arguments after them, so plain arguments go first.
        let lambdas = with_lambdas(&name, &call.args);
        let call = &spec::Function { args: lambdas, ..call.clone() };
        let mut args: Vec<Option<Arg>> = vec![None; call.args.len()];
        let mut names = vec![String::new(); call.args.len()];
        for (position, arg) in call.args.iter().enumerate() {
            if !matches!(arg.node, ExprNode::Lambda { .. }) {
                let resolved = self.expr(arg, context)?;
                names[position].clone_from(&resolved.name);
                args[position] = Some(resolved.arg());
            }
        }
        for (position, arg) in call.args.iter().enumerate() {
            let ExprNode::Lambda { body, params } = &arg.node else { continue };
            let fields = (function.parameters)(&args, position, params.len())?;
            if fields.len() != params.len() {
                return Err(wrong_number_of_parameters(fields.len(), params.len()));
            }
            // Parameters get names of their own: an inner lambda may reuse one of an outer lambda.
            let n_outer = context.lambda_parameters.len();
            let mut internal = Vec::with_capacity(params.len());
            for (param, field) in params.iter().zip(fields) {
                let unique = self.fresh();
                let field = Arc::new(field.as_ref().clone().with_name(&unique));
                context.lambda_parameters.push((param.clone(), field));
                internal.push(unique);
            }
            let resolved = self.expr(body, context);
            context.lambda_parameters.truncate(n_outer);
            let resolved = resolved?;
            names[position] = naming::lambda(&resolved.name, params.len());
            let lambda = Expr::Lambda(Lambda::new(internal, resolved.expr));
            args[position] = Some(Arg::new(lambda, resolved.field));
        }
        if name == "aggregate" || name == "reduce" {
            // Spark shows the finishing lambda that the user left out.
            if names.len() == 3 {
                names.push(naming::lambda("namedlambdavariable()", 1));
            }
        }
        let shown = naming::call(&name, &names);
        let args = args.into_iter().flatten().collect();
        let built = (function.build)(firesteel_functions::Call {
            name: definition.name,
            args,
            settings: self.settings,
            query_start_micros: self.env.query_start_micros(),
        })?;
        self.typed(built, shown, context)
    }
}

/// The arguments, with a lambda that ignores its parameters where a value stands in the place of one.
fn with_lambdas(name: &str, args: &[spec::Expr]) -> Vec<spec::Expr> {
    let n_parameters = |position: usize| match (name, position) {
        ("transform" | "filter" | "exists" | "forall", 1) | ("aggregate" | "reduce", 3) => Some(1),
        ("map_filter" | "transform_keys" | "transform_values", 1)
        | ("zip_with" | "aggregate" | "reduce", 2) => Some(2),
        ("map_zip_with", 2) => Some(3),
        _ => None,
    };
    let mut args = args.to_vec();
    for (position, arg) in args.iter_mut().enumerate() {
        if let Some(n) = n_parameters(position)
            && !matches!(arg.node, ExprNode::Lambda { .. })
        {
            // No column has an empty name.
            let params = vec![String::new(); n];
            let node = ExprNode::Lambda { body: Box::new(arg.clone()), params };
            *arg = spec::Expr { node, origin: arg.origin.clone() };
        }
    }
    args
}

fn wrong_number_of_parameters(expected: usize, actual: usize) -> SparkError {
    SparkError::analysis(
        "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH",
        format!(
            "Invalid lambda function call. A higher order function expects {expected} arguments, \
             but got {actual}."
        ),
    )
    .with("expectedNumArgs", expected.to_string())
    .with("actualNumArgs", actual.to_string())
}
