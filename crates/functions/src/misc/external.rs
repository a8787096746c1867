//! `from_avro`, `to_avro`, `schema_of_avro`, `from_protobuf`, `to_protobuf`: functions of Spark's external modules. As in
//! a Spark without these modules, calls are checked and then refused.

use crate::call::{Arg, Call};
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SparkError, SparkType};

const MESSAGE_NAME: &str = "a constant string representing the Protobuf message name";

pub(super) fn from_avro(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 3)?;
    constant_text(&call, 1, &avro_schema("from"))?;
    constant_options(&call, 2, &from_format("AVRO"))?;
    Err(not_loaded("FROM_AVRO", "Avro", "spark-avro"))
}

pub(super) fn to_avro(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    constant_text(&call, 1, &avro_schema("to"))?;
    Err(not_loaded("TO_AVRO", "Avro", "spark-avro"))
}

pub(super) fn schema_of_avro(call: Call<'_>) -> Result<Expr> {
    call.check_arity(1, 2)?;
    constant_text(&call, 0, &avro_schema("from"))?;
    constant_options(&call, 1, &from_format("AVRO"))?;
    Err(not_loaded("SCHEMA_OF_AVRO", "Avro", "spark-avro"))
}

pub(super) fn from_protobuf(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 4)?;
    constant_text(&call, 1, MESSAGE_NAME)?;
    descriptor(&call)?;
    Err(not_loaded("FROM_PROTOBUF", "Protobuf", "spark-protobuf"))
}

pub(super) fn to_protobuf(call: Call<'_>) -> Result<Expr> {
    call.check_arity(2, 4)?;
    let data = call.args[0].spark_type()?;
    if !matches!(data, SparkType::Struct(_)) {
        let data = data.sql();
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.NON_STRUCT_TYPE",
            format!(
                "Cannot resolve \"to_protobuf\" due to data type mismatch: the input data should \
                 be a struct expression; however, got \"{data}\"."
            ),
        )
        .with("dataType", format!("\"{data}\"")));
    }
    constant_text(&call, 1, MESSAGE_NAME)?;
    descriptor(&call)?;
    Err(not_loaded("TO_PROTOBUF", "Protobuf", "spark-protobuf"))
}

fn avro_schema(direction: &str) -> String {
    let way = if direction == "to" { "to" } else { "from" };
    format!(
        "a constant string containing the JSON representation of the schema to use for converting \
         the value {way} AVRO format"
    )
}

fn from_format(format: &str) -> String {
    format!(
        "a constant map of strings to strings containing the options to use for converting the \
         value from {format} format"
    )
}

fn constant_text(call: &Call<'_>, position: usize, what: &str) -> Result<()> {
    match call.args.get(position) {
        Some(arg) if !is_constant(arg) || !is_text(&arg.spark_type()?) => {
            Err(wrong_argument(call.name, position, what))
        }
        _ => Ok(()),
    }
}

fn constant_options(call: &Call<'_>, position: usize, what: &str) -> Result<()> {
    let Some(arg) = call.args.get(position) else { return Ok(()) };
    let fits = match arg.spark_type()? {
        SparkType::Null => true,
        SparkType::Map { key, value, .. } => {
            matches!(*key, SparkType::Null)
                || is_text(&key) && is_text(&value) && !arg.expr.any_column_refs()
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(wrong_argument(call.name, position, what)) }
}

/// Spark reads a descriptor that is a path before anything else.
fn descriptor(call: &Call<'_>) -> Result<()> {
    let Some(arg) = call.args.get(2) else { return Ok(()) };
    let Some(path) = crate::implicit::literal_text(arg) else { return Ok(()) };
    if std::path::Path::new(&path).is_file() {
        return Ok(());
    }
    Err(SparkError::analysis(
        "PROTOBUF_DESCRIPTOR_FILE_NOT_FOUND",
        format!("Error reading Protobuf descriptor file at path: {path}."),
    )
    .with("filePath", path))
}

fn is_constant(arg: &Arg) -> bool {
    !arg.expr.any_column_refs()
}

fn is_text(data_type: &SparkType) -> bool {
    data_type.is_string() || matches!(data_type, SparkType::Null)
}

fn wrong_argument(function: &str, position: usize, what: &str) -> SparkError {
    let ordinal = ["first", "second", "third"][position.min(2)];
    let hint = format!(
        "The {ordinal} argument of the {} SQL function must be {what}",
        function.to_uppercase()
    );
    SparkError::analysis(
        "DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT",
        format!("Cannot resolve \"{function}\" due to data type mismatch: {hint}."),
    )
    .with("msg", hint)
    .with("hint", "")
}

fn not_loaded(function: &str, format: &str, package: &str) -> SparkError {
    let condition = format!("{}_NOT_LOADED_SQL_FUNCTIONS_UNUSABLE", format.to_uppercase());
    SparkError::new(
        ErrorKind::Analysis,
        condition,
        format!(
            "Cannot call the {function} SQL function because the {format} data source is not \
             loaded: Spark needs its package '{package}' for that, and Firesteel does not have it."
        ),
    )
    .with("functionName", function)
}
