//! `(x - shift) * factor` per entry: scalers that do no more.

use super::map_vectors::{arg, map};
use super::udf_error;
use crate::FunctionKind;
use crate::linalg::VectorView;
use crate::wire::doubles;
use arrow::array::ArrayRef;
use firesteel_common::Result;
use serde::{Deserialize, Serialize};

/// Parts that are empty do nothing. With a shift all vectors become dense, without they keep their form.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Scaling {
    /// Spark's class.
    pub name: String,
    pub size: usize,
    #[serde(with = "doubles")]
    pub shift: Vec<f64>,
    #[serde(with = "doubles")]
    pub factor: Vec<f64>,
}

pub(super) static SCALE: FunctionKind<Scaling> =
    FunctionKind::new("scale", scale).in_spark("StandardScalerModel$");

fn scale(with: &Scaling, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let factor = |at: usize| with.factor.get(at).copied().unwrap_or(1.0);
    let mut scratch = vec![0.0; with.size];
    map(arg(args, 0)?, |vector, out| {
        if vector.size() != with.size {
            let reason = format!(
                "java.lang.ArrayIndexOutOfBoundsException: a vector of {} entries",
                vector.size()
            );
            return Err(udf_error::vectors(&with.name, &reason));
        }
        match vector {
            _ if !with.shift.is_empty() => {
                vector.copy_to(&mut scratch);
                out.push_dense_with(|to| {
                    let shifted = scratch.iter().zip(&with.shift).enumerate();
                    to.extend(shifted.map(|(at, (value, shift))| (value - shift) * factor(at)));
                });
            }
            VectorView::Dense(values) => out.push_dense_with(|to| {
                to.extend(values.iter().enumerate().map(|(at, value)| value * factor(at)));
            }),
            VectorView::Sparse { size, indices, values } => {
                let scaled = indices.iter().zip(values);
                scratch.clear();
                scratch.extend(scaled.map(|(at, value)| value * factor(*at as usize)));
                out.push_sparse(size, indices, &scratch);
                scratch.resize(with.size, 0.0);
            }
        }
        Ok(())
    })
}
