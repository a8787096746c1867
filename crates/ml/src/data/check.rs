//! Spark's checks of labels, weights and vectors while data is read.

use crate::error;
use crate::linalg::{VectorView, double_text};
use firesteel_common::Result;

/// What labels have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelKind {
    /// Any finite number.
    Regression,
    /// Whole numbers from zero; below the number of classes where that is known.
    Class(Option<usize>),
    /// Whatever the algorithm checks itself.
    Unchecked,
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
                return Err(error::raised("Labels MUST NOT be Infinity"));
            }
            LabelKind::Regression => {}
            LabelKind::Class(Some(2)) if label != 0.0 && label != 1.0 => {
                let text = double_text(label);
                return Err(error::raised(format!("Labels MUST be in {{0, 1}}, but got {text}")));
            }
            LabelKind::Class(n) => {
                if label != label.trunc() {
                    let text = double_text(label);
                    return Err(error::raised(format!("Labels MUST be Integers, but got {text}")));
                }
                let n = n.unwrap_or(i32::MAX as usize);
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
pub(super) fn check_weight(weight: Option<f64>) -> Result<f64> {
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
/// There are no rows, or more than 100 classes were inferred.
pub fn n_classes(declared: Option<usize>, largest: Option<f64>) -> Result<usize> {
    /// More are taken for a label that is none of a class.
    const CLASSES_MAX: usize = 100;
    if let Some(declared) = declared {
        return Ok(declared);
    }
    let Some(largest) = largest else { return Err(error::empty_dataset()) };
    let n = largest as usize + 1;
    if n > CLASSES_MAX {
        return Err(error::requirement(format!(
            "Classifier inferred {n} from label values in column labelCol, but this exceeded the max numClasses \
             ({CLASSES_MAX}) allowed to be inferred from values.  To avoid this error for labels with > \
             {CLASSES_MAX} classes, specify numClasses explicitly in the metadata; this can be done by applying \
             StringIndexer to the label column."
        )));
    }
    Ok(n)
}
