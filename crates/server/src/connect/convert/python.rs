//! Python functions: bytes that are handed through to a worker.

use super::expression::expressions;
use super::{data_type, faults, required};
use firesteel_common::python::PythonDataSource;
use firesteel_common::{Result, SparkError};
use firesteel_plan::spec::{PythonFunction, PythonTableFunction};
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

/// # Errors
/// When the message lacks the function.
pub fn python_table_function(
    message: &proto::CommonInlineUserDefinedTableFunction,
) -> Result<PythonTableFunction> {
    use proto::common_inline_user_defined_table_function::Function;
    let Function::PythonUdtf(udtf) =
        required(message.function.as_ref(), faults::part("the body of a function"))?;
    Ok(PythonTableFunction {
        name: message.function_name.clone(),
        args: expressions(&message.arguments)?,
        deterministic: message.deterministic,
        return_type: udtf.return_type.as_ref().map(data_type).transpose()?,
        eval_type: udtf.eval_type,
        command: udtf.command.to_vec(),
        python_version: udtf.python_ver.clone(),
    })
}

/// # Errors
/// When the message lacks the class.
pub fn python_data_source(
    message: &proto::CommonInlineUserDefinedDataSource,
) -> Result<PythonDataSource> {
    use proto::common_inline_user_defined_data_source::DataSource;
    let DataSource::PythonDataSource(source) =
        required(message.data_source.as_ref(), faults::part("the body of a data source"))?;
    Ok(PythonDataSource {
        name: message.name.clone(),
        command: source.command.to_vec().into(),
        version: source.python_ver.clone(),
    })
}
