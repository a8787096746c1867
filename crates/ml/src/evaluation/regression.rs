//! `RegressionEvaluator`.

use super::RegressionMetrics;
use crate::data::Dataset;
use crate::param::{Param, Params, Valid, shared};
use firesteel_common::Result;

pub(super) const PARAMS: &[Param] = &[
    shared::LABEL_COL,
    Param::string("metricName", "rmse").valid(Valid::OneOf(&["mse", "rmse", "r2", "mae", "var"])),
    shared::PREDICTION_COL,
    Param::bool("throughOrigin", false),
    shared::WEIGHT_COL,
];

pub(super) fn evaluate(params: &Params, data: &Dataset) -> Result<f64> {
    let metrics = RegressionMetrics::of(
        data,
        params.string("predictionCol")?,
        params.string("labelCol")?,
        params.column("weightCol"),
        params.bool("throughOrigin")?,
    )?;
    Ok(match params.string("metricName")? {
        "mse" => metrics.mean_squared_error(),
        "r2" => metrics.r2(),
        "mae" => metrics.mean_absolute_error(),
        "var" => metrics.explained_variance(),
        _ => metrics.root_mean_squared_error(),
    })
}
