//! Curves over the thresholds of a binary classifier: `BinaryClassificationMetrics`.

use super::rows as checked;
use crate::data::{Dataset, doubles};
use crate::error;
use crate::linalg::{VectorColumn, is_vector};
use arrow::array::{Array, ArrayRef, Float64Array};
use firesteel_common::{Result, SparkType};

/// Weights of positives and negatives whose score is at least the threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct AtThreshold {
    pub threshold: f64,
    pub positives: f64,
    pub negatives: f64,
}

/// All thresholds, the highest first.
#[derive(Debug, Clone)]
pub(crate) struct BinaryMetrics {
    points: Vec<AtThreshold>,
    positives: f64,
    negatives: f64,
}

impl BinaryMetrics {
    /// Reads scores (numbers, or vectors whose second entry is the score) and labels, of which those above a half
    /// are positive. `n_bins` is about how many thresholds are kept; zero: all.
    ///
    /// # Errors
    /// Spark's: a column is missing or of another type.
    pub(crate) fn of(
        data: &Dataset,
        score: &str,
        label: &str,
        weight: Option<&str>,
        n_bins: usize,
    ) -> Result<Self> {
        let column = data.frame.column(score)?;
        let kind = &column.field.data_type;
        if !is_vector(kind) && *kind != SparkType::Double {
            return Err(error::requirement(format!(
                "Column {score} must be of type equal to one of the following types: [double, {}] but was actually \
                 of type {}.",
                crate::linalg::vector_type().simple_string(),
                kind.simple_string()
            )));
        }
        let mut exprs = vec![column.expr(), data.double_expr(label)?];
        if let Some(weight) = weight {
            exprs.push(data.double_expr(weight)?);
        }
        let mut rows: Vec<(f64, f64, f64)> = Vec::new();
        data.scan(exprs, |batch| {
            let scores = scores(batch.column(0))?;
            let labels = doubles(batch.column(1))?;
            let weights = batch.columns().get(2).map(doubles).transpose()?;
            for row in 0..batch.num_rows() {
                let weight = checked::weight(weights.as_ref(), row)?;
                let score = checked::number(&scores, row)?;
                rows.push(match checked::number(&labels, row)? > 0.5 {
                    true => (score, weight, 0.0),
                    false => (score, 0.0, weight),
                });
            }
            Ok(())
        })?;
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        Ok(Self::of_sorted(&rows, n_bins))
    }

    /// From scores in descending order with weights of positives and negatives.
    fn of_sorted(rows: &[(f64, f64, f64)], n_bins: usize) -> Self {
        let mut counts: Vec<AtThreshold> = Vec::new();
        for (score, positives, negatives) in rows {
            match counts.last_mut() {
                Some(last) if last.threshold == *score => {
                    last.positives += positives;
                    last.negatives += negatives;
                }
                _ => counts.push(AtThreshold {
                    threshold: *score,
                    positives: *positives,
                    negatives: *negatives,
                }),
            }
        }
        let grouping = if n_bins == 0 { 0 } else { counts.len() / n_bins };
        if grouping >= 2 {
            counts = counts
                .chunks(grouping)
                .map(|chunk| AtThreshold {
                    threshold: chunk[chunk.len() - 1].threshold,
                    positives: chunk.iter().map(|own| own.positives).sum(),
                    negatives: chunk.iter().map(|own| own.negatives).sum(),
                })
                .collect();
        }
        let (mut positives, mut negatives) = (0.0, 0.0);
        for point in &mut counts {
            positives += point.positives;
            negatives += point.negatives;
            (point.positives, point.negatives) = (positives, negatives);
        }
        Self { points: counts, positives, negatives }
    }

    fn true_positive_rate(&self, point: &AtThreshold) -> f64 {
        if self.positives == 0.0 { 0.0 } else { point.positives / self.positives }
    }

    fn false_positive_rate(&self, point: &AtThreshold) -> f64 {
        if self.negatives == 0.0 { 0.0 } else { point.negatives / self.negatives }
    }

    fn precision_of(point: &AtThreshold) -> f64 {
        let total = point.positives + point.negatives;
        if total == 0.0 { 1.0 } else { point.positives / total }
    }

    /// False against true positive rate, from (0, 0) to (1, 1).
    pub(crate) fn roc(&self) -> Vec<(f64, f64)> {
        let points = self.points.iter();
        let points =
            points.map(|own| (self.false_positive_rate(own), self.true_positive_rate(own)));
        std::iter::once((0.0, 0.0)).chain(points).chain([(1.0, 1.0)]).collect()
    }

    /// Recall against precision.
    pub(crate) fn pr(&self) -> Vec<(f64, f64)> {
        let points = self.points.iter();
        let points: Vec<_> =
            points.map(|own| (self.true_positive_rate(own), Self::precision_of(own))).collect();
        let first = points.first().map(|(_, precision)| (0.0, *precision));
        first.into_iter().chain(points).collect()
    }

    pub(crate) fn area_under_roc(&self) -> f64 {
        area(&self.roc())
    }

    pub(crate) fn area_under_pr(&self) -> f64 {
        area(&self.pr())
    }

    pub(crate) fn precision_by_threshold(&self) -> Vec<(f64, f64)> {
        self.points.iter().map(|own| (own.threshold, Self::precision_of(own))).collect()
    }

    pub(crate) fn recall_by_threshold(&self) -> Vec<(f64, f64)> {
        self.points.iter().map(|own| (own.threshold, self.true_positive_rate(own))).collect()
    }

    pub(crate) fn f_measure_by_threshold(&self) -> Vec<(f64, f64)> {
        let measure = |own: &AtThreshold| {
            let (precision, recall) = (Self::precision_of(own), self.true_positive_rate(own));
            if precision + recall == 0.0 {
                0.0
            } else {
                2.0 * precision * recall / (precision + recall)
            }
        };
        self.points.iter().map(|own| (own.threshold, measure(own))).collect()
    }
}

/// By trapezoids.
fn area(curve: &[(f64, f64)]) -> f64 {
    curve.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[1].1 + pair[0].1) / 2.0).sum()
}

fn scores(column: &ArrayRef) -> Result<Float64Array> {
    if let Some(numbers) = column.as_any().downcast_ref::<Float64Array>() {
        return Ok(numbers.clone());
    }
    let vectors = VectorColumn::new(column)?;
    let scores = (0..vectors.len()).map(|row| match vectors.get(row) {
        Some(vector) if vector.size() > 1 => Ok(vector.get(1)),
        _ => Err(error::failed("A score needs a vector of two entries.")),
    });
    Ok(Float64Array::from(scores.collect::<Result<Vec<f64>>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_of_three_thresholds() {
        let rows = [(0.9, 1.0, 0.0), (0.5, 0.0, 1.0), (0.5, 1.0, 0.0), (0.1, 0.0, 1.0)];
        let metrics = BinaryMetrics::of_sorted(&rows, 1000);
        assert_eq!(metrics.roc(), [(0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0), (1.0, 1.0)]);
        assert_eq!(metrics.area_under_roc(), 0.875);
    }
}
