//! `ChiSqSelector`: keeps the categories on which a label of categories depends most.

use super::scores::{Score, p_values};
use super::selector::{self, MODES, SelectorModel};
use crate::data::Dataset;
use crate::param::{Param, Params, Valid, shared};
use crate::{Class, Fitted, Role};
use firesteel_common::Result;

const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::OUTPUT_COL,
    shared::LABEL_COL,
    Param::int("numTopFeatures", 50).valid(Valid::GtEq(1.0)),
    Param::double("percentile", 0.1).valid(Valid::In(0.0, 1.0)),
    Param::double("fpr", 0.05).valid(Valid::In(0.0, 1.0)),
    Param::double("fdr", 0.05).valid(Valid::In(0.0, 1.0)),
    Param::double("fwe", 0.05).valid(Valid::In(0.0, 1.0)),
    Param::string("selectorType", "numTopFeatures").valid(Valid::OneOf(MODES)),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.ChiSqSelector",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.ChiSqSelectorModel",
    params: PARAMS,
    role: Role::Model {
        attributes: &["selectedFeatures"],
        load: |_, from| selector::load(from, true),
    },
};

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    selector::check(params, &data.frame, true)?;
    let (features, label) = (params.string("featuresCol")?, params.string("labelCol")?);
    let p_values = p_values(data, features, label, Score::ChiSquared)?;
    let mode = params.string("selectorType")?;
    let selected = selector::choose(&p_values, mode, params.double(mode)?);
    Ok(Fitted::new(SelectorModel { selected, categorical: true }))
}
