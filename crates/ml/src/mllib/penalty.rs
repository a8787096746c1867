//! What large weights cost, and what a step of gradient descent makes of it (`Updater`).

use crate::param::{Param, Params, Valid};
use firesteel_common::Result;

/// `l1`, `l2`, or `none`.
pub(super) const KIND: Param =
    Param::string("penalty", "none").valid(Valid::OneOf(&["l1", "l2", "none"]));

#[derive(Debug, Clone, Copy)]
enum Kind {
    Absolute,
    Squared,
    None,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Penalty {
    kind: Kind,
    factor: f64,
}

impl Penalty {
    /// From `penalty` and `regParam`.
    ///
    /// # Errors
    /// An internal error: the class has no such parameters.
    pub(super) fn new(params: &Params) -> Result<Self> {
        let kind = match params.string("penalty")? {
            "l1" => Kind::Absolute,
            "l2" => Kind::Squared,
            _ => Kind::None,
        };
        Ok(Self { kind, factor: params.double("regParam")? })
    }

    /// Moves a weight by a step of this size.
    pub(super) fn step(&self, weight: f64, gradient: f64, size: f64) -> f64 {
        match self.kind {
            Kind::Absolute => {
                let moved = weight - size * gradient;
                (moved.abs() - self.factor * size).max(0.0).copysign(moved)
            }
            Kind::Squared => weight * (1.0 - size * self.factor) - size * gradient,
            Kind::None => weight - size * gradient,
        }
    }

    pub(super) fn value(&self, weights: &[f64]) -> f64 {
        match self.kind {
            Kind::Absolute => self.factor * weights.iter().map(|weight| weight.abs()).sum::<f64>(),
            Kind::Squared => {
                0.5 * self.factor * weights.iter().map(|weight| weight * weight).sum::<f64>()
            }
            Kind::None => 0.0,
        }
    }

    /// Its gradient at a weight, as far as a step of size one goes: L-BFGS of the older API takes the same updaters.
    pub(super) fn gradient(&self, weight: f64) -> f64 {
        weight - self.step(weight, 0.0, 1.0)
    }
}
