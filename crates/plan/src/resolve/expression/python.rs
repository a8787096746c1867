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
            let keyword = match &arg.node {
                ExprNode::Named { name, .. } => Some(name),
                _ => None,
            };
            names.extend(resolved.iter().map(|value| {
                let name = small_casts(&value.name);
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

/// Spark writes casts in small letters where they are arguments of Python functions, but for those with an alias.
fn small_casts(name: &str) -> String {
    let Some((start, word)) = ["TRY_CAST(", "CAST("]
        .into_iter()
        .filter_map(|word| Some((name.find(word)?, word)))
        .min_by_key(|(start, _)| *start)
    else {
        return name.to_owned();
    };
    let (before, rest) = (&name[..start], &name[start + word.len()..]);
    let mut depth = 1;
    let end = rest.find(|letter| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    let parts = end.and_then(|end| Some((rest[..end].rsplit_once(" AS ")?, &rest[end + 1..])));
    let Some(((value, data_type), after)) = parts else { return name.to_owned() };
    if after.starts_with(" AS ") {
        return format!("{before}{word}{value} AS {data_type}){}", small_casts(after));
    }
    let (word, data_type) = (word.to_lowercase(), data_type.to_lowercase());
    format!("{before}{word}{} as {data_type}){}", small_casts(value), small_casts(after))
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

#[cfg(test)]
mod tests {
    use super::small_casts;

    #[test]
    fn casts_in_arguments_are_small_unless_they_have_an_alias() {
        let shown = small_casts("(CAST(CAST(n AS STRING) AS DECIMAL(3,1)) + TRY_CAST(k AS INT))");
        assert_eq!(shown, "(cast(cast(n as string) as decimal(3,1)) + try_cast(k as int))");
        let shown = small_casts("struct(CAST(v AS INT) AS q, CAST(v AS INT))");
        assert_eq!(shown, "struct(CAST(v AS INT) AS q, cast(v as int))");
        for unchanged in ["CAST(", "CAST(n)", "CAST((n AS INT)", "n"] {
            assert_eq!(small_casts(unchanged), unchanged);
        }
    }
}
