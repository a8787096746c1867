//! Summaries of clusterings (`ClusteringSummary` and its kin).

use crate::data::DataSource;
use crate::error;
use crate::model::Summary;
use crate::param::Params;
use crate::value::Value;
use arrow::array::AsArray;
use arrow::datatypes::Int32Type;
use firesteel_common::{Frame, Result, TableHost};
use std::sync::{Arc, OnceLock};

/// What the fit knows beside the predictions.
#[derive(Debug, Clone, Copy)]
pub(super) enum Quality {
    /// The sum of the distances to the closest centres.
    TrainingCost(f64),
    LogLikelihood(f64),
}

/// The summary of a training.
pub(super) struct ClusteringSummary {
    pub class: &'static str,
    pub prediction_col: String,
    pub features_col: String,
    /// Of models that give probabilities.
    pub probability_col: Option<String>,
    pub k: usize,
    pub n_iterations: usize,
    pub quality: Quality,
    pub predictions: Arc<dyn DataSource>,
    sizes: OnceLock<Vec<i64>>,
}

impl ClusteringSummary {
    /// # Errors
    /// The model has no column of predictions.
    pub(super) fn new(
        class: &'static str,
        params: &Params,
        predictions: Arc<dyn DataSource>,
        (k, n_iterations): (usize, usize),
        quality: Quality,
    ) -> Result<Self> {
        Ok(Self {
            class,
            prediction_col: params.string("predictionCol")?.to_owned(),
            features_col: params.string("featuresCol")?.to_owned(),
            probability_col: params.column("probabilityCol").map(str::to_owned),
            k,
            n_iterations,
            quality,
            predictions,
            sizes: OnceLock::new(),
        })
    }

    /// Rows in each cluster.
    fn sizes(&self) -> Result<&[i64]> {
        if let Some(sizes) = self.sizes.get() {
            return Ok(sizes);
        }
        let data = self.predictions.dataset()?;
        let column = data.frame.column(&self.prediction_col)?.expr();
        let mut sizes = vec![0; self.k];
        data.scan(vec![column], |batch| {
            for cluster in batch.column(0).as_primitive::<Int32Type>().iter().flatten() {
                if let Some(size) = usize::try_from(cluster).ok().and_then(|at| sizes.get_mut(at)) {
                    *size += 1;
                }
            }
            Ok(())
        })?;
        Ok(self.sizes.get_or_init(|| sizes))
    }
}

impl Summary for ClusteringSummary {
    fn class(&self) -> &str {
        self.class
    }

    fn fetch(&self, name: &str, _: &[Value]) -> Result<Value> {
        Ok(match (name, self.quality) {
            ("predictionCol", _) => Value::String(self.prediction_col.clone()),
            ("featuresCol", _) => Value::String(self.features_col.clone()),
            ("k", _) => Value::Int(self.k as i32),
            ("numIter", _) => Value::Int(self.n_iterations as i32),
            ("clusterSizes", _) => Value::Longs(self.sizes()?.to_vec()),
            ("trainingCost", Quality::TrainingCost(cost)) => Value::Double(cost),
            ("logLikelihood", Quality::LogLikelihood(value)) => Value::Double(value),
            ("probabilityCol", _) => match &self.probability_col {
                Some(name) => Value::String(name.clone()),
                None => return Err(error::attribute_not_allowed(self.class, name)),
            },
            _ => return Err(error::attribute_not_allowed(self.class, name)),
        })
    }

    fn table(
        &self,
        name: &str,
        _: &[Value],
        predictions: Frame,
        _: &mut dyn TableHost,
    ) -> Result<Frame> {
        let column = match (name, &self.probability_col) {
            ("predictions", _) => return Ok(predictions),
            ("cluster", _) => &self.prediction_col,
            ("probability", Some(column)) => column,
            _ => return Err(error::attribute_not_allowed(self.class, name)),
        };
        let column = predictions.column(column)?;
        let chosen = vec![(column.expr(), column.field.clone())];
        predictions.select(chosen)
    }
}
