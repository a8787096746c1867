//! Training of both kinds.

use super::descent::{Descent, Step, run};
use super::machine::Machine;
use super::model::MachineModel;
use crate::classification::classes;
use crate::data::{Dataset, InstanceColumns, Instances, LabelKind};
use crate::model::Fitted;
use crate::param::Params;
use firesteel_common::Result;
use firesteel_common::random::JavaRandom;

/// # Errors
/// Spark's, of rows and thresholds; `OPERATION_CANCELED`.
pub(super) fn fit_classifier(params: &Params, data: &Dataset) -> Result<Fitted> {
    fit(params, classes::read_declared(params, data, 2)?, true)
}

/// # Errors
/// As [`fit_classifier`].
pub(super) fn fit_regressor(params: &Params, data: &Dataset) -> Result<Fitted> {
    let rows = data.instances(&InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((params.string("labelCol")?, LabelKind::Regression)),
        // Spark takes the parameter and looks at no weights.
        weight: None,
        extra: Vec::new(),
        finite: true,
    })?;
    fit(params, rows.not_empty()?, false)
}

fn fit(params: &Params, rows: Instances, is_classifier: bool) -> Result<Fitted> {
    let machine = Machine {
        n_features: rows.n_features,
        n_factors: params.count("factorSize")?,
        fit_linear: params.bool("fitLinear")?,
        fit_intercept: params.bool("fitIntercept")?,
        is_classifier,
    };
    let n = machine.n_coefficients();
    let mut random = JavaRandom::new(params.long("seed")?);
    let deviation = params.double("initStd")?;
    let mut start = vec![0.0; n];
    let n_factors = machine.n_features * machine.n_factors;
    start[..n_factors].iter_mut().for_each(|factor| *factor = random.next_gaussian() * deviation);
    let step = match params.string("solver")?.to_lowercase().as_str() {
        "gd" => Step::Plain,
        _ => Step::adam_w(n),
    };
    let descent = Descent {
        step_size: params.double("stepSize")?,
        iterations_max: params.count("maxIter")?,
        penalty: params.double("regParam")?,
        share: params.double("miniBatchFraction")?,
        tolerance: params.double("tol")?,
    };
    let (coefficients, _) = run(&rows, start, step, descent, |x, row, label, gradient| {
        machine.add_loss(x, row, label, &mut vec![0.0; machine.n_factors], gradient)
    })?;
    let (factors, linear, intercept) = machine.parts(&coefficients);
    Ok(Fitted::new(MachineModel::new(is_classifier, factors, linear, intercept)))
}
