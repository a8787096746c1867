//! Functions in FROM: `range(…)` and generators.

use crate::resolve::expression::{Clause, ExprContext};
use crate::resolve::scope::quote_name;
use crate::resolve::{Resolved, Resolver, Scope};
use crate::spec::{Expr, ExprNode, Function, PythonTableFunction, Range, TableFunction};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use firesteel_common::{Result, SparkError};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn table_function(&mut self, function: &TableFunction) -> Result<Resolved> {
        let name = function.name.last().map(|name| name.to_lowercase()).unwrap_or_default();
        if name == "range" {
            let range = self.range_of(&function.args)?;
            return self.range(&range);
        }
        match name.as_str() {
            "sql_keywords" => return self.sql_keywords(),
            "collations" => return self.collations(),
            "python_worker_logs" => return Err(no_worker_logs()),
            _ => {}
        }
        let input = self.one_row()?;
        let mut context = ExprContext::new(&input.scope, Clause::Other);
        let call: Expr = ExprNode::Function(Function {
            name: function.name.clone(),
            ..Function::new(&name, function.args.clone())
        })
        .into();
        let Some((generator, _)) = self.generator(&call, &mut context)? else {
            if let Some(registered) = self.env.registered_table_function(&name) {
                let args = function.args.clone();
                return self.python_table_function(&PythonTableFunction { args, ..registered });
            }
            let quoted = quote_name(&function.name);
            if function.name.len() == 1 && firesteel_functions::lookup(&name).is_some() {
                return Err(not_a_table_function(&quoted));
            }
            return Err(SparkError::analysis(
                "UNRESOLVABLE_TABLE_VALUED_FUNCTION",
                format!(
                    "Could not resolve {quoted} to a table-valued function. Please make sure that \
                     {quoted} is defined as a table-valued function and that all required \
                     parameters are provided correctly. If {quoted} is not defined, please create \
                     the table-valued function before using it."
                ),
            )
            .with("name", quoted));
        };
        let names = generator.column_names(&[])?;
        let (plan, columns) = self.generate(input.plan, &generator, &names, Vec::new())?;
        Ok(Resolved { plan, scope: Arc::new(Scope::new(columns)) })
    }

    /// `range(end)`, `range(start, end[, step[, partitions]])`.
    fn range_of(&mut self, args: &[Expr]) -> Result<Range> {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            let value = self.constant_of(arg)?;
            match value.cast_to(&DataType::Int64) {
                Ok(ScalarValue::Int64(Some(value))) => values.push(value),
                _ => {
                    return Err(SparkError::analysis(
                        "UNEXPECTED_INPUT_TYPE",
                        format!(
                            "Parameter {} of function `range` requires the \"BIGINT\" type.",
                            values.len() + 1
                        ),
                    ));
                }
            }
        }
        let (start, end, step, partitions) = match values.as_slice() {
            [end] => (0, *end, 1, None),
            [start, end] => (*start, *end, 1, None),
            [start, end, step] => (*start, *end, *step, None),
            [start, end, step, partitions] => (*start, *end, *step, Some(*partitions)),
            _ => {
                return Err(firesteel_functions::call::wrong_num_args(
                    "range",
                    "[1, 2, 3, 4]",
                    values.len(),
                ));
            }
        };
        let partitions = partitions.and_then(|n| usize::try_from(n).ok());
        Ok(Range { start, end, step, partitions })
    }
}

/// Where workers' logs are kept as rows is not built; Spark has it switched off.
fn no_worker_logs() -> SparkError {
    SparkError::analysis(
        "FEATURE_NOT_ENABLED",
        "The feature Python Worker Logging is not enabled, and Firesteel cannot enable it: what \
         workers log stands in the log of the engine.",
    )
    .with("featureName", "Python Worker Logging")
    .with("configKey", "spark.sql.pyspark.worker.logging.enabled")
    .with("configValue", "true")
}

fn not_a_table_function(name: &str) -> SparkError {
    SparkError::analysis(
        "NOT_A_TABLE_FUNCTION",
        format!(
            "{name} appears as a table function here, but the function was defined as a scalar \
             function. Please update the query to move the function call outside the FROM clause, \
             or redefine {name} as a table function instead."
        ),
    )
    .with("functionName", name)
}
