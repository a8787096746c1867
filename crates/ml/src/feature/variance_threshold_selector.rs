//! `VarianceThresholdSelector`: keeps features whose sample variance is above a threshold.

use super::selector::{self, SelectorModel};
use crate::data::{Aggregate, Dataset, InstanceColumns};
use crate::param::{Param, Params, Valid, shared};
use crate::stat::moments::Moments;
use crate::{Class, Fitted, Role};
use firesteel_common::Result;

const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::OUTPUT_COL,
    Param::double("varianceThreshold", 0.0).valid(Valid::GtEq(0.0)),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.VarianceThresholdSelector",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.VarianceThresholdSelectorModel",
    params: PARAMS,
    role: Role::Model {
        attributes: &["selectedFeatures"],
        load: |_, from| selector::load(from, false),
    },
};

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    selector::check(params, &data.frame, false)?;
    let threshold = params.double("varianceThreshold")?;
    let columns = InstanceColumns::features(params.string("featuresCol")?);
    let instances =
        data.instances(&InstanceColumns { finite: false, ..columns })?.with_summary()?;
    let n = instances.n_features;
    let moments = instances.aggregate(
        || Moments::new(n),
        |moments, block| {
            moments.add_block(block);
            Ok(())
        },
        |moments, other| moments.merge(&other),
    )?;
    let (low, high) = (moments.min(), moments.max());
    let variance = moments.variance();
    // Sums may leave a constant feature a tiny variance.
    let is_kept = |at: &usize| variance[*at] > threshold && low[*at] < high[*at];
    let selected = (0..n).filter(is_kept).map(|at| at as i32).collect();
    Ok(Fitted::new(SelectorModel { selected, categorical: false }))
}
