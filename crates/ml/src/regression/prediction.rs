//! The column that regression models add.

use crate::attribute::Attribute;
use crate::columns;
use crate::param::Params;
use datafusion_expr::Expr;
use firesteel_common::{Frame, Result, SparkType};

/// Adds `predictionCol`, made of the features; none if the parameter is empty.
///
/// # Errors
/// Spark's: no features, or there is such a column.
pub(crate) fn add_prediction(
    params: &Params,
    input: Frame,
    predict: impl FnOnce(Expr) -> Expr,
) -> Result<Frame> {
    let features = columns::vector(&input, params.string("featuresCol")?)?;
    let Some(name) = params.column("predictionCol") else { return Ok(input) };
    let field = columns::new_field(&input, name, SparkType::Double, false)?;
    let field = Attribute::numeric(None).put_on(field);
    input.with_columns(vec![(predict(features), field)])
}
