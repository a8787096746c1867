//! Functions of two vectors.

use super::{check_vector, dimension_mismatch, sum_of, vector, vectors};
use crate::call::Call;
use crate::columns::primitives;
use crate::scalar_kernel::Kind;
use arrow::datatypes::Float32Type;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Pair {
    /// Null where a vector has no direction.
    Cosine,
    InnerProduct,
    L2Distance,
}

impl Pair {
    fn name(self) -> &'static str {
        match self {
            Pair::Cosine => "vector_cosine_similarity",
            Pair::InnerProduct => "vector_inner_product",
            Pair::L2Distance => "vector_l2_distance",
        }
    }

    fn of(self, a: &[f32], b: &[f32]) -> Option<f32> {
        let product = |a: &[f32], b: &[f32]| sum_of(a.len(), |at| a[at] * b[at]);
        match self {
            Pair::InnerProduct => Some(product(a, b)),
            Pair::L2Distance => {
                let squares = sum_of(a.len(), |at| (a[at] - b[at]) * (a[at] - b[at]));
                Some(squares.sqrt())
            }
            Pair::Cosine => {
                let lengths = product(a, a) * product(b, b);
                (lengths != 0.0).then(|| product(a, b) / lengths.sqrt())
            }
        }
    }
}

pub(super) fn cosine_similarity(call: Call<'_>) -> Result<Expr> {
    build(call, Pair::Cosine)
}

pub(super) fn inner_product(call: Call<'_>) -> Result<Expr> {
    build(call, Pair::InnerProduct)
}

pub(super) fn l2_distance(call: Call<'_>) -> Result<Expr> {
    build(call, Pair::L2Distance)
}

fn build(call: Call<'_>, pair: Pair) -> Result<Expr> {
    let [left, right] = call.exactly::<2>()?;
    check_vector(pair.name(), 0, &left)?;
    check_vector(pair.name(), 1, &right)?;
    Ok(PAIR.named(pair.name(), pair, &SparkType::Float).call(vec![left.expr, right.expr]))
}

pub(super) static PAIR: Kind<Pair> = Kind::new("vector_pair", |pair, input| {
    let (left, right) = (vectors(input, 0)?, vectors(input, 1)?);
    primitives::<Float32Type>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (vector(left, row), vector(right, row)) else { return Ok(None) };
        if a.len() != b.len() {
            return Err(dimension_mismatch(pair.name(), a.len(), b.len()));
        }
        Ok(pair.of(a, b))
    })
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_as_spark_does() {
        assert_eq!(Pair::Cosine.of(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), Some(0.974_631_9));
        let mut long = vec![1e8];
        long.extend([0.0; 7]);
        long.extend([5.0; 8]);
        long.push(-1e8);
        assert_eq!(Pair::InnerProduct.of(&long, &[1.0; 17]), Some(40.0));
        assert_eq!(Pair::Cosine.of(&[0.0], &[1.0]), None);
    }
}
