//! Reading of points.

use super::model::{IsotonicModel, feature};
use super::pool::{Point, pool};
use crate::data::{Dataset, LabelKind, check_labels, check_weight, doubles};
use crate::error;
use crate::model::Fitted;
use crate::param::Params;
use arrow::array::Array;
use firesteel_common::Result;

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let (features, is_vector) = feature(params, &data.frame)?;
    let mut exprs = vec![features, data.double_expr(params.string("labelCol")?)?];
    if let Some(weight) = params.column("weightCol") {
        exprs.push(data.double_expr(weight)?);
    }
    let index = params.count("featureIndex")?;
    // A falling function of labels is a rising one of their opposites.
    let is_rising = params.bool("isotonic")?;
    let sign = if is_rising { 1.0 } else { -1.0 };
    let mut points = Vec::new();
    data.scan(exprs, |batch| {
        let features = super::model::entries(batch.column(0), is_vector.then_some(index))?;
        let labels = doubles(batch.column(1))?;
        check_labels(labels.iter(), LabelKind::Regression)?;
        let weights = batch.columns().get(2).map(doubles).transpose()?;
        for row in 0..batch.num_rows() {
            if features.is_null(row) || !features.value(row).is_finite() {
                return Err(error::raised("Features MUST NOT be Null, NaN or Infinity"));
            }
            let weight = match &weights {
                Some(weights) => check_weight(weights.is_valid(row).then(|| weights.value(row)))?,
                None => 1.0,
            };
            points.push(Point {
                label: sign * labels.value(row),
                feature: features.value(row),
                weight,
            });
        }
        data.job.check()
    })?;
    let mut steps = pool(points);
    steps.predictions.iter_mut().for_each(|prediction| *prediction *= sign);
    Ok(Fitted::new(IsotonicModel::new(steps.boundaries, steps.predictions, is_rising)?))
}
