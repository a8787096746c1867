//! Latent Dirichlet allocation (`org.apache.spark.ml.clustering.LDA`), online or by expectation maximisation.

mod documents;
mod em;
mod gamma;
mod inference;
mod model;
mod online;
mod special;
mod topics;

pub(super) use model::{DISTRIBUTED, INFER, LOCAL, load_distributed, load_local};

use super::features::features_name;
use crate::data::{Dataset, InstanceColumns};
use crate::error;
use crate::linalg::double_text;
use crate::model::Fitted;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::value::Value;
use documents::Documents;
use firesteel_common::Result;
use model::LdaModel;
use online::Settings;

/// Shape of the random numbers that inference begins with; their mean is 1.
const GAMMA_SHAPE: f64 = 100.0;

pub(super) const PARAMS: &[Param] = &[
    shared::FEATURES_COL,
    shared::MAX_ITER.or(Default::Int(20)),
    shared::SEED,
    shared::CHECKPOINT_INTERVAL,
    Param::int("k", 10).valid(Valid::Gt(1.0)),
    Param::new("docConcentration", ParamKind::Doubles, Default::None).valid(Valid::Check(
        |value| matches!(value, Value::Doubles(items) if items.iter().all(|item| *item >= 0.0)),
    )),
    Param::new("topicConcentration", ParamKind::Double, Default::None).valid(Valid::GtEq(0.0)),
    Param::string("optimizer", "online").valid(Valid::OneOfIgnoringCase(&["online", "em"])),
    Param::string("topicDistributionCol", "topicDistribution"),
    Param::double("learningOffset", 1024.0).valid(Valid::Gt(0.0)),
    Param::double("learningDecay", 0.51).valid(Valid::Gt(0.0)),
    Param::double("subsamplingRate", 0.05).valid(Valid::Between(0.0, 1.0, false, true)),
    Param::bool("optimizeDocConcentration", true),
    Param::bool("keepLastCheckpoint", true),
];

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let k = params.count("k")?;
    let alpha = match params.get("docConcentration") {
        Some(Value::Doubles(alpha)) => Some(alpha.as_slice()),
        _ => None,
    };
    if let Some(alpha) = alpha.filter(|alpha| alpha.len() != 1 && alpha.len() != k) {
        let n = alpha.len();
        return Err(error::requirement(format!(
            "LDA docConcentration was of length {n}, but k = {k}.  docConcentration must be an array of length \
             either 1 (scalar) or k (num topics)."
        )));
    }
    let eta = params.get("topicConcentration").and_then(Value::as_f64);
    let columns = InstanceColumns::features(features_name(params, data)?);
    let instances = data.instances(&columns)?.not_empty()?;
    let documents = Documents::of(&instances);
    drop(instances);
    let (n_iterations, seed) = (params.count("maxIter")?, params.long("seed")?);
    let job = data.job.as_ref();
    if params.string("optimizer")?.eq_ignore_ascii_case("em") {
        let priors = em_priors(alpha, eta, k)?;
        let counts = em::train(documents, k, priors, n_iterations, seed, job)?;
        return Ok(Fitted {
            class: Some(DISTRIBUTED),
            ..Fitted::new(LdaModel::distributed(counts))
        });
    }
    let alpha = match alpha {
        None => vec![1.0 / k as f64; k],
        Some([alpha]) => vec![*alpha; k],
        Some(alpha) => alpha.to_vec(),
    };
    let settings = Settings {
        k,
        alpha,
        eta: eta.unwrap_or(1.0 / k as f64),
        n_iterations,
        seed,
        learning_offset: params.double("learningOffset")?,
        learning_decay: params.double("learningDecay")?,
        fraction: params.double("subsamplingRate")?,
        optimizes_alpha: params.bool("optimizeDocConcentration")?,
    };
    Ok(Fitted::new(LdaModel::local(online::train(&documents, &settings, job)?)))
}

/// Both priors are above one.
fn em_priors(alpha: Option<&[f64]>, eta: Option<f64>, k: usize) -> Result<(f64, f64)> {
    let above_one = |name: &str, value: f64| -> Result<f64> {
        if value > 1.0 {
            return Ok(value);
        }
        let text = double_text(value);
        Err(error::requirement(format!(
            "LDA {name} must be > 1.0 (or -1 for auto) for EM Optimizer, but was set to {text}"
        )))
    };
    let alpha = match alpha {
        None => 50.0 / k as f64 + 1.0,
        Some(alpha) => {
            let first = alpha.first().copied().unwrap_or_default();
            if alpha.iter().any(|other| *other != first) {
                return Err(error::requirement(
                    "docConcentration can only be converted to scalar if its values are all equal.",
                ));
            }
            above_one("docConcentration", first)?
        }
    };
    let eta = eta.map_or(Ok(1.1), |eta| above_one("topicConcentration", eta))?;
    Ok((alpha, eta))
}
