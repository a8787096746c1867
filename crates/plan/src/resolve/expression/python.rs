//! Calls of Python functions.

use super::{ExprContext, ResolvedExpr};
use crate::resolve::Resolver;
use crate::resolve::query::invalid_eval_type;
use crate::spec::{self, ExprNode};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, ScalarUDF};
use firesteel_common::python::{EvalType, PythonFunction, PythonUdf};
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    /// A call of a function that came with the query.
    pub(super) fn python_call(
        &mut self,
        function: &spec::PythonFunction,
        context: &mut ExprContext,
    ) -> Result<ResolvedExpr> {
        let python = self.python_function(function)?;
        if !python.eval_type.is_scalar() {
            return self.grouped_python_call(function, python, context);
        }
        if !context.lambda_parameters.is_empty() {
            return Err(in_lambda(&python.name));
        }
        let PythonArgs { args, keywords, shown } =
            self.python_args(&python.name, &function.args, context)?;
        let udf = PythonUdf::new(Arc::new(python), keywords);
        let call = ScalarFunction {
            func: Arc::new(ScalarUDF::new_from_impl(udf)),
            args: args.into_iter().map(|arg| arg.expr).collect(),
        };
        self.typed(Expr::ScalarFunction(call), shown, context)
    }

    /// A call by name of a function that was registered; none if none was.
    pub(super) fn registered_call(
        &mut self,
        call: &spec::Function,
        context: &mut ExprContext,
    ) -> Result<Option<ResolvedExpr>> {
        let name = self.builtin_name(call)?;
        let Some(registered) = self.env.registered_function(&name) else { return Ok(None) };
        self.check_plain(call)?;
        let function = spec::PythonFunction { args: call.args.clone(), ..registered };
        self.python_call(&function, context).map(Some)
    }

    /// The arguments of a call.
    pub(super) fn python_args(
        &mut self,
        name: &str,
        given: &[spec::Expr],
        context: &mut ExprContext,
    ) -> Result<PythonArgs> {
        let mut keywords = Vec::with_capacity(given.len());
        let mut args = Vec::with_capacity(given.len());
        let mut names = Vec::with_capacity(given.len());
        for arg in given {
            let resolved = self.args(std::slice::from_ref(arg), context)?;
            let (keyword, value) = match &arg.node {
                ExprNode::Named { name, value } => (Some(name), value.as_ref()),
                _ => (None, arg),
            };
            let is_cast = matches!(value.node, ExprNode::Cast { .. });
            names.extend(resolved.iter().map(|value| {
                let name = if is_cast { cast_name(&value.name) } else { value.name.clone() };
                match keyword {
                    Some(keyword) => format!("{keyword} => {name}"),
                    None => name,
                }
            }));
            keywords.extend(resolved.iter().map(|_| keyword.cloned()));
            args.extend(resolved);
        }
        let shown = format!("{name}({})", names.join(", "));
        Ok(PythonArgs { args, keywords, shown })
    }

    /// The function as plans hold it, with the session's settings.
    ///
    /// # Errors
    /// When workers have no Python.
    pub(crate) fn python_function(
        &mut self,
        function: &spec::PythonFunction,
    ) -> Result<PythonFunction> {
        Ok(PythonFunction {
            name: function.name.clone(),
            eval_type: EvalType(function.eval_type),
            command: Arc::from(function.command.as_slice()),
            version: function.python_version.clone(),
            includes: function.includes.clone(),
            output_type: function.output_type.clone(),
            deterministic: function.deterministic,
            result_id: PythonFunction::next_result_id(),
            settings: self.env.python()?,
        })
    }
}

/// Arguments, the keyword of each, and the call as columns are named.
pub(super) struct PythonArgs {
    pub args: Vec<ResolvedExpr>,
    pub keywords: Vec<Option<String>>,
    pub shown: String,
}

/// Spark writes casts in small letters where they are arguments of Python functions.
fn cast_name(name: &str) -> String {
    let parts = name.strip_prefix("CAST(").and_then(|rest| rest.strip_suffix(')'));
    match parts.and_then(|parts| parts.rsplit_once(" AS ")) {
        Some((value, data_type)) => format!("cast({value} as {})", data_type.to_lowercase()),
        None => name.to_owned(),
    }
}

/// Such a function makes no values.
pub(super) fn invalid_place(python: &PythonFunction) -> SparkError {
    invalid_eval_type(&python.name, python.eval_type, "scalar")
}

fn in_lambda(name: &str) -> SparkError {
    SparkError::analysis(
        "UNSUPPORTED_FEATURE.LAMBDA_FUNCTION_WITH_PYTHON_UDF",
        format!(
            "The feature is not supported: Lambda function with Python UDF \"{name}\" in a higher order \
             function."
        ),
    )
    .with("funcName", format!("\"{name}\""))
}
