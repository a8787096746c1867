//! Summaries by the name of a model: `BinaryFMClassificationTrainingSummaryImpl` and its kin.

use super::summary::ClassificationSummary;
use crate::data::DataSource;
use crate::param::Params;
use std::sync::Arc;

/// Which summary a model has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SummaryOf {
    /// Spark's word for the model: `FMClassification`.
    pub name: &'static str,
    /// Whether there are binary metrics.
    pub is_binary: bool,
    /// Whether Spark's name of the class says so: it has one summary only where all are binary.
    pub says_binary: bool,
    /// Parameter that names the column of scores.
    pub score: &'static str,
}

impl SummaryOf {
    /// A summary over predictions; of a training if there is a history of its objective.
    pub(crate) fn make(
        self,
        params: &Params,
        predictions: Arc<dyn DataSource>,
        history: Option<Vec<f64>>,
    ) -> ClassificationSummary {
        let binary = if self.says_binary && self.is_binary { "Binary" } else { "" };
        let training = if history.is_some() { "Training" } else { "" };
        let class = format!(
            "org.apache.spark.ml.classification.{binary}{}{training}SummaryImpl",
            self.name
        );
        let score = params.column(self.score).filter(|_| self.is_binary).map(str::to_owned);
        ClassificationSummary::new(&class, params, predictions, score, history)
    }
}
