//! Spark's checks of labels, weights and vectors while data is read.

use crate::error;
use crate::linalg::{VectorView, double_text};
use firesteel_common::Result;

/// What labels have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelKind {
    /// Any finite number.
    Regression,
    /// Whole numbers from zero, below the number of classes.
    Class(usize),
    /// Whatever the algorithm checks itself.
    Unchecked,
}

impl LabelKind {
    /// Labels of a classification; `declared`: the number of classes that the column's metadata says. Spark infers
    /// up to 100.
    pub fn classes(declared: Option<usize>) -> Self {
        LabelKind::Class(declared.unwrap_or(100))
    }
}

/// # Errors
/// Spark's: null, NaN, infinite, or no class.
pub fn check_labels(labels: impl IntoIterator<Item = Option<f64>>, kind: LabelKind) -> Result<()> {
    for label in labels {
        let label = match (label, kind) {
            (None, LabelKind::Unchecked) => continue,
            (None, _) => return Err(error::raised("Labels MUST NOT be Null or NaN")),
            (Some(label), _) => label,
        };
        match kind {
            LabelKind::Unchecked => {}
            _ if label.is_nan() => return Err(error::raised("Labels MUST NOT be Null or NaN")),
            LabelKind::Regression if label.is_infinite() => {
                let text = double_text(label);
                return Err(error::raised(format!("Labels MUST NOT be Infinity, but got {text}")));
            }
            LabelKind::Regression => {}
            LabelKind::Class(2) if label != 0.0 && label != 1.0 => {
                let text = double_text(label);
                return Err(error::raised(format!("Labels MUST be in {{0, 1}}, but got {text}")));
            }
            LabelKind::Class(n) => {
                if label != label.trunc() {
                    let text = double_text(label);
                    return Err(error::raised(format!("Labels MUST be Integers, but got {text}")));
                }
                if label < 0.0 || label >= n as f64 {
                    let text = double_text(label);
                    let message = format!("Labels MUST be in [0, {n}), but got {text}");
                    return Err(error::raised(message));
                }
            }
        }
    }
    Ok(())
}

/// # Errors
/// Spark's: null, NaN, negative or infinite.
pub(crate) fn check_weight(weight: Option<f64>) -> Result<f64> {
    match weight {
        None => Err(error::raised("Weights MUST NOT be Null or NaN")),
        Some(weight) if weight.is_nan() => Err(error::raised("Weights MUST NOT be Null or NaN")),
        Some(weight) if weight < 0.0 || weight.is_infinite() => {
            let text = double_text(weight);
            Err(error::raised(format!("Weights MUST NOT be Negative or Infinity, but got {text}")))
        }
        Some(weight) => Ok(weight),
    }
}

/// # Errors
/// Spark's: null, or an entry is NaN or infinite.
pub(super) fn check_vector(vector: Option<VectorView<'_>>) -> Result<VectorView<'_>> {
    let Some(vector) = vector else {
        return Err(error::raised("Vectors MUST NOT be Null"));
    };
    if vector.has_non_finite() {
        let text = vector.text();
        let message = format!("Vector values MUST NOT be NaN or Infinity, but got {text}");
        return Err(error::raised(message));
    }
    Ok(vector)
}

/// Number of classes: what the label column's metadata says, else the largest label and one.
///
/// # Errors
/// There are no rows.
pub fn n_classes(declared: Option<usize>, largest: Option<f64>) -> Result<usize> {
    match (declared, largest) {
        (Some(declared), _) => Ok(declared),
        (None, Some(largest)) => Ok(largest as usize + 1),
        (None, None) => Err(error::empty_dataset()),
    }
}
