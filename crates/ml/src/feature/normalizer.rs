//! `Normalizer`: vectors of p-norm one.

use super::in_out;
use super::map_vectors::{arg, map};
use crate::linalg::VectorView;
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::wire::doubles;
use crate::{Class, FunctionKind, Role};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, TableHost};
use serde::{Deserialize, Serialize};

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    // Infinity is the largest absolute value.
    Param::new("p", ParamKind::Double, Default::Double(2.0)).valid(Valid::GtEq(1.0)),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.Normalizer",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Norm {
    /// One number; in this form infinity travels.
    #[serde(with = "doubles")]
    p: Vec<f64>,
}

pub(super) static NORMALIZE: FunctionKind<Norm> =
    FunctionKind::new("normalizer", normalize).in_spark("Normalizer");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    in_out::vectors(params, frame, &NORMALIZE, Norm { p: vec![params.double("p")?] })
}

/// `(Σ |x|^p)^(1/p)`.
fn norm(values: &[f64], p: f64) -> f64 {
    if p == 1.0 {
        values.iter().map(|value| value.abs()).sum()
    } else if p == 2.0 {
        values.iter().map(|value| value * value).sum::<f64>().sqrt()
    } else if p == f64::INFINITY {
        values.iter().fold(0.0, |largest, value| f64::max(largest, value.abs()))
    } else {
        values.iter().map(|value| value.abs().powf(p)).sum::<f64>().powf(1.0 / p)
    }
}

fn normalize(with: &Norm, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let p = with.p.first().copied().unwrap_or(2.0);
    let mut scratch = Vec::new();
    map(arg(args, 0)?, |vector, out| {
        let length = norm(vector.values(), p);
        // A vector of zeros stays what it is.
        let divisor = if length == 0.0 { 1.0 } else { length };
        match vector {
            VectorView::Dense(values) => {
                out.push_dense_with(|to| to.extend(values.iter().map(|value| value / divisor)));
            }
            VectorView::Sparse { size, indices, values } => {
                scratch.clear();
                scratch.extend(values.iter().map(|value| value / divisor));
                out.push_sparse(size, indices, &scratch);
            }
        }
        Ok(())
    })
}
