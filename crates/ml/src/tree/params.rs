//! Parameters that trees and their ensembles share (`treeParams.scala`).

use super::impurity::Impurity;
use super::layout::Growth;
use crate::param::{Param, Params, Valid};
use crate::value::Value;
use firesteel_common::{Result, SparkError};

pub(super) const BOOTSTRAP: Param = Param::bool("bootstrap", true);
pub(super) const CACHE_NODE_IDS: Param = Param::bool("cacheNodeIds", false);
pub(super) const FEATURE_SUBSET_STRATEGY: Param =
    Param::string("featureSubsetStrategy", "auto").valid(Valid::Check(is_subset_strategy));
pub(super) const MAX_BINS: Param = Param::int("maxBins", 32).valid(Valid::GtEq(2.0));
pub(super) const MAX_DEPTH: Param = Param::int("maxDepth", 5).valid(Valid::In(0.0, 30.0));
pub(super) const MAX_MEMORY_IN_MB: Param = Param::int("maxMemoryInMB", 256).valid(Valid::GtEq(0.0));
pub(super) const MIN_INFO_GAIN: Param = Param::double("minInfoGain", 0.0).valid(Valid::GtEq(0.0));
pub(super) const MIN_INSTANCES_PER_NODE: Param =
    Param::int("minInstancesPerNode", 1).valid(Valid::GtEq(1.0));
pub(super) const MIN_WEIGHT_FRACTION_PER_NODE: Param =
    Param::double("minWeightFractionPerNode", 0.0).valid(Valid::Between(0.0, 0.5, true, false));
pub(super) const NUM_TREES: Param = Param::int("numTrees", 20).valid(Valid::GtEq(1.0));
pub(super) const SUBSAMPLING_RATE: Param =
    Param::double("subsamplingRate", 1.0).valid(Valid::Between(0.0, 1.0, false, true));
pub(super) const CLASSIFIER_IMPURITY: Param =
    Param::string("impurity", "gini").valid(Valid::OneOfIgnoringCase(&["entropy", "gini"]));
pub(super) const REGRESSOR_IMPURITY: Param =
    Param::string("impurity", "variance").valid(Valid::OneOfIgnoringCase(&["variance"]));
pub(super) const STEP_SIZE: Param =
    Param::double("stepSize", 0.1).valid(Valid::Between(0.0, 1.0, false, true));
pub(super) const VALIDATION_TOL: Param =
    Param::double("validationTol", 0.01).valid(Valid::GtEq(0.0));
pub(super) const VALIDATION_INDICATOR_COL: Param = Param::new(
    "validationIndicatorCol",
    crate::param::ParamKind::String,
    crate::param::Default::None,
);

fn is_subset_strategy(value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    ["auto", "all", "onethird", "sqrt", "log2"].contains(&text.to_lowercase().as_str())
        || text.parse::<i32>().is_ok_and(|count| count > 0)
        || text.parse::<f64>().is_ok_and(|share| share > 0.0 && share <= 1.0)
}

/// What the parameters say of growth; without those of ensembles, one tree over all features.
pub(super) fn growth(params: &Params, impurity: Impurity, n_trees: usize) -> Result<Growth> {
    let features_per_node = match params.get("featureSubsetStrategy") {
        Some(_) => params.string("featureSubsetStrategy")?.to_lowercase(),
        None => "all".to_owned(),
    };
    Ok(Growth {
        impurity,
        max_depth: params.count("maxDepth")?,
        max_bins: params.count("maxBins")?,
        min_instances_per_node: f64::from(params.int("minInstancesPerNode")?),
        min_weight_fraction_per_node: params.double("minWeightFractionPerNode")?,
        min_info_gain: params.double("minInfoGain")?,
        memory_max: (params.count("maxMemoryInMB")? as u64) << 20,
        features_per_node,
        n_trees,
    })
}

/// The parameter `impurity`.
pub(super) fn impurity(params: &Params) -> Result<Impurity> {
    Impurity::named(params.string("impurity")?)
        .ok_or_else(|| SparkError::internal("an impurity without a measure passed its check"))
}
