//! `MultilabelClassificationEvaluator`: predictions and labels are arrays of classes.

use super::arrays::{pairs, sets};
use crate::data::Dataset;
use crate::param::{Param, Params, Valid, shared};
use firesteel_common::Result;

const METRICS: &[&str] = &[
    "subsetAccuracy",
    "accuracy",
    "hammingLoss",
    "precision",
    "recall",
    "f1Measure",
    "precisionByLabel",
    "recallByLabel",
    "f1MeasureByLabel",
    "microPrecision",
    "microRecall",
    "microF1Measure",
];

pub(super) const PARAMS: &[Param] = &[
    shared::LABEL_COL,
    Param::double("metricLabel", 0.0).valid(Valid::GtEq(0.0)),
    Param::string("metricName", "f1Measure").valid(Valid::OneOf(METRICS)),
    shared::PREDICTION_COL,
];

/// Sums over rows.
#[derive(Debug, Default)]
struct Sums {
    n_rows: f64,
    equal: f64,
    jaccard: f64,
    different: f64,
    precision: f64,
    recall: f64,
    f1: f64,
    /// True positives, false positives and false negatives, of all classes.
    all: [f64; 3],
    /// The same of the class that is asked for.
    own: [f64; 3],
}

pub(super) fn evaluate(params: &Params, data: &Dataset) -> Result<f64> {
    let class = params.double("metricLabel")?.to_bits();
    let mut sums = Sums::default();
    let mut classes = std::collections::BTreeSet::new();
    pairs(
        data,
        params.string("predictionCol")?,
        params.string("labelCol")?,
        |predicted, labels| {
            let (predicted, labels) = (sets(predicted), sets(labels));
            classes.extend(labels.iter().copied());
            let common = predicted.intersection(&labels).count() as f64;
            let (n_predicted, n_labels) = (predicted.len() as f64, labels.len() as f64);
            sums.n_rows += 1.0;
            sums.equal += f64::from(u8::from(predicted == labels));
            sums.jaccard += common / (n_predicted + n_labels - common);
            sums.different += n_predicted + n_labels - 2.0 * common;
            sums.precision += if n_predicted > 0.0 { common / n_predicted } else { 0.0 };
            sums.recall += common / n_labels;
            sums.f1 += 2.0 * common / (n_predicted + n_labels);
            for (sum, value) in
                sums.all.iter_mut().zip([common, n_predicted - common, n_labels - common])
            {
                *sum += value;
            }
            match (predicted.contains(&class), labels.contains(&class)) {
                (true, true) => sums.own[0] += 1.0,
                (true, false) => sums.own[1] += 1.0,
                (false, true) => sums.own[2] += 1.0,
                (false, false) => {}
            }
        },
    )?;
    let ratio =
        |right: f64, wrong: f64| if right + wrong == 0.0 { 0.0 } else { right / (right + wrong) };
    let f1 =
        |[right, positive, negative]: [f64; 3]| 2.0 * right / (2.0 * right + positive + negative);
    Ok(match params.string("metricName")? {
        "subsetAccuracy" => sums.equal / sums.n_rows,
        "accuracy" => sums.jaccard / sums.n_rows,
        "hammingLoss" => sums.different / (sums.n_rows * classes.len() as f64),
        "precision" => sums.precision / sums.n_rows,
        "recall" => sums.recall / sums.n_rows,
        "precisionByLabel" => ratio(sums.own[0], sums.own[1]),
        "recallByLabel" => ratio(sums.own[0], sums.own[2]),
        "f1MeasureByLabel" => {
            let (precision, recall) =
                (ratio(sums.own[0], sums.own[1]), ratio(sums.own[0], sums.own[2]));
            if precision + recall == 0.0 {
                0.0
            } else {
                2.0 * precision * recall / (precision + recall)
            }
        }
        "microPrecision" => sums.all[0] / (sums.all[0] + sums.all[1]),
        "microRecall" => sums.all[0] / (sums.all[0] + sums.all[2]),
        "microF1Measure" => f1(sums.all),
        _ => sums.f1 / sums.n_rows,
    })
}
