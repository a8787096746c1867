//! Weighted metrics of regression: `RegressionMetrics`.

use super::rows;
use crate::data::Dataset;
use crate::data::doubles;
use firesteel_common::Result;

/// Sums over predictions and labels.
#[derive(Debug, Clone, Default)]
pub(crate) struct RegressionMetrics {
    through_origin: bool,
    pub n_rows: u64,
    pub weight: f64,
    weight_square: f64,
    label_sum: f64,
    label_m2: f64,
    label_mean: f64,
    square_label: f64,
    square_prediction: f64,
    prediction_sum: f64,
    residual_mean: f64,
    residual_m2: f64,
    square_error: f64,
    absolute_error: f64,
    label_prediction: f64,
}

impl RegressionMetrics {
    /// `through_origin`: R² against zero, not against the mean.
    pub(crate) fn new(through_origin: bool) -> Self {
        Self { through_origin, ..Self::default() }
    }

    pub(crate) fn add(&mut self, prediction: f64, label: f64, weight: f64) {
        if weight == 0.0 {
            return;
        }
        let residual = label - prediction;
        self.n_rows += 1;
        let before = self.weight;
        self.weight += weight;
        self.weight_square += weight * weight;
        self.label_sum += weight * label;
        self.prediction_sum += weight * prediction;
        self.square_label += weight * label * label;
        self.square_prediction += weight * prediction * prediction;
        self.label_prediction += weight * label * prediction;
        self.square_error += weight * residual * residual;
        self.absolute_error += weight * residual.abs();
        let moved = |mean: &mut f64, m2: &mut f64, value: f64| {
            let difference = value - *mean;
            *mean += difference * weight / (before + weight);
            *m2 += weight * difference * (value - *mean);
        };
        moved(&mut self.label_mean, &mut self.label_m2, label);
        moved(&mut self.residual_mean, &mut self.residual_m2, residual);
    }

    /// Reads prediction, label and weight columns.
    ///
    /// # Errors
    /// Spark's: a column is missing or of no numbers.
    pub(crate) fn of(
        data: &Dataset,
        prediction: &str,
        label: &str,
        weight: Option<&str>,
        through_origin: bool,
    ) -> Result<Self> {
        let mut metrics = Self::new(through_origin);
        let mut exprs = vec![data.double_expr(prediction)?, data.double_expr(label)?];
        if let Some(weight) = weight {
            exprs.push(data.cast_expr(weight)?);
        }
        data.scan(exprs, |batch| {
            let (predictions, labels) = (doubles(batch.column(0))?, doubles(batch.column(1))?);
            let weights = batch.columns().get(2).map(doubles).transpose()?;
            for row in 0..batch.num_rows() {
                let weight = rows::weight(weights.as_ref(), row)?;
                metrics.add(rows::number(&predictions, row)?, rows::number(&labels, row)?, weight);
            }
            Ok(())
        })?;
        Ok(metrics)
    }

    /// What the label deviates from its mean, as Spark sums it up: its unbiased variance by the weight less one.
    fn ss_total(&self) -> f64 {
        let denominator = self.weight - self.weight_square / self.weight;
        let variance = if denominator > 0.0 { self.label_m2 / denominator } else { 0.0 };
        variance * (self.weight - 1.0)
    }

    pub(crate) fn explained_variance(&self) -> f64 {
        // Predictions around the mean of labels.
        let mean = self.label_sum / self.weight;
        let square =
            self.square_prediction - 2.0 * mean * self.prediction_sum + self.weight * mean * mean;
        square / self.weight
    }

    pub(crate) fn mean_absolute_error(&self) -> f64 {
        self.absolute_error / self.weight
    }

    pub(crate) fn mean_squared_error(&self) -> f64 {
        self.square_error / self.weight
    }

    pub(crate) fn root_mean_squared_error(&self) -> f64 {
        self.mean_squared_error().sqrt()
    }

    pub(crate) fn r2(&self) -> f64 {
        match self.through_origin {
            true => 1.0 - self.square_error / self.square_label,
            false => 1.0 - self.square_error / self.ss_total(),
        }
    }
}
