//! From a dataset to binned rows.

use super::bins::Bins;
use super::layout::{Growth, Layout};
use super::thresholds;
use crate::attribute::{Attribute, AttributeGroup};
use crate::classification::classes;
use crate::columns;
use crate::data::{Dataset, InstanceColumns, Instances, LabelKind};
use crate::error;
use crate::job::Job;
use crate::param::Params;
use firesteel_common::Result;
use std::sync::Arc;

/// Rows for growing trees.
pub(super) struct Training {
    pub layout: Layout,
    pub thresholds: Vec<Vec<f64>>,
    pub bins: Bins,
    pub labels: Vec<f64>,
    pub weights: Option<Vec<f64>>,
    /// Rows of each partition.
    pub partitions: Vec<usize>,
    pub job: Arc<dyn Job>,
}

impl Training {
    /// Reads and bins the rows of a dataset. `n_classes` is 0 for regression; `seed` picks the rows that thresholds
    /// come from.
    ///
    /// # Errors
    /// Spark's, of the columns, the rows or the layout.
    pub(super) fn new(
        data: &Dataset,
        features: &str,
        rows: Instances,
        n_classes: usize,
        growth: Growth,
        seed: i64,
    ) -> Result<Self> {
        let arity = arity(data, features, rows.n_features)?;
        let labels: Vec<f64> =
            rows.blocks.iter().flat_map(|block| block.labels.iter().copied()).collect();
        let is_weighted = rows.blocks.iter().any(|block| block.weights.is_some());
        let weights: Option<Vec<f64>> = is_weighted.then(|| {
            rows.blocks
                .iter()
                .flat_map(|block| (0..block.n_rows()).map(|row| block.weight(row)))
                .collect()
        });
        let weight_sum =
            weights.as_ref().map_or(labels.len() as f64, |weights| weights.iter().sum());
        let mut layout = Layout::new(growth, n_classes, rows.n_rows, weight_sum, arity)?;
        let thresholds = thresholds::find(&rows, &mut layout, seed)?;
        let bins = Bins::new(&rows, &layout, &thresholds)?;
        Ok(Self {
            layout,
            thresholds,
            bins,
            labels,
            weights,
            partitions: rows.partitions,
            job: rows.job,
        })
    }
}

/// Rows of features, labels and weights, as the parameters name them.
///
/// # Errors
/// Spark's, of the columns and the rows.
pub(super) fn read(params: &Params, data: &Dataset, labels: LabelKind) -> Result<Instances> {
    columns::vector(&data.frame, params.string("featuresCol")?)?;
    data.instances(&InstanceColumns {
        features: params.string("featuresCol")?,
        label: Some((params.string("labelCol")?, labels)),
        weight: params.column("weightCol"),
        extra: Vec::new(),
        finite: true,
    })
}

/// Rows of a classification with the number of classes.
///
/// # Errors
/// As [`read`].
pub(super) fn read_classes(params: &Params, data: &Dataset) -> Result<(Instances, usize)> {
    columns::vector(&data.frame, params.string("featuresCol")?)?;
    classes::read(params, data)
}

/// Number of categories of each feature, where the column's metadata says that it has categories.
fn arity(data: &Dataset, features: &str, n_features: usize) -> Result<Vec<Option<usize>>> {
    let group = AttributeGroup::of(data.field(features)?);
    let mut arity = vec![None; n_features];
    for (feature, attribute) in group.attributes.into_iter().flatten().enumerate() {
        let Some(slot) = arity.get_mut(feature) else { break };
        *slot = match &attribute {
            Attribute::Binary { .. } | Attribute::Nominal { .. } => match attribute.n_values() {
                None => {
                    return Err(error::illegal(format!(
                        "Feature {feature} is marked as Nominal (categorical), but it does not have the number of \
                         values specified."
                    )));
                }
                n_values => n_values,
            },
            Attribute::Unresolved | Attribute::Numeric { .. } => None,
        };
    }
    Ok(arity)
}
