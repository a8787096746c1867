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
        if self.in_python_args {
            return self.python_args_as_named(name, given, context);
        }
        self.in_python_args = true;
        let args = self.python_args_as_named(name, given, context);
        self.in_python_args = false;
        // Messages of errors show expressions as everywhere else.
        args.or_else(|_| self.python_args_as_named(name, given, context))
    }

    fn python_args_as_named(
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
            let keyword = match &arg.node {
                ExprNode::Named { name, .. } => Some(name),
                _ => None,
            };
            names.extend(resolved.iter().map(|value| {
                let name = &value.name;
                match keyword {
                    Some(keyword) => format!("{keyword} => {name}"),
                    None => name.clone(),
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
