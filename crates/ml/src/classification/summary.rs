//! Summaries of classifiers: `ClassificationSummary`, `BinaryClassificationSummary`, `TrainingSummary`.

use crate::data::DataSource;
use crate::error;
use crate::evaluation::{BinaryMetrics, MulticlassMetrics};
use crate::model::Summary;
use crate::param::Params;
use crate::value::Value;
use arrow::array::{ArrayRef, Float64Array, RecordBatch};
use firesteel_common::types::schema_to_arrow;
use firesteel_common::{Frame, Result, SparkType, StructField, StructType, TableHost};
use parking_lot::Mutex;
use std::sync::Arc;

/// What a summary of a classifier is made of.
pub(crate) struct ClassificationSummary {
    class: String,
    params: Params,
    predictions: Arc<dyn DataSource>,
    /// Column of scores of a binary classifier: probabilities or raw predictions.
    score: Option<String>,
    /// Objective at each step of the training.
    history: Option<Vec<f64>>,
    metrics: Mutex<Option<Arc<MulticlassMetrics>>>,
    binary: Mutex<Option<Arc<BinaryMetrics>>>,
}

impl ClassificationSummary {
    /// `class` is Spark's name of the summary; `score` is set for a binary one; `history` for that of a training.
    pub(crate) fn new(
        class: &str,
        params: &Params,
        predictions: Arc<dyn DataSource>,
        score: Option<String>,
        history: Option<Vec<f64>>,
    ) -> Self {
        Self {
            class: class.to_owned(),
            params: params.clone(),
            predictions,
            score,
            history,
            metrics: Mutex::new(None),
            binary: Mutex::new(None),
        }
    }

    fn metrics(&self) -> Result<Arc<MulticlassMetrics>> {
        if let Some(metrics) = self.metrics.lock().as_ref() {
            return Ok(Arc::clone(metrics));
        }
        let data = self.predictions.dataset()?;
        let metrics = Arc::new(MulticlassMetrics::of(
            &data,
            self.params.string("predictionCol")?,
            self.params.string("labelCol")?,
            self.params.column("weightCol"),
        )?);
        *self.metrics.lock() = Some(Arc::clone(&metrics));
        Ok(metrics)
    }

    fn binary(&self, name: &str) -> Result<Arc<BinaryMetrics>> {
        let Some(score) = &self.score else {
            return Err(error::attribute_not_allowed(&self.class, name));
        };
        if let Some(metrics) = self.binary.lock().as_ref() {
            return Ok(Arc::clone(metrics));
        }
        let data = self.predictions.dataset()?;
        let label = self.params.string("labelCol")?;
        let metrics =
            BinaryMetrics::of(&data, score, label, self.params.column("weightCol"), 1000)?;
        let metrics = Arc::new(metrics);
        *self.binary.lock() = Some(Arc::clone(&metrics));
        Ok(metrics)
    }
}

impl Summary for ClassificationSummary {
    fn class(&self) -> &str {
        &self.class
    }

    fn fetch(&self, name: &str, args: &[Value]) -> Result<Value> {
        let beta = || args.first().and_then(Value::as_f64).unwrap_or(1.0);
        let text = |name: &str| Ok(Value::String(self.params.string(name)?.to_owned()));
        match name {
            "predictionCol" | "labelCol" => return text(name),
            "featuresCol" | "probabilityCol" | "rawPredictionCol"
                if self.params.get(name).is_some() =>
            {
                return text(name);
            }
            // Spark names the parameter where there is no column.
            "weightCol" => {
                let column = self.params.column("weightCol").unwrap_or("weightCol");
                return Ok(Value::String(column.to_owned()));
            }
            "scoreCol" => {
                return match &self.score {
                    Some(score) => Ok(Value::String(score.clone())),
                    None => Err(error::attribute_not_allowed(&self.class, name)),
                };
            }
            "objectiveHistory" | "totalIterations" => {
                return match (&self.history, name) {
                    (Some(history), "objectiveHistory") => Ok(Value::Doubles(history.clone())),
                    (Some(history), _) => Ok(Value::Int(history.len() as i32 - 1)),
                    (None, _) => Err(error::attribute_not_allowed(&self.class, name)),
                };
            }
            "areaUnderROC" => return Ok(Value::Double(self.binary(name)?.area_under_roc())),
            _ => {}
        }
        let m = self.metrics()?;
        Ok(match name {
            "labels" => Value::Doubles(m.labels()),
            "accuracy" => Value::Double(m.accuracy()),
            "truePositiveRateByLabel" | "recallByLabel" => {
                Value::Doubles(m.by_label(|label| m.true_positive_rate(label))?)
            }
            "falsePositiveRateByLabel" => {
                Value::Doubles(m.by_label(|label| m.false_positive_rate(label))?)
            }
            "precisionByLabel" => Value::Doubles(m.by_label(|label| m.precision(label))?),
            "fMeasureByLabel" => Value::Doubles(m.by_label(|label| m.f_measure(label, beta()))?),
            "weightedTruePositiveRate" | "weightedRecall" => {
                Value::Double(m.weighted(|label| m.true_positive_rate(label))?)
            }
            "weightedFalsePositiveRate" => {
                Value::Double(m.weighted(|label| m.false_positive_rate(label))?)
            }
            "weightedPrecision" => Value::Double(m.weighted(|label| m.precision(label))?),
            "weightedFMeasure" => Value::Double(m.weighted(|label| m.f_measure(label, beta()))?),
            _ => return Err(error::attribute_not_allowed(&self.class, name)),
        })
    }

    fn table(
        &self,
        name: &str,
        _: &[Value],
        predictions: Frame,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        let (x, y) = match name {
            "predictions" => return Ok(predictions),
            "roc" => ("FPR", "TPR"),
            "pr" => ("recall", "precision"),
            "fMeasureByThreshold" => ("threshold", "F-Measure"),
            "precisionByThreshold" => ("threshold", "precision"),
            "recallByThreshold" => ("threshold", "recall"),
            _ => return Err(error::attribute_not_allowed(&self.class, name)),
        };
        let metrics = self.binary(name)?;
        let points = match name {
            "roc" => metrics.roc(),
            "pr" => metrics.pr(),
            "fMeasureByThreshold" => metrics.f_measure_by_threshold(),
            "precisionByThreshold" => metrics.precision_by_threshold(),
            _ => metrics.recall_by_threshold(),
        };
        let schema = StructType::new(vec![
            StructField::new(x, SparkType::Double, false),
            StructField::new(y, SparkType::Double, false),
        ]);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Float64Array::from_iter_values(points.iter().map(|point| point.0))),
            Arc::new(Float64Array::from_iter_values(points.iter().map(|point| point.1))),
        ];
        let batch = RecordBatch::try_new(Arc::new(schema_to_arrow(&schema)), columns)?;
        host.rows(schema, &[batch])
    }
}
