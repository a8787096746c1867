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
    let declared = declared(params, data)?;
    read_as(params, data, declared, LabelKind::classes(declared), true)
}

/// The number of classes that the label column's metadata says.
pub(crate) fn declared(params: &Params, data: &Dataset) -> Result<Option<usize>> {
    Ok(Attribute::of(data.field(params.string("labelCol")?)?).n_values())
}

/// As [`read`]; `finite`: features have to be.
///
/// # Errors
/// As [`read`].
pub(crate) fn read_as(
    params: &Params,
    data: &Dataset,
    declared: Option<usize>,
    labels: LabelKind,
    finite: bool,
) -> Result<(Instances, usize)> {
    let rows = data
        .instances(&InstanceColumns {
            features: params.string("featuresCol")?,
            label: Some((params.string("labelCol")?, labels)),
            weight: params.column("weightCol"),
            extra: Vec::new(),
            finite,
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
    check_length(params, "train", thresholds, n_classes)
}

/// As [`check_thresholds`], of a model's.
///
/// # Errors
/// As [`check_thresholds`].
pub(crate) fn check_model_thresholds(params: &Params, n_classes: usize) -> Result<()> {
    let Some(Value::Doubles(thresholds)) = params.get("thresholds") else { return Ok(()) };
    check_length(params, "transform", thresholds, n_classes)
}

fn check_length(params: &Params, verb: &str, thresholds: &[f64], n_classes: usize) -> Result<()> {
    if thresholds.len() == n_classes {
        return Ok(());
    }
    let class = params.class().rsplit('.').next().unwrap_or_default();
    Err(error::requirement(format!(
        "{class}.{verb}() called with non-matching numClasses and thresholds.length. numClasses={n_classes}, but \
         thresholds has length {}",
        thresholds.len()
    )))
}

/// Logistic regression and naive Bayes say nothing more of labels that are no numbers.
///
/// # Errors
/// `requirement failed`.
pub(crate) fn check_numeric_label(params: &Params, data: &Dataset) -> Result<()> {
    match data.field(params.string("labelCol")?)?.data_type.is_numeric() {
        true => Ok(()),
        false => Err(error::illegal("requirement failed")),
    }
}

/// Reads features and labels of a classification whose number of classes is given.
///
/// # Errors
/// As [`read`], but thresholds are not looked at.
pub(crate) fn read_declared(
    params: &Params,
    data: &Dataset,
    n_classes: usize,
) -> Result<Instances> {
    data.instances(&InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((params.string("labelCol")?, LabelKind::Class(n_classes))),
        weight: params.column("weightCol"),
        extra: Vec::new(),
        finite: true,
    })
}
