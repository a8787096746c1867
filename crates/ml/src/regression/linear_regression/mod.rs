//! `LinearRegression`: least squares with elastic net, or Huber's loss.
//!
//! | module | question |
//! |---|---|
//! | `fit` | which solver, and what comes of it |
//! | `least_squares` | the objective for many features: L-BFGS and OWL-QN over the data |
//! | `huber` | the objective that outliers do not move |
//! | `model`, `summary` | what a fit gives |

mod fit;
mod huber;
mod least_squares;
mod model;
mod summary;

pub(super) use fit::fit;
pub(super) use model::{ATTRIBUTES, load};

use crate::param::{Default, Param, Valid, shared};

pub(super) const PARAMS: &[Param] = &[
    shared::AGGREGATION_DEPTH,
    shared::ELASTIC_NET_PARAM,
    Param::double("epsilon", 1.35).valid(Valid::Gt(1.0)),
    shared::FEATURES_COL,
    shared::FIT_INTERCEPT,
    shared::LABEL_COL,
    Param::string("loss", "squaredError")
        .valid(Valid::OneOfIgnoringCase(&["squaredError", "huber"])),
    shared::MAX_BLOCK_SIZE_IN_MB,
    shared::MAX_ITER.or(Default::Int(100)),
    shared::PREDICTION_COL,
    shared::REG_PARAM,
    shared::SOLVER.valid(Valid::OneOfIgnoringCase(&["auto", "normal", "l-bfgs"])),
    shared::STANDARDIZATION,
    shared::TOL,
    shared::WEIGHT_COL,
];
