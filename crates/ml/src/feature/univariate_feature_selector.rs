//! `UnivariateFeatureSelector`: keeps the features on which the label depends most, each on its own.

use super::scores::{Score, p_values};
use super::selector::{self, MODES, SelectorModel};
use crate::data::Dataset;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::{Class, Fitted, Role, error};
use firesteel_common::Result;

const KINDS: &[&str] = &["categorical", "continuous"];

const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::OUTPUT_COL,
    shared::LABEL_COL,
    Param::new("featureType", ParamKind::String, Default::None).valid(Valid::OneOf(KINDS)),
    Param::new("labelType", ParamKind::String, Default::None).valid(Valid::OneOf(KINDS)),
    Param::string("selectionMode", "numTopFeatures").valid(Valid::OneOf(MODES)),
    // Unset: 50 features, a tenth of them, or an error of 0.05.
    Param::new("selectionThreshold", ParamKind::Double, Default::None),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.UnivariateFeatureSelector",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.UnivariateFeatureSelectorModel",
    params: PARAMS,
    role: Role::Model {
        attributes: &["selectedFeatures"],
        load: |_, from| selector::load(from, false),
    },
};

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    if params.get("featureType").is_none() || params.get("labelType").is_none() {
        return Err(error::requirement("featureType and labelType need to be set"));
    }
    selector::check(params, &data.frame, true)?;
    let (of_features, of_label) = (params.string("featureType")?, params.string("labelType")?);
    let score = match (of_features, of_label) {
        ("categorical", "categorical") => Score::ChiSquared,
        ("continuous", "categorical") => Score::Anova,
        ("continuous", "continuous") => Score::Regression,
        _ => {
            return Err(error::illegal(format!(
                "Unsupported combination: featureType={of_features}, labelType={of_label}"
            )));
        }
    };
    let mode = params.string("selectionMode")?;
    let threshold = match (params.is_set("selectionThreshold"), mode) {
        (true, _) => params.double("selectionThreshold")?,
        (false, "numTopFeatures") => 50.0,
        (false, "percentile") => 0.1,
        (false, _) => 0.05,
    };
    check_threshold(params, mode, threshold)?;
    let (features, label) = (params.string("featuresCol")?, params.string("labelCol")?);
    let p_values = p_values(data, features, label, score)?;
    let selected = selector::choose(&p_values, mode, threshold);
    Ok(Fitted::new(SelectorModel { selected, categorical: false }))
}

fn check_threshold(params: &Params, mode: &str, threshold: f64) -> Result<()> {
    let text = crate::linalg::double_text(threshold);
    let fits = match mode {
        "numTopFeatures" => threshold > 0.0 && threshold.fract() == 0.0,
        _ => (0.0..=1.0).contains(&threshold),
    };
    if fits {
        return Ok(());
    }
    Err(error::illegal(format!(
        "{} parameter selectionThreshold given invalid value {text} for the mode {mode}.",
        params.uid()
    )))
}
