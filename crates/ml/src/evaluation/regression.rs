//! `RegressionEvaluator`.

use super::RegressionMetrics;
use crate::data::Dataset;
use crate::error;
use crate::param::{Param, Params, Valid, shared};
use firesteel_common::{Result, SparkType};

pub(super) const PARAMS: &[Param] = &[
    shared::LABEL_COL,
    Param::string("metricName", "rmse").valid(Valid::OneOf(&["mse", "rmse", "r2", "mae", "var"])),
    shared::PREDICTION_COL,
    Param::bool("throughOrigin", false),
    shared::WEIGHT_COL,
];

pub(super) fn evaluate(params: &Params, data: &Dataset) -> Result<f64> {
    let column = data.field(params.string("predictionCol")?)?;
    if !matches!(column.data_type, SparkType::Double | SparkType::Float) {
        return Err(error::requirement(format!(
            "Column {} must be of type equal to one of the following types: [double, float] but was actually of type \
             {}.",
            column.name,
            column.data_type.simple_string()
        )));
    }
    let metrics = RegressionMetrics::of(
        data,
        params.string("predictionCol")?,
        params.string("labelCol")?,
        params.column("weightCol"),
        params.bool("throughOrigin")?,
    )?;
    if metrics.n_rows == 0 {
        return Err(error::empty_summary());
    }
    Ok(match params.string("metricName")? {
        "mse" => metrics.mean_squared_error(),
        "r2" => metrics.r2(),
        "mae" => metrics.mean_absolute_error(),
        "var" => metrics.explained_variance(),
        _ => metrics.root_mean_squared_error(),
    })
}
