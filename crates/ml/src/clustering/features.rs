//! The features column of a clustering model: vectors, or arrays of floats or doubles without nulls.

use crate::attribute::Attribute;
use crate::data::Dataset;
use crate::error;
use crate::linalg::is_vector;
use crate::param::Params;
use arrow::array::ArrayRef;
use datafusion_expr::Expr;
use firesteel_common::{Frame, Result, SparkType, StructField};

/// The column as an expression.
///
/// # Errors
/// Spark's: there is none of that name, or it has neither vectors nor arrays of numbers.
pub(super) fn features(frame: &Frame, name: &str) -> Result<Expr> {
    let column = frame.column(name)?;
    let kind = &column.field.data_type;
    let is_array = matches!(kind, SparkType::Array { element, contains_null: false }
        if matches!(**element, SparkType::Double | SparkType::Float));
    if is_vector(kind) || is_array {
        return Ok(column.expr());
    }
    Err(error::requirement(format!(
        "Column {name} must be of type equal to one of the following types: \
         [struct<type:tinyint,size:int,indices:array<int>,values:array<double>>, array<double>, array<float>] but was actually of type {}.",
        kind.simple_string()
    )))
}

/// The name of the features column of a fit.
///
/// # Errors
/// As [`features`].
pub(super) fn features_name<'a>(params: &'a Params, data: &Dataset) -> Result<&'a str> {
    let name = params.string("featuresCol")?;
    features(&data.frame, name)?;
    Ok(name)
}

/// A column of vectors of what [`features`] gave.
///
/// # Errors
/// An internal error: it is another.
pub(super) fn vectors(column: &ArrayRef) -> Result<ArrayRef> {
    crate::data::vectors(column)
}

/// The column of clusters, which says how many there are.
pub(super) fn prediction_field(name: &str, n_clusters: usize) -> StructField {
    let field = StructField::new(name, SparkType::Integer, false);
    Attribute::nominal_count(None, n_clusters).put_on(field)
}
