//! One vector: `org.apache.spark.ml.linalg.Vector`.

use super::text::double_text;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A dense or sparse vector of doubles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Vector {
    Dense(Vec<f64>),
    /// `indices` ascend and are below `size`.
    Sparse {
        size: usize,
        indices: Vec<i32>,
        values: Vec<f64>,
    },
}

/// A vector that somebody else holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum VectorView<'a> {
    Dense(&'a [f64]),
    Sparse { size: usize, indices: &'a [i32], values: &'a [f64] },
}

impl Vector {
    pub fn zeros(size: usize) -> Self {
        Vector::Dense(vec![0.0; size])
    }

    pub fn view(&self) -> VectorView<'_> {
        match self {
            Vector::Dense(values) => VectorView::Dense(values),
            Vector::Sparse { size, indices, values } => {
                VectorView::Sparse { size: *size, indices, values }
            }
        }
    }

    pub fn size(&self) -> usize {
        self.view().size()
    }

    pub fn to_dense(&self) -> Vec<f64> {
        self.view().to_dense()
    }

    /// Whichever form takes less space, as Spark's `compressed`.
    pub fn compressed(&self) -> Vector {
        self.view().compressed()
    }

    /// As saved parameters have it.
    pub fn to_json(&self) -> Value {
        match self {
            Vector::Dense(values) => json!({"type": 1, "values": values}),
            Vector::Sparse { size, indices, values } => {
                json!({"type": 0, "size": size, "indices": indices, "values": values})
            }
        }
    }

    /// What [`Vector::to_json`] gave; none for anything else.
    pub fn from_json(value: &Value) -> Option<Vector> {
        let doubles = |key: &str| -> Option<Vec<f64>> {
            value.get(key)?.as_array()?.iter().map(Value::as_f64).collect()
        };
        match value.get("type")?.as_i64()? {
            1 => Some(Vector::Dense(doubles("values")?)),
            0 => {
                let indices = value.get("indices")?.as_array()?.iter();
                let indices: Option<Vec<i32>> =
                    indices.map(|index| i32::try_from(index.as_i64()?).ok()).collect();
                let size = usize::try_from(value.get("size")?.as_i64()?).ok()?;
                Some(Vector::Sparse { size, indices: indices?, values: doubles("values")? })
            }
            _ => None,
        }
    }
}

impl<'a> VectorView<'a> {
    pub fn size(&self) -> usize {
        match self {
            VectorView::Dense(values) => values.len(),
            VectorView::Sparse { size, .. } => *size,
        }
    }

    /// Entries that are stored.
    pub fn values(&self) -> &'a [f64] {
        match self {
            VectorView::Dense(values) | VectorView::Sparse { values, .. } => values,
        }
    }

    pub fn to_owned(&self) -> Vector {
        match *self {
            VectorView::Dense(values) => Vector::Dense(values.to_vec()),
            VectorView::Sparse { size, indices, values } => {
                Vector::Sparse { size, indices: indices.to_vec(), values: values.to_vec() }
            }
        }
    }

    pub fn to_dense(&self) -> Vec<f64> {
        let mut dense = vec![0.0; self.size()];
        self.copy_to(&mut dense);
        dense
    }

    /// Writes all entries to `out`, which is as long as the vector.
    pub fn copy_to(&self, out: &mut [f64]) {
        match *self {
            VectorView::Dense(values) => out.copy_from_slice(values),
            VectorView::Sparse { indices, values, .. } => {
                out.fill(0.0);
                for (index, value) in indices.iter().zip(values) {
                    out[*index as usize] = *value;
                }
            }
        }
    }

    pub fn get(&self, position: usize) -> f64 {
        match *self {
            VectorView::Dense(values) => values[position],
            VectorView::Sparse { indices, values, .. } => {
                match indices.binary_search(&(position as i32)) {
                    Ok(found) => values[found],
                    Err(_) => 0.0,
                }
            }
        }
    }

    /// Calls `f` with the position and value of every stored entry, stored zeros included.
    pub fn for_each_stored(&self, mut f: impl FnMut(usize, f64)) {
        match *self {
            VectorView::Dense(values) => {
                values.iter().enumerate().for_each(|(index, value)| f(index, *value));
            }
            VectorView::Sparse { indices, values, .. } => {
                indices.iter().zip(values).for_each(|(index, value)| f(*index as usize, *value));
            }
        }
    }

    /// Calls `f` with the position and value of every entry that is not zero.
    pub fn for_each_nonzero(&self, mut f: impl FnMut(usize, f64)) {
        self.for_each_stored(|index, value| {
            if value != 0.0 {
                f(index, value);
            }
        });
    }

    pub fn n_nonzero(&self) -> usize {
        self.values().iter().filter(|value| **value != 0.0).count()
    }

    /// Inner product with `other`, which is as long.
    pub fn dot(&self, other: &[f64]) -> f64 {
        match *self {
            VectorView::Dense(values) => super::kernels::dot(values, other),
            VectorView::Sparse { indices, values, .. } => indices
                .iter()
                .zip(values)
                .map(|(index, value)| value * other[*index as usize])
                .sum(),
        }
    }

    /// Whichever form takes less space, as Spark's `compressed`: sparse if 1.5 nnz + 2 < size.
    pub fn compressed(&self) -> Vector {
        let n_nonzero = self.n_nonzero();
        if 1.5 * n_nonzero as f64 + 2.0 < self.size() as f64 {
            self.to_sparse()
        } else {
            Vector::Dense(self.to_dense())
        }
    }

    /// The sparse form, without zeros.
    pub fn to_sparse(&self) -> Vector {
        let n_nonzero = self.n_nonzero();
        let (mut indices, mut values) =
            (Vec::with_capacity(n_nonzero), Vec::with_capacity(n_nonzero));
        self.for_each_nonzero(|index, value| {
            indices.push(index as i32);
            values.push(value);
        });
        Vector::Sparse { size: self.size(), indices, values }
    }

    /// Whether an entry is NaN or infinite.
    pub fn has_non_finite(&self) -> bool {
        self.values().iter().any(|value| !value.is_finite())
    }

    /// As Spark shows it: `[1.0,2.0]`, `(3,[0],[1.5])`.
    pub fn text(&self) -> String {
        let list = |values: &[f64]| {
            values.iter().map(|value| double_text(*value)).collect::<Vec<_>>().join(",")
        };
        match *self {
            VectorView::Dense(values) => format!("[{}]", list(values)),
            VectorView::Sparse { size, indices, values } => {
                let indices: Vec<_> = indices.iter().map(i32::to_string).collect();
                format!("({size},[{}],[{}])", indices.join(","), list(values))
            }
        }
    }
}
