//! `DCT`: the discrete cosine transform (type II) of each vector, scaled so that it is orthogonal; its inverse.

use super::in_out;
use super::map_vectors::{arg, map};
use crate::linalg::VectorView;
use crate::param::{Param, Params, shared};
use crate::{Class, FunctionKind, Role};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, TableHost};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

const PARAMS: &[Param] = &[shared::INPUT_COL, shared::OUTPUT_COL, Param::bool("inverse", false)];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.DCT",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Direction {
    inverse: bool,
}

pub(super) static DCT: FunctionKind<Direction> = FunctionKind::new("dct", all).in_spark("DCT");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    in_out::vectors(params, frame, &DCT, Direction { inverse: params.bool("inverse")? })
}

fn all(with: &Direction, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let mut plan = Cosines::default();
    map(arg(args, 0)?, |vector, out| {
        let owned;
        let values = match vector {
            VectorView::Dense(values) => values,
            VectorView::Sparse { .. } => {
                owned = vector.to_dense();
                &owned
            }
        };
        plan.prepare(values.len());
        out.push_dense_with(|to| plan.run(values, with.inverse, to));
        Ok(())
    })
}

/// Cosines for vectors of one length n: `table[j] = cos(π j / 2n)`, j below 4n.
#[derive(Default)]
struct Cosines {
    table: Vec<f64>,
    n: usize,
}

impl Cosines {
    fn prepare(&mut self, n: usize) {
        if n != self.n {
            self.n = n;
            self.table = (0..4 * n).map(|j| (PI * j as f64 / (2 * n) as f64).cos()).collect();
        }
    }

    fn scale(&self, k: usize) -> f64 {
        (if k == 0 { 1.0 } else { 2.0 } / self.n as f64).sqrt()
    }

    /// Appends n values: O(n²), which for the lengths that feature vectors have is no more than a fast transform.
    fn run(&self, values: &[f64], inverse: bool, to: &mut Vec<f64>) {
        let n = self.n;
        for out in 0..n {
            let mut sum = 0.0;
            for (at, value) in values.iter().enumerate() {
                let (k, place) = if inverse { (at, out) } else { (out, at) };
                let cosine = self.table[(2 * place + 1) * k % (4 * n)];
                sum += if inverse { value * cosine * self.scale(k) } else { value * cosine };
            }
            to.push(if inverse { sum } else { sum * self.scale(out) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Cosines;

    #[test]
    fn inverse_undoes() {
        let mut cosines = Cosines::default();
        let values = [1.0, -2.0, 0.5, 4.0, 8.0];
        cosines.prepare(values.len());
        let (mut there, mut back) = (Vec::new(), Vec::new());
        cosines.run(&values, false, &mut there);
        cosines.run(&there, true, &mut back);
        assert!(values.iter().zip(&back).all(|(a, b)| (a - b).abs() < 1e-14));
    }
}
