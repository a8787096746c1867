//! `MulticlassClassificationEvaluator`.

use super::multiclass_metrics::{MulticlassMetrics, log_loss};
use crate::data::Dataset;
use crate::param::{Param, Params, Valid, shared};
use firesteel_common::Result;

const METRICS: &[&str] = &[
    "f1",
    "accuracy",
    "weightedPrecision",
    "weightedRecall",
    "weightedTruePositiveRate",
    "weightedFalsePositiveRate",
    "weightedFMeasure",
    "truePositiveRateByLabel",
    "falsePositiveRateByLabel",
    "precisionByLabel",
    "recallByLabel",
    "fMeasureByLabel",
    "logLoss",
    "hammingLoss",
];

pub(super) const PARAMS: &[Param] = &[
    Param::double("beta", 1.0).valid(Valid::Gt(0.0)),
    Param::double("eps", 1e-15).valid(Valid::Between(0.0, 0.5, false, false)),
    shared::LABEL_COL,
    Param::double("metricLabel", 0.0).valid(Valid::GtEq(0.0)),
    Param::string("metricName", "f1").valid(Valid::OneOf(METRICS)),
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::WEIGHT_COL,
];

pub(super) fn evaluate(params: &Params, data: &Dataset) -> Result<f64> {
    let label = params.string("labelCol")?;
    let weight = params.column("weightCol");
    let metric = params.string("metricName")?;
    if metric == "logLoss" {
        return log_loss(
            data,
            params.string("probabilityCol")?,
            label,
            weight,
            params.double("eps")?,
        );
    }
    crate::columns::exactly_double(&data.frame, params.string("predictionCol")?)?;
    let metrics = MulticlassMetrics::of(data, params.string("predictionCol")?, label, weight)?;
    let (class, beta) = (params.double("metricLabel")?, params.double("beta")?);
    match metric {
        "accuracy" => Ok(metrics.accuracy()),
        "weightedPrecision" => metrics.weighted(|label| metrics.precision(label)),
        "weightedRecall" | "weightedTruePositiveRate" => {
            metrics.weighted(|label| metrics.true_positive_rate(label))
        }
        "weightedFalsePositiveRate" => metrics.weighted(|label| metrics.false_positive_rate(label)),
        "weightedFMeasure" => metrics.weighted(|label| metrics.f_measure(label, beta)),
        "truePositiveRateByLabel" | "recallByLabel" => metrics.true_positive_rate(class),
        "falsePositiveRateByLabel" => metrics.false_positive_rate(class),
        "precisionByLabel" => metrics.precision(class),
        "fMeasureByLabel" => metrics.f_measure(class, beta),
        "hammingLoss" => Ok(metrics.hamming_loss()),
        _ => metrics.weighted(|label| metrics.f_measure(label, 1.0)),
    }
}
