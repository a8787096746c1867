//! Distributions of the label: how its variance depends on its mean, and how far a label is from a mean.

use super::link::Link;
use crate::error;
use crate::linalg::double_text;
use crate::param::Params;
use crate::stat::distribution::ln_gamma;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use serde::{Deserialize, Serialize};

/// Means are kept away from the ends of their range by this much.
const EPSILON: f64 = 1e-16;

/// What a label of zero counts as where its logarithm is needed.
const DELTA: f64 = 0.1;

/// A distribution of the exponential family.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Family {
    Gaussian,
    Binomial,
    Poisson,
    Gamma,
    /// Variance is the mean to this power, which is none of those above.
    Tweedie(f64),
}

/// What a fit assumes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Assumption {
    pub family: Family,
    pub link: Link,
}

/// Label, mean and weight of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Predicted {
    pub label: f64,
    pub mean: f64,
    pub weight: f64,
}

/// `y ln(y / mu)`, 0 where y is.
fn y_log_y(y: f64, mu: f64) -> f64 {
    if y == 0.0 { 0.0 } else { y * (y / mu).ln() }
}

/// `(y^p - mu^p) / p`; its limit for p = 0.
fn difference_of_powers(y: f64, mu: f64, p: f64) -> f64 {
    if p == 0.0 { (y / mu).ln() } else { (y.powf(p) - mu.powf(p)) / p }
}

impl Family {
    fn of(params: &Params) -> Result<Self> {
        Ok(match params.string("family")?.to_lowercase().as_str() {
            "gaussian" => Family::Gaussian,
            "binomial" => Family::Binomial,
            "poisson" => Family::Poisson,
            "gamma" => Family::Gamma,
            _ => match params.double("variancePower")? {
                0.0 => Family::Gaussian,
                1.0 => Family::Poisson,
                2.0 => Family::Gamma,
                power => Family::Tweedie(power),
            },
        })
    }

    pub(super) fn default_link(self) -> Link {
        match self {
            Family::Gaussian => Link::Identity,
            Family::Binomial => Link::Logit,
            Family::Poisson => Link::Log,
            Family::Gamma => Link::Inverse,
            Family::Tweedie(power) => Link::of_power(1.0 - power),
        }
    }

    /// A mean to begin with.
    ///
    /// # Errors
    /// Spark's: the distribution has no such label.
    pub(super) fn initial_mean(self, y: f64, weight: f64) -> Result<f64> {
        let check = |is_valid: bool, family: &str, wanted: &str| match is_valid {
            true => Ok(()),
            false => Err(error::requirement(format!(
                "The response variable of {family} family should be {wanted}, but got {}",
                double_text(y)
            ))),
        };
        match self {
            Family::Gaussian => Ok(y),
            Family::Binomial => {
                let mean = (weight * y + 0.5) / (weight + 1.0);
                match mean > 0.0 && mean < 1.0 {
                    true => Ok(mean),
                    false => Err(error::requirement(format!(
                        "The response variable of Binomial familyshould be in range (0, 1), but got {}",
                        double_text(mean)
                    ))),
                }
            }
            Family::Poisson => {
                check(y >= 0.0, "Poisson", "non-negative")?;
                Ok(y.max(DELTA))
            }
            Family::Gamma => {
                check(y > 0.0, "Gamma", "positive")?;
                Ok(y)
            }
            Family::Tweedie(power) => {
                let name = format!("tweedie({})", double_text(power));
                if (1.0..2.0).contains(&power) {
                    check(y >= 0.0, &name, "non-negative")?;
                } else if power >= 2.0 {
                    check(y > 0.0, &name, "positive")?;
                }
                Ok(if y == 0.0 { DELTA } else { y })
            }
        }
    }

    pub(super) fn variance(self, mean: f64) -> f64 {
        match self {
            Family::Gaussian => 1.0,
            Family::Binomial => mean * (1.0 - mean),
            Family::Poisson => mean,
            Family::Gamma => mean * mean,
            Family::Tweedie(power) => mean.powf(power),
        }
    }

    /// Twice the difference of log-likelihoods of a perfect fit and of this mean.
    pub(super) fn deviance(self, row: Predicted) -> f64 {
        let Predicted { label: y, mean, weight } = row;
        match self {
            Family::Gaussian => weight * (y - mean) * (y - mean),
            Family::Binomial => 2.0 * weight * (y_log_y(y, mean) + y_log_y(1.0 - y, 1.0 - mean)),
            Family::Poisson => 2.0 * weight * (y_log_y(y, mean) - (y - mean)),
            Family::Gamma => -2.0 * weight * ((y / mean).ln() - (y - mean) / mean),
            Family::Tweedie(power) => {
                // 0 has no negative power.
                let positive = if (1.0..2.0).contains(&power) { y.max(DELTA) } else { y };
                2.0 * weight
                    * (y * difference_of_powers(positive, mean, 1.0 - power)
                        - difference_of_powers(y, mean, 2.0 - power))
            }
        }
    }

