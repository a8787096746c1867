//! `PolynomialExpansion`: all products of entries up to a degree, in Spark's order: the last entry is the outermost
//! digit, lower powers first, the constant left out. `[x, y]` of degree 2 is `[x, x², y, xy, y²]`.

use super::in_out;
use super::map_vectors::{arg, map};
use crate::error;
use crate::linalg::VectorView;
use crate::param::{Param, Params, Valid, shared};
use crate::{Class, FunctionKind, Role};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, TableHost};
use serde::{Deserialize, Serialize};

const PARAMS: &[Param] =
    &[shared::INPUT_COL, shared::OUTPUT_COL, Param::int("degree", 2).valid(Valid::GtEq(1.0))];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.PolynomialExpansion",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Degree {
    degree: usize,
}

pub(super) static EXPAND: FunctionKind<Degree> =
    FunctionKind::new("polynomial_expansion", expand).in_spark("PolynomialExpansion");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    in_out::vectors(params, frame, &EXPAND, Degree { degree: params.count("degree")? })
}

/// Number of products of at most `degree` of `n` entries, the constant included; none beyond 2³¹ − 1.
fn n_terms(n: usize, degree: usize) -> Option<usize> {
    let mut terms: u64 = 1;
    for i in 1..=degree.min(n) as u64 {
        // C(n + degree, i), exact at each step.
        terms = terms.checked_mul((n + degree) as u64 - i + 1)? / i;
        if terms > u64::from(i32::MAX as u32) {
            return None;
        }
    }
    Some(terms as usize)
}

/// Expands stored entries; `put` gets position and value of each product that is not zero.
struct Expansion<'a, F> {
    /// Positions of the entries; none: they are 0, 1, 2, …
    indices: Option<&'a [i32]>,
    values: &'a [f64],
    put: F,
}

impl<F: FnMut(usize, f64)> Expansion<'_, F> {
    /// Products of the first `n_entries` stored entries of a vector of `size`, times `factor`, from the position
    /// `at` on (one more than it, because the constant stands at minus one).
    fn run(&mut self, n_entries: usize, degree: usize, factor: f64, at: usize) {
        if factor == 0.0 {
            return;
        }
        if degree == 0 || n_entries == 0 {
            if at > 0 {
                (self.put)(at - 1, factor);
            }
            return;
        }
        let last = n_entries - 1;
        let value = self.values[last];
        // Entries before this one, stored or not.
        let n_before = self.indices.map_or(last, |indices| indices[last] as usize);
        let (mut power, mut start) = (factor, at);
        for own in 0..=degree {
            if power == 0.0 {
                break;
            }
            self.run(last, degree - own, power, start);
            start += n_terms(n_before, degree - own).unwrap_or(0);
            power *= value;
        }
    }
}

fn expand(with: &Degree, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let degree = with.degree;
    let (mut indices, mut products) = (Vec::new(), Vec::new());
    map(arg(args, 0)?, |vector, out| {
        let size = n_terms(vector.size(), degree).map(|size| size - 1).ok_or_else(|| {
            error::failed(format!(
                "The expansion of a vector of {} entries to degree {degree} is too large.",
                vector.size()
            ))
        })?;
        match vector {
            VectorView::Dense(values) => out.push_dense_with(|to| {
                let from = to.len();
                to.resize(from + size, 0.0);
                let put = |at: usize, value: f64| to[from + at] = value;
                Expansion { indices: None, values, put }.run(values.len(), degree, 1.0, 0);
            }),
            VectorView::Sparse { indices: own, values, .. } => {
                indices.clear();
                products.clear();
                let put = |at: usize, value: f64| {
                    indices.push(at as i32);
                    products.push(value);
                };
                Expansion { indices: Some(own), values, put }.run(values.len(), degree, 1.0, 0);
                out.push_sparse(size, &indices, &products);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_sparks() {
        let mut dense = vec![0.0; 9];
        let put = |at: usize, value: f64| dense[at] = value;
        Expansion { indices: None, values: &[2.0, 3.0], put }.run(2, 3, 1.0, 0);
        assert_eq!(dense, [2.0, 4.0, 8.0, 3.0, 6.0, 12.0, 9.0, 18.0, 27.0]);
        let mut sparse = Vec::new();
        let put = |at: usize, value: f64| sparse.push((at, value));
        Expansion { indices: Some(&[0, 2]), values: &[2.0, 3.0], put }.run(2, 2, 1.0, 0);
        assert_eq!(sparse, [(0, 2.0), (1, 4.0), (5, 3.0), (6, 6.0), (8, 9.0)]);
    }
}
