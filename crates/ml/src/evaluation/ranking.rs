//! `RankingEvaluator`: predictions are in descending order of relevance, labels are the relevant ones.

use super::arrays::{pairs, sets};
use crate::data::Dataset;
use crate::param::{Param, Params, Valid, shared};
use firesteel_common::Result;

pub(super) const PARAMS: &[Param] = &[
    Param::int("k", 10).valid(Valid::Gt(0.0)),
    shared::LABEL_COL,
    Param::string("metricName", "meanAveragePrecision").valid(Valid::OneOf(&[
        "meanAveragePrecision",
        "meanAveragePrecisionAtK",
        "precisionAtK",
        "ndcgAtK",
        "recallAtK",
    ])),
    shared::PREDICTION_COL,
];

pub(super) fn evaluate(params: &Params, data: &Dataset) -> Result<f64> {
    let metric = params.string("metricName")?;
    let k = params.count("k")?;
    let (mut sum, mut n_rows) = (0.0, 0_u64);
    pairs(
        data,
        params.string("predictionCol")?,
        params.string("labelCol")?,
        |predicted, labels| {
            n_rows += 1;
            sum += of_row(metric, k, predicted, labels);
        },
    )?;
    Ok(sum / n_rows as f64)
}

fn of_row(metric: &str, k: usize, predicted: &[f64], labels: &[f64]) -> f64 {
    let relevant = sets(labels);
    if relevant.is_empty() {
        return 0.0;
    }
    let is_relevant = |item: &f64| relevant.contains(&(item + 0.0).to_bits());
    let hits = |n: usize| predicted.iter().take(n).filter(|item| is_relevant(item)).count() as f64;
    let average_precision = |n: usize| {
        let (mut found, mut sum) = (0.0, 0.0);
        for (place, item) in predicted.iter().take(n).enumerate() {
            if is_relevant(item) {
                found += 1.0;
                sum += found / (place as f64 + 1.0);
            }
        }
        sum / relevant.len().min(n) as f64
    };
    match metric {
        "precisionAtK" => hits(k) / k as f64,
        "recallAtK" => hits(k) / relevant.len() as f64,
        "ndcgAtK" => {
            let gain = |place: usize| 1.0 / (place as f64 + 2.0).ln();
            let places = predicted.len().max(relevant.len()).min(k);
            let (mut gained, mut most) = (0.0, 0.0);
            for place in 0..places {
                if predicted.get(place).is_some_and(is_relevant) {
                    gained += gain(place);
                }
                if place < relevant.len() {
                    most += gain(place);
                }
            }
            gained / most
        }
        "meanAveragePrecisionAtK" => average_precision(k),
        _ => average_precision(usize::MAX),
    }
}
