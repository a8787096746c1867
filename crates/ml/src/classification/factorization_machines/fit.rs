//! Training of both kinds.

use super::SUMMARY;
use super::descent::{Descent, Step, run};
use super::machine::Machine;
use super::model::MachineModel;
use crate::classification::classes;
use crate::data::{Dataset, InstanceColumns, Instances, LabelKind};
use crate::model::Fitted;
use crate::param::Params;
use firesteel_common::Result;
use firesteel_common::random::JavaRandom;
use std::sync::Arc;

/// # Errors
/// Spark's, of rows and thresholds; `OPERATION_CANCELED`.
pub(super) fn fit_classifier(params: &Params, data: &Dataset) -> Result<Fitted> {
    classes::check_thresholds(params, 2)?;
    fit(params, classes::read_declared(params, data, 2)?.with_first_row()?, true)
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
    fit(params, rows.with_first_row()?, false)
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
    for pair in start[..n_factors].chunks_mut(2) {
        let drawn = gaussians(&mut random);
        pair.iter_mut().zip(drawn).for_each(|(factor, drawn)| *factor = drawn * deviation);
    }
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
    let (coefficients, history) = run(&rows, start, step, descent, |x, row, label, gradient| {
        machine.add_loss(x, row, label, &mut vec![0.0; 2 * machine.n_factors], gradient)
    })?;
    let (factors, linear, intercept) = machine.parts(&coefficients);
    let fitted = Fitted::new(MachineModel::new(is_classifier, factors, linear, intercept));
    Ok(match is_classifier {
        true => fitted.with_summary(move |params, predictions| {
            Ok(Arc::new(SUMMARY.make(params, predictions, Some(history))))
        }),
        false => fitted,
    })
}

/// Two standard normal numbers by the polar method, as `java.util.Random.nextGaussian` gives them.
fn gaussians(random: &mut JavaRandom) -> [f64; 2] {
    loop {
        let first = 2.0 * random.next_double() - 1.0;
        let second = 2.0 * random.next_double() - 1.0;
        let square = first * first + second * second;
        if square < 1.0 && square != 0.0 {
            let factor = (-2.0 * square.ln() / square).sqrt();
            return [first * factor, second * factor];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Java 17: `new java.util.Random(5).nextGaussian()`, twice.
    #[test]
    fn normal_numbers_are_java_s() {
        assert_eq!(gaussians(&mut JavaRandom::new(5)), [0.23506366996956274, -0.41985748118642735]);
    }
}
