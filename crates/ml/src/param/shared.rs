//! Parameters that several classes have, with Spark's usual defaults (`sharedParams.scala`); a class that has
//! another default says `shared::MAX_ITER.or(Default::Int(20))`.

use super::{Default, Param, ParamKind, Valid};

pub const FEATURES_COL: Param = Param::string("featuresCol", "features");
pub const LABEL_COL: Param = Param::string("labelCol", "label");
pub const PREDICTION_COL: Param = Param::string("predictionCol", "prediction");
pub const RAW_PREDICTION_COL: Param = Param::string("rawPredictionCol", "rawPrediction");
pub const PROBABILITY_COL: Param = Param::string("probabilityCol", "probability");
pub const VARIANCE_COL: Param = Param::new("varianceCol", ParamKind::String, Default::None);
pub const WEIGHT_COL: Param = Param::new("weightCol", ParamKind::String, Default::None);
pub const INPUT_COL: Param = Param::new("inputCol", ParamKind::String, Default::None);
pub const INPUT_COLS: Param = Param::new("inputCols", ParamKind::Strings, Default::None);
pub const OUTPUT_COL: Param =
    Param::new("outputCol", ParamKind::String, Default::UidAnd("__output"));
pub const OUTPUT_COLS: Param = Param::new("outputCols", ParamKind::Strings, Default::None);
pub const MAX_ITER: Param = Param::int("maxIter", 100).valid(Valid::GtEq(0.0));
pub const REG_PARAM: Param = Param::double("regParam", 0.0).valid(Valid::GtEq(0.0));
pub const ELASTIC_NET_PARAM: Param =
    Param::double("elasticNetParam", 0.0).valid(Valid::In(0.0, 1.0));
pub const TOL: Param = Param::double("tol", 1e-6).valid(Valid::GtEq(0.0));
pub const STEP_SIZE: Param = Param::double("stepSize", 0.1).valid(Valid::Gt(0.0));
pub const FIT_INTERCEPT: Param = Param::bool("fitIntercept", true);
pub const STANDARDIZATION: Param = Param::bool("standardization", true);
pub const THRESHOLD: Param = Param::double("threshold", 0.5).valid(Valid::In(0.0, 1.0));
pub const THRESHOLDS: Param =
    Param::new("thresholds", ParamKind::Doubles, Default::None).valid(Valid::Check(|value| {
        match value {
            crate::Value::Doubles(items) => {
                items.iter().all(|item| *item >= 0.0)
                    && items.iter().filter(|item| **item == 0.0).count() <= 1
            }
            _ => false,
        }
    }));
pub const SEED: Param = Param::new("seed", ParamKind::Long, Default::ClassHash);
pub const AGGREGATION_DEPTH: Param = Param::int("aggregationDepth", 2).valid(Valid::GtEq(2.0));
pub const MAX_BLOCK_SIZE_IN_MB: Param =
    Param::double("maxBlockSizeInMB", 0.0).valid(Valid::GtEq(0.0));
pub const CHECKPOINT_INTERVAL: Param =
    Param::int("checkpointInterval", 10).valid(Valid::Check(|value| {
        value.as_i64().is_some_and(|interval| interval == -1 || interval >= 1)
    }));
pub const HANDLE_INVALID: Param =
    Param::string("handleInvalid", "error").valid(Valid::OneOf(&["skip", "error", "keep"]));
pub const RELATIVE_ERROR: Param = Param::double("relativeError", 0.001).valid(Valid::In(0.0, 1.0));
pub const DISTANCE_MEASURE: Param =
    Param::string("distanceMeasure", "euclidean").valid(Valid::OneOf(&["euclidean", "cosine"]));
pub const NUM_FEATURES: Param = Param::int("numFeatures", 1 << 18).valid(Valid::Gt(0.0));
pub const LEAF_COL: Param = Param::string("leafCol", "");
pub const SOLVER: Param = Param::string("solver", "auto");
pub const COLLECT_SUB_MODELS: Param = Param::bool("collectSubModels", false);
pub const PARALLELISM: Param = Param::int("parallelism", 1).valid(Valid::GtEq(1.0));
