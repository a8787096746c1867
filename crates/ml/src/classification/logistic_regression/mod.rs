//! `LogisticRegression`: binomial and multinomial, elastic net or bounds.
//!
//! | module | question |
//! |---|---|
//! | `fit` | what is minimised, by which method, and how the minimum becomes coefficients |
//! | `binomial`, `multinomial` | the losses over a block |
//! | `model`, `summary` | what a fit gives |

mod binomial;
mod fit;
mod model;
mod multinomial;

pub(super) use fit::fit;
pub(super) use model::{ATTRIBUTES, RAW, load};

use crate::param::{Default, Param, ParamKind, Valid, shared};

const fn bound(name: &'static str, kind: ParamKind) -> Param {
    Param::new(name, kind, Default::None)
}

pub(super) const PARAMS: &[Param] = &[
    shared::AGGREGATION_DEPTH,
    shared::ELASTIC_NET_PARAM,
    Param::string("family", "auto").valid(Valid::OneOfIgnoringCase(&[
        "auto",
        "binomial",
        "multinomial",
    ])),
    shared::FEATURES_COL,
    shared::FIT_INTERCEPT,
    shared::LABEL_COL,
    bound("lowerBoundsOnCoefficients", ParamKind::Matrix),
    bound("lowerBoundsOnIntercepts", ParamKind::Vector),
    shared::MAX_BLOCK_SIZE_IN_MB,
    shared::MAX_ITER,
    shared::PREDICTION_COL,
    shared::PROBABILITY_COL,
    shared::RAW_PREDICTION_COL,
    shared::REG_PARAM,
    shared::STANDARDIZATION,
    shared::THRESHOLD,
    shared::THRESHOLDS,
    shared::TOL,
    bound("upperBoundsOnCoefficients", ParamKind::Matrix),
    bound("upperBoundsOnIntercepts", ParamKind::Vector),
    shared::WEIGHT_COL,
];
