//! The shape that most transformers have: one input column, one new output column.

use crate::error;
use crate::linalg::{is_vector, vector_type};
use crate::param::Params;
use crate::{FunctionKind, Shared};
use datafusion_expr::Expr;
use firesteel_common::{Frame, Result, StructField};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// The names of both columns.
///
/// # Errors
/// One is not set, or the output column is there already.
pub(super) fn names<'p>(params: &'p Params, frame: &Frame) -> Result<(&'p str, &'p str)> {
    let (input, output) = (params.string("inputCol")?, params.string("outputCol")?);
    frame.column(input)?;
    check_new(frame, output)?;
    Ok((input, output))
}

/// # Errors
/// The column is there already.
pub(super) fn check_new(frame: &Frame, output: &str) -> Result<()> {
    if frame.has(output) {
        return Err(error::illegal(format!("Output column {output} already exists.")));
    }
    Ok(())
}

/// Adds what `kind` computes from the arguments as the column `output`.
///
/// # Errors
/// An internal error: the column does not fit.
pub(super) fn add<P>(
    frame: Frame,
    kind: &'static FunctionKind<P>,
    params: P,
    args: Vec<Expr>,
    output: StructField,
) -> Result<Frame>
where
    P: Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let expr = kind.call(&Shared::new(params), &output.data_type, output.nullable, args);
    frame.with_columns(vec![(expr, output)])
}

/// A transformer of vectors into vectors.
///
/// # Errors
/// As [`names`]; the input has no vectors.
pub(super) fn vectors<P>(
    params: &Params,
    frame: Frame,
    kind: &'static FunctionKind<P>,
    with: P,
) -> Result<Frame>
where
    P: Debug + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let (input, output) = (params.string("inputCol")?, params.string("outputCol")?);
    let column = frame.column(input)?;
    if !is_vector(&column.field.data_type) {
        return Err(error::requirement(format!(
            "Input type must be {} but got {}.",
            vector_type().simple_string(),
            column.field.data_type.simple_string()
        )));
    }
    let vector = column.expr();
    check_new(&frame, output)?;
    let field = StructField::new(output, vector_type(), true);
    add(frame, kind, with, vec![vector], field)
}

/// As [`check_new`], where Spark's words are others.
///
/// # Errors
/// `requirement failed: Column x already exists.`
pub(super) fn check_column_new(frame: &Frame, output: &str) -> Result<()> {
    if frame.has(output) {
        return Err(error::requirement(format!("Column {output} already exists.")));
    }
    Ok(())
}

/// As [`check_new`], where Spark's words are others.
///
/// # Errors
/// `requirement failed: Output column x already exists.`
pub(super) fn check_requirement_new(frame: &Frame, output: &str) -> Result<()> {
    if frame.has(output) {
        return Err(error::requirement(format!("Output column {output} already exists.")));
    }
    Ok(())
}
