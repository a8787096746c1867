//! `BinaryClassificationEvaluator`.

use super::BinaryMetrics;
use crate::data::Dataset;
use crate::param::{Param, Params, Valid, shared};
use firesteel_common::Result;

pub(super) const PARAMS: &[Param] = &[
    shared::LABEL_COL,
    Param::string("metricName", "areaUnderROC")
        .valid(Valid::OneOf(&["areaUnderROC", "areaUnderPR"])),
    Param::int("numBins", 1000).valid(Valid::GtEq(0.0)),
    shared::RAW_PREDICTION_COL,
    shared::WEIGHT_COL,
];

pub(super) fn evaluate(params: &Params, data: &Dataset) -> Result<f64> {
    let metrics = BinaryMetrics::of(
        data,
        params.string("rawPredictionCol")?,
        params.string("labelCol")?,
        params.column("weightCol"),
        params.count("numBins")?,
    )?;
    Ok(match params.string("metricName")? {
        "areaUnderPR" => metrics.area_under_pr(),
        _ => metrics.area_under_roc(),
    })
}
