//! Means and deviations of features and label, and penalties on coefficients of scaled features: what linear models
//! that are fitted by passes over the data share.

use crate::data::{Aggregate, Instances};
use crate::param::Params;
use crate::stat::moments::Moments;
use firesteel_common::Result;

/// Weighted statistics of the training data; deviations are unbiased.
#[derive(Debug, Clone)]
pub(crate) struct Scaling {
    pub weight: f64,
    pub mean: Vec<f64>,
    pub std: Vec<f64>,
    /// `1 / std`; zero for a constant feature.
    pub inverse_std: Vec<f64>,
    pub label_mean: f64,
    pub label_std: f64,
}

impl Scaling {
    /// # Errors
    /// `OPERATION_CANCELED`.
    pub(crate) fn of(instances: &Instances) -> Result<Self> {
        let (features, label) = instances.aggregate(
            || (Moments::new(instances.n_features), Moments::new(1)),
            |(features, label), block| {
                features.add_block(block);
                for (row, own) in block.labels.iter().enumerate() {
                    label.add(crate::linalg::VectorView::Dense(&[*own]), block.weight(row));
                }
                Ok(())
            },
            |(features, label), (other_features, other_label)| {
                features.merge(&other_features);
                label.merge(&other_label);
            },
        )?;
        let std = features.std();
        Ok(Self {
            weight: features.weight_sum,
            mean: features.mean(),
            inverse_std: std.iter().map(|std| if *std == 0.0 { 0.0 } else { 1.0 / std }).collect(),
            std,
            label_mean: label.mean().first().copied().unwrap_or_default(),
            label_std: label.std().first().copied().unwrap_or_default(),
        })
    }
}

/// Elastic net on the coefficients of scaled features; an intercept behind them has none.
#[derive(Debug, Clone)]
pub(crate) struct Penalty {
    l2: Vec<f64>,
    l1: Option<Vec<f64>>,
}

impl Penalty {
    /// From `regParam` (times `factor`), `elasticNetParam` and `standardization`.
    ///
    /// # Errors
    /// An internal error: the class has no such parameters.
    pub(crate) fn new(params: &Params, factor: f64, scaling: &Scaling) -> Result<Self> {
        let reg_param = params.double("regParam")? * factor;
        let alpha = params.get("elasticNetParam").and_then(crate::Value::as_f64).unwrap_or(0.0);
        let (l1, l2) = (alpha * reg_param, (1.0 - alpha) * reg_param);
        let standardization = params.bool("standardization")?;
        let each = |penalty: f64, power: i32| -> Vec<f64> {
            let inverse = scaling.inverse_std.iter();
            match standardization {
                true => inverse.map(|_| penalty).collect(),
                // Penalties on coefficients of features as they are.
                false => inverse.map(|inverse| penalty * inverse.powi(power)).collect(),
            }
        };
        Ok(Self { l2: each(l2, 2), l1: (l1 != 0.0).then(|| each(l1, 1)) })
    }

    /// Adds the gradient of the squared part and gives its value.
    pub(crate) fn add_l2(&self, x: &[f64], gradient: &mut [f64]) -> f64 {
        let mut sum = 0.0;
        for ((x, g), l2) in x.iter().zip(gradient).zip(&self.l2) {
            *g += l2 * x;
            sum += l2 * x * x;
        }
        0.5 * sum
    }

    /// Weights of the absolute part; none if there is none.
    pub(crate) fn l1(&self) -> Option<&[f64]> {
        self.l1.as_deref()
    }
}
