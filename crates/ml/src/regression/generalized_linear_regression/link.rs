//! Link functions: which function of the mean is linear in the features.

use crate::stat::distribution::{normal_below, normal_density, normal_quantile};
use serde::{Deserialize, Serialize};

/// A link function.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum Link {
    Identity,
    Log,
    Inverse,
    Sqrt,
    Logit,
    Probit,
    CLogLog,
    /// The mean to this power, which is none of those above.
    Power(f64),
}

impl Link {
    /// The link called `name`, in whatever case.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name.to_lowercase().as_str() {
            "identity" => Link::Identity,
            "log" => Link::Log,
            "inverse" => Link::Inverse,
            "sqrt" => Link::Sqrt,
            "logit" => Link::Logit,
            "probit" => Link::Probit,
            "cloglog" => Link::CLogLog,
            _ => return None,
        })
    }

    /// `mu^power`; the logarithm for 0.
    pub(super) fn of_power(power: f64) -> Self {
        match power {
            0.0 => Link::Log,
            1.0 => Link::Identity,
            -1.0 => Link::Inverse,
            0.5 => Link::Sqrt,
            power => Link::Power(power),
        }
    }

    /// Value for a mean.
    pub(super) fn link(self, mean: f64) -> f64 {
        match self {
            Link::Identity => mean,
            Link::Log => mean.ln(),
            Link::Inverse => 1.0 / mean,
            Link::Sqrt => mean.sqrt(),
            Link::Logit => (mean / (1.0 - mean)).ln(),
            Link::Probit => normal_quantile(mean),
            Link::CLogLog => (-(1.0 - mean).ln()).ln(),
            Link::Power(power) => mean.powf(power),
        }
    }

    /// Its slope at a mean.
    pub(super) fn derivative(self, mean: f64) -> f64 {
        match self {
            Link::Identity => 1.0,
            Link::Log => 1.0 / mean,
            Link::Inverse => -mean.powi(-2),
            Link::Sqrt => 1.0 / (2.0 * mean.sqrt()),
            Link::Logit => 1.0 / (mean * (1.0 - mean)),
            Link::Probit => 1.0 / normal_density(normal_quantile(mean)),
            Link::CLogLog => 1.0 / ((mean - 1.0) * (1.0 - mean).ln()),
            Link::Power(power) => power * mean.powf(power - 1.0),
        }
    }

    /// The mean for a value.
    pub(super) fn unlink(self, eta: f64) -> f64 {
        match self {
            Link::Identity => eta,
            Link::Log => eta.exp(),
            Link::Inverse => 1.0 / eta,
            Link::Sqrt => eta * eta,
            Link::Logit => 1.0 / (1.0 + (-eta).exp()),
            Link::Probit => normal_below(eta, 0.0, 1.0),
            Link::CLogLog => 1.0 - (-eta.exp()).exp(),
            Link::Power(power) => eta.powf(1.0 / power),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlink_undoes_link_and_derivative_is_its_slope() {
        let links = [
            Link::Identity,
            Link::Log,
            Link::Inverse,
            Link::Sqrt,
            Link::Logit,
            Link::Probit,
            Link::CLogLog,
            Link::Power(1.7),
        ];
        for link in links {
            for mean in [0.05, 0.3, 0.8] {
                assert!((link.unlink(link.link(mean)) - mean).abs() < 1e-12, "{link:?}");
                let slope = (link.link(mean + 1e-6) - link.link(mean - 1e-6)) / 2e-6;
                let gap = (link.derivative(mean) - slope).abs();
                assert!(gap < 1e-6 * slope.abs().max(1.0), "{link:?}");
            }
        }
    }
}
