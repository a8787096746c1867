//! Python functions: bytes that are handed through to a worker.

use super::expression::expressions;
use super::{data_type, faults, required};
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec::PythonFunction;
use firesteel_proto::spark::connect as proto;
use proto::common_inline_user_defined_function::Function;

/// # Errors
/// For functions in Java or Scala, which need a JVM.
pub fn python_function(message: &proto::CommonInlineUserDefinedFunction) -> Result<PythonFunction> {
    match required(message.function.as_ref(), faults::part("the body of a function"))? {
        Function::PythonUdf(udf) => Ok(PythonFunction {
            name: message.function_name.clone(),
            args: expressions(&message.arguments)?,
            deterministic: message.deterministic,
            distinct: message.is_distinct,
            output_type: data_type(required(udf.output_type.as_ref(), faults::data_type)?)?,
            eval_type: udf.eval_type,
            command: udf.command.to_vec(),
            python_version: udf.python_ver.clone(),
            includes: udf.additional_includes.clone(),
        }),
        Function::ScalarScalaUdf(_) => Err(SparkError::unsupported("functions written in Scala")),
        Function::JavaUdf(_) => Err(SparkError::unsupported("functions written in Java")),
    }
}
