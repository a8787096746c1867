//! Checks of columns that transformers and models share (`SchemaUtils`).

use crate::error;
use crate::linalg::{is_vector, vector_type};
use datafusion_expr::Expr;
use firesteel_common::{Frame, Result, SparkType, StructField};

/// A column of vectors as an expression.
///
/// # Errors
/// Spark's: there is none of that name, or it has no vectors.
pub fn vector(frame: &Frame, name: &str) -> Result<Expr> {
    let column = frame.column(name)?;
    if !is_vector(&column.field.data_type) {
        return Err(error::requirement(format!(
            "Column {name} must be of type class org.apache.spark.ml.linalg.VectorUDT:{} but was actually class \
             {}.",
            vector_type().simple_string(),
            described(&column.field.data_type),
        )));
    }
    Ok(column.expr())
}

/// A column of numbers as doubles.
///
/// # Errors
/// Spark's: there is none of that name, or it has no numbers.
pub fn double(frame: &Frame, name: &str) -> Result<Expr> {
    crate::data::Dataset::double_of(frame.column(name)?)
}

/// Checks that a column has doubles, no other numbers.
///
/// # Errors
/// Spark's: there is none of that name, or it has something else.
pub fn exactly_double(frame: &Frame, name: &str) -> Result<()> {
    match &frame.column(name)?.field.data_type {
        SparkType::Double => Ok(()),
        other => Err(error::requirement(format!(
            "Column {name} must be of type class org.apache.spark.sql.types.DoubleType$:double but was actually class \
             {}.",
            described(other)
        ))),
    }
}

/// A new column, which must not be there yet.
///
/// # Errors
/// `requirement failed: Column x already exists.`
pub fn new_field(
    frame: &Frame,
    name: &str,
    data_type: SparkType,
    nullable: bool,
) -> Result<StructField> {
    if frame.has(name) {
        return Err(error::requirement(format!("Column {name} already exists.")));
    }
    Ok(StructField::new(name, data_type, nullable))
}

/// A type as Spark's messages show it: class and short name.
fn described(data_type: &SparkType) -> String {
    let has_parameters = matches!(
        data_type,
        SparkType::Array { .. }
            | SparkType::Map { .. }
            | SparkType::Struct(_)
            | SparkType::Decimal { .. }
            | SparkType::Udt(_)
    );
    // The class of a type without parameters is that of a Scala object.
    let object = if has_parameters { "" } else { "$" };
    let class = match data_type {
        SparkType::Array { .. } => "ArrayType".to_owned(),
        other => error::class_name(other),
    };
    format!("org.apache.spark.sql.types.{class}{object}:{}", data_type.simple_string())
}