    /// Akaike's criterion but for the number of coefficients.
    ///
    /// # Errors
    /// Spark's: the density of the Tweedie family has no closed form.
    pub(super) fn aic(self, rows: &[Predicted], deviance: f64) -> Result<f64> {
        let n = rows.len() as f64;
        Ok(match self {
            Family::Gaussian => {
                let weights: f64 = rows.iter().map(|row| row.weight.ln()).sum();
                n * ((deviance / n * 2.0 * std::f64::consts::PI).ln() + 1.0) + 2.0 - weights
            }
            Family::Binomial => {
                let log_likelihood = |row: &Predicted| {
                    // Weights are numbers of trials.
                    let trials = (row.weight + 0.5).floor();
                    if trials == 0.0 {
                        return 0.0;
                    }
                    let successes = (row.label * row.weight + 0.5).floor();
                    let others = trials - successes;
                    ln_gamma(trials + 1.0) - ln_gamma(successes + 1.0) - ln_gamma(others + 1.0)
                        + successes * row.mean.ln()
                        + others * (1.0 - row.mean).ln()
                };
                -2.0 * rows.iter().map(log_likelihood).sum::<f64>()
            }
            Family::Poisson => {
                let log_likelihood = |row: &Predicted| {
                    let count = row.label.trunc();
                    row.weight * (count * row.mean.ln() - row.mean - ln_gamma(count + 1.0))
                };
                -2.0 * rows.iter().map(log_likelihood).sum::<f64>()
            }
            Family::Gamma => {
                let weights: f64 = rows.iter().map(|row| row.weight).sum();
                let dispersion = deviance / weights;
                let shape = 1.0 / dispersion;
                let log_likelihood = |row: &Predicted| {
                    let scale = row.mean * dispersion;
                    row.weight
                        * ((shape - 1.0) * row.label.ln()
                            - row.label / scale
                            - shape * scale.ln()
                            - ln_gamma(shape))
                };
                -2.0 * rows.iter().map(log_likelihood).sum::<f64>() + 2.0
            }
            Family::Tweedie(_) => {
                return Err(SparkError::new(
                    ErrorKind::Unsupported,
                    "",
                    "No AIC available for the tweedie family",
                ));
            }
        })
    }

    /// The mean, moved into the family's range.
    fn project(self, mean: f64) -> f64 {
        match self {
            Family::Gaussian if mean.is_infinite() => f64::MAX.copysign(mean),
            Family::Gaussian => mean,
            Family::Binomial if mean < EPSILON => EPSILON,
            Family::Binomial if mean > 1.0 - EPSILON => 1.0 - EPSILON,
            Family::Binomial => mean,
            _ if mean < EPSILON => EPSILON,
            _ if mean.is_infinite() => f64::MAX,
            _ => mean,
        }
    }
}

impl Assumption {
    /// # Errors
    /// Spark's: the family has no such link.
    pub(super) fn of(params: &Params) -> Result<Self> {
        let family = Family::of(params)?;
        let name = params.string("family")?;
        if name.eq_ignore_ascii_case("tweedie") {
            let power = params.get("linkPower").and_then(crate::Value::as_f64);
            let link = power.map_or_else(
                || Link::of_power(1.0 - params.double("variancePower").unwrap_or(0.0)),
                Link::of_power,
            );
            return Ok(Self { family, link });
        }
        let Some(link) = params.column("link") else {
            return Ok(Self { family, link: family.default_link() });
        };
        let found = Link::named(link).filter(|link| {
            matches!(
                (family, link),
                (Family::Gaussian, Link::Identity | Link::Log | Link::Inverse)
                    | (Family::Binomial, Link::Logit | Link::Probit | Link::CLogLog)
                    | (Family::Poisson, Link::Log | Link::Identity | Link::Sqrt)
                    | (Family::Gamma, Link::Inverse | Link::Identity | Link::Log)
            )
        });
        let link = found.ok_or_else(|| {
            error::requirement(format!(
                "Generalized Linear Regression with {name} family does not support {link} link function."
            ))
        })?;
        Ok(Self { family, link })
    }

    /// The mean for a value of the linear function.
    pub(super) fn fitted(&self, eta: f64) -> f64 {
        self.family.project(self.link.unlink(eta))
    }

    /// Label and weight of the least squares problem that makes `eta` better.
    pub(super) fn reweighted(&self, label: f64, weight: f64, offset: f64, eta: f64) -> (f64, f64) {
        let mean = self.fitted(eta);
        let slope = self.link.derivative(mean);
        let label = eta - offset + (label - mean) * slope;
        (label, weight / (slope * slope * self.family.variance(mean)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deviance_of_a_perfect_fit_is_zero() {
        let families = [
            Family::Gaussian,
            Family::Binomial,
            Family::Poisson,
            Family::Gamma,
            Family::Tweedie(1.5),
            Family::Tweedie(2.5),
        ];
        for family in families {
            let row = Predicted { label: 0.5, mean: 0.5, weight: 3.0 };
            assert!(family.deviance(row).abs() < 1e-12, "{family:?}");
            assert!(family.deviance(Predicted { mean: 0.25, ..row }) > 0.0, "{family:?}");
        }
    }
}
