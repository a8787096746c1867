//! Rows of a classification and the number of classes.

use crate::attribute::Attribute;
use crate::data::{Dataset, InstanceColumns, Instances, LabelKind, n_classes};
use crate::error;
use crate::param::Params;
use crate::value::Value;
use firesteel_common::Result;

/// Reads features, labels and weights as the parameters name them.
///
/// # Errors
/// Spark's: no rows, labels that are no classes, another number of thresholds.
pub(crate) fn read(params: &Params, data: &Dataset) -> Result<(Instances, usize)> {
    let label = params.string("labelCol")?;
    let declared = Attribute::of(data.field(label)?).n_values();
    let rows = data
        .instances(&InstanceColumns {
            features: params.string("featuresCol")?,
            label: Some((label, LabelKind::Class(declared))),
            weight: params.column("weightCol"),
            extra: Vec::new(),
            finite: true,
        })?
        .not_empty()?;
    let labels = rows.blocks.iter().flat_map(|block| block.labels.iter().copied());
    let n_classes = n_classes(declared, labels.reduce(f64::max))?;
    check_thresholds(params, n_classes)?;
    Ok((rows, n_classes))
}

/// # Errors
/// Spark's: there are thresholds, but not one for each class.
pub(crate) fn check_thresholds(params: &Params, n_classes: usize) -> Result<()> {
    let Some(Value::Doubles(thresholds)) = params.get("thresholds") else { return Ok(()) };
    if thresholds.len() == n_classes {
        return Ok(());
    }
    let class = params.class().rsplit('.').next().unwrap_or_default();
    Err(error::requirement(format!(
        "{class}.train() called with non-matching numClasses and thresholds.length. numClasses={n_classes}, but \
         thresholds has length {}",
        thresholds.len()
    )))
}

/// Reads features and labels of a classification whose number of classes is given.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_declared(
    params: &Params,
    data: &Dataset,
    n_classes: usize,
) -> Result<Instances> {
    check_thresholds(params, n_classes)?;
    data.instances(&InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((params.string("labelCol")?, LabelKind::Class(Some(n_classes)))),
        weight: params.column("weightCol"),
        extra: Vec::new(),
        finite: true,
    })?
    .not_empty()
}
