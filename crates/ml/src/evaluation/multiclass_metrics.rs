//! Weighted metrics of classes: `MulticlassMetrics`.

use super::rows;
use crate::data::{Dataset, doubles};
use crate::error;
use crate::linalg::{VectorColumn, double_text};
use firesteel_common::error::ErrorKind;
use firesteel_common::{Result, SparkError};
use std::collections::BTreeMap;

/// Confusions of labels and predictions.
#[derive(Debug, Clone, Default)]
pub(crate) struct MulticlassMetrics {
    /// By the bits of the label: weight, weight predicted rightly.
    labels: BTreeMap<Class, (f64, f64)>,
    /// By predicted class: weight predicted wrongly.
    false_positives: BTreeMap<Class, f64>,
    total: f64,
}

/// A class as a number; orders as numbers do.
#[derive(Debug, Clone, Copy)]
struct Class(f64);

impl PartialEq for Class {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Class {}

impl PartialOrd for Class {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Class {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0 + 0.0).total_cmp(&(other.0 + 0.0))
    }
}

impl MulticlassMetrics {
    /// Reads predictions, labels and weights.
    ///
    /// # Errors
    /// Spark's: a column is missing or of no numbers.
    pub(crate) fn of(
        data: &Dataset,
        prediction: &str,
        label: &str,
        weight: Option<&str>,
    ) -> Result<Self> {
        let mut metrics = Self::default();
        let mut exprs = vec![data.double_expr(prediction)?, data.double_expr(label)?];
        if let Some(weight) = weight {
            exprs.push(data.cast_expr(weight)?);
        }
        data.scan(exprs, |batch| {
            let (predictions, labels) = (doubles(batch.column(0))?, doubles(batch.column(1))?);
            let weights = batch.columns().get(2).map(doubles).transpose()?;
            for row in 0..batch.num_rows() {
                let (prediction, label) =
                    (rows::number(&predictions, row)?, rows::number(&labels, row)?);
                if label.is_nan() {
                    return Err(key_not_found(label));
                }
                metrics.add(prediction, label, rows::weight(weights.as_ref(), row)?);
            }
            Ok(())
        })?;
        Ok(metrics)
    }

    fn add(&mut self, prediction: f64, label: f64, weight: f64) {
        let own = self.labels.entry(Class(label)).or_default();
        own.0 += weight;
        if prediction == label {
            own.1 += weight;
        } else {
            *self.false_positives.entry(Class(prediction)).or_default() += weight;
        }
        self.total += weight;
    }

    /// Labels in ascending order.
    pub(crate) fn labels(&self) -> Vec<f64> {
        self.labels.keys().map(|class| class.0).collect()
    }

    fn counts(&self, label: f64) -> Result<(f64, f64)> {
        self.labels.get(&Class(label)).copied().ok_or_else(|| key_not_found(label))
    }

    /// # Errors
    /// This and those below: there is no such label.
    pub(crate) fn true_positive_rate(&self, label: f64) -> Result<f64> {
        let (count, right) = self.counts(label)?;
        Ok(right / count)
    }

    /// # Errors
    /// As [`MulticlassMetrics::true_positive_rate`].
    pub(crate) fn false_positive_rate(&self, label: f64) -> Result<f64> {
        let (count, _) = self.counts(label)?;
        let wrong = self.false_positives.get(&Class(label)).copied().unwrap_or(0.0);
        Ok(wrong / (self.total - count))
    }

    /// # Errors
    /// As [`MulticlassMetrics::true_positive_rate`].
    pub(crate) fn precision(&self, label: f64) -> Result<f64> {
        let (_, right) = self.counts(label)?;
        let wrong = self.false_positives.get(&Class(label)).copied().unwrap_or(0.0);
        Ok(if right + wrong == 0.0 { 0.0 } else { right / (right + wrong) })
    }

    /// # Errors
    /// As [`MulticlassMetrics::true_positive_rate`].
    pub(crate) fn f_measure(&self, label: f64, beta: f64) -> Result<f64> {
        let (precision, recall) = (self.precision(label)?, self.true_positive_rate(label)?);
        let square = beta * beta;
        Ok(match precision + recall == 0.0 {
            true => 0.0,
            false => (1.0 + square) * precision * recall / (square * precision + recall),
        })
    }

    /// A metric of every label, in the order of [`MulticlassMetrics::labels`].
    ///
    /// # Errors
    /// What the metric fails with.
    pub(crate) fn by_label(&self, metric: impl Fn(f64) -> Result<f64>) -> Result<Vec<f64>> {
        self.labels.keys().map(|class| metric(class.0)).collect()
    }

    /// The mean of a metric, labels weighed by how much of them there is.
    ///
    /// # Errors
    /// What the metric fails with.
    pub(crate) fn weighted(&self, metric: impl Fn(f64) -> Result<f64>) -> Result<f64> {
        let mut sum = 0.0;
        for (class, (count, _)) in &self.labels {
            sum += metric(class.0)? * count / self.total;
        }
        Ok(sum)
    }

    pub(crate) fn accuracy(&self) -> f64 {
        self.labels.values().map(|(_, right)| right).sum::<f64>() / self.total
    }

    pub(crate) fn hamming_loss(&self) -> f64 {
        let wrong: f64 = self.labels.values().map(|(count, right)| count - right).sum();
        wrong / self.total
    }
}

fn key_not_found(label: f64) -> SparkError {
    SparkError::new(ErrorKind::NoSuchElement, "", format!("key not found: {}", double_text(label)))
}

/// Mean of `-ln p` of the true classes, probabilities kept `eps` away from 0 and 1.
///
/// # Errors
/// Spark's: a column is missing or of another type.
pub(crate) fn log_loss(
    data: &Dataset,
    probability: &str,
    label: &str,
    weight: Option<&str>,
    eps: f64,
) -> Result<f64> {
    let mut exprs = vec![data.vector_expr(probability)?, data.double_expr(label)?];
    if let Some(weight) = weight {
        exprs.push(data.cast_expr(weight)?);
    }
    let (mut sum, mut total) = (0.0, 0.0);
    data.scan(exprs, |batch| {
        let vectors = crate::data::vectors(batch.column(0))?;
        let vectors = VectorColumn::new(&vectors)?;
        let labels = doubles(batch.column(1))?;
        let weights = batch.columns().get(2).map(doubles).transpose()?;
        for row in 0..batch.num_rows() {
            let weight = rows::weight(weights.as_ref(), row)?;
            let class = rows::number(&labels, row)? as usize;
            let Some(vector) = vectors.get(row).filter(|vector| class < vector.size()) else {
                return Err(error::requirement("probability of the label is not provided."));
            };
            let loss = match vector.get(class) {
                p if p < eps => -eps.ln(),
                p if p > 1.0 - eps => -(-eps).ln_1p(),
                p => -p.ln(),
            };
            sum += weight * loss;
            total += weight;
        }
        Ok(())
    })?;
    Ok(sum / total)
}
