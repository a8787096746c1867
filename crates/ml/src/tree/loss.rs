//! Losses of boosted trees (`org.apache.spark.mllib.tree.loss`).

use firesteel_common::{Result, SparkError};

/// What boosting makes smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    /// Labels are -1 and 1.
    Logistic,
    Squared,
    Absolute,
}

impl Loss {
    pub(super) fn named(name: &str) -> Result<Self> {
        match name.to_lowercase().as_str() {
            "logistic" => Ok(Loss::Logistic),
            "squared" => Ok(Loss::Squared),
            "absolute" => Ok(Loss::Absolute),
            _ => Err(SparkError::internal(format!("the loss {name} passed its check"))),
        }
    }

    /// Derivative of the loss by the prediction.
    pub(super) fn gradient(self, prediction: f64, label: f64) -> f64 {
        match self {
            Loss::Logistic => -4.0 * label / (1.0 + (2.0 * label * prediction).exp()),
            Loss::Squared => -2.0 * (label - prediction),
            Loss::Absolute if label - prediction < 0.0 => 1.0,
            Loss::Absolute => -1.0,
        }
    }

    pub(super) fn error(self, prediction: f64, label: f64) -> f64 {
        let error = label - prediction;
        match self {
            Loss::Logistic => {
                let x = -2.0 * label * prediction;
                // Large arguments would overflow.
                2.0 * if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
            }
            Loss::Squared => error * error,
            Loss::Absolute => error.abs(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Loss;

    #[test]
    fn worked_by_hand() {
        assert_eq!(Loss::Logistic.gradient(0.0, 1.0), -2.0);
        assert_eq!(Loss::Logistic.error(0.0, 1.0), 2.0 * 2.0_f64.ln());
        assert_eq!(Loss::Squared.gradient(1.0, 3.0), -4.0);
        assert_eq!(Loss::Absolute.gradient(4.0, 3.0), 1.0);
    }
}
