//! `LinearRegressionSummary` and `LinearRegressionTrainingSummary`.

use super::model::LinearRegressionModel;
use crate::data::{DataSource, doubles};
use crate::error;
use crate::evaluation::RegressionMetrics;
use crate::model::Summary;
use crate::param::Params;
use crate::stat::distribution::student_t_two_sided;
use crate::value::Value;
use datafusion_expr::Expr;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, TableHost};
use parking_lot::Mutex;
use std::sync::Arc;

pub(super) struct LinearRegressionSummary {
    params: Params,
    model: Arc<LinearRegressionModel>,
    predictions: Arc<dyn DataSource>,
    training: Option<Vec<f64>>,
    /// `[0]`: not known.
    diag_inv_at_wa: Vec<f64>,
    /// Computed when it is first asked for.
    computed: Mutex<Option<Computed>>,
}

#[derive(Debug, Clone)]
struct Computed {
    metrics: RegressionMetrics,
    /// Least and largest deviance residual.
    deviance: (f64, f64),
}

impl LinearRegressionSummary {
    pub(super) fn new(
        params: &Params,
        model: Arc<LinearRegressionModel>,
        predictions: Arc<dyn DataSource>,
    ) -> Result<Self> {
        Ok(Self {
            params: params.clone(),
            model,
            predictions,
            training: None,
            diag_inv_at_wa: vec![0.0],
            computed: Mutex::new(None),
        })
    }

    pub(super) fn training(
        params: &Params,
        model: Arc<LinearRegressionModel>,
        predictions: Arc<dyn DataSource>,
        history: Vec<f64>,
        diag_inv_at_wa: Vec<f64>,
    ) -> Result<Self> {
        let own = Self::new(params, model, predictions)?;
        Ok(Self { training: Some(history), diag_inv_at_wa, ..own })
    }

    fn computed(&self) -> Result<Computed> {
        if let Some(computed) = self.computed.lock().as_ref() {
            return Ok(computed.clone());
        }
        let data = self.predictions.dataset()?;
        let through_origin = !self.params.bool("fitIntercept")?;
        let mut metrics = RegressionMetrics::new(through_origin);
        let mut exprs = vec![
            data.double_expr(self.params.string("predictionCol")?)?,
            data.double_expr(self.params.string("labelCol")?)?,
        ];
        if let Some(weight) = self.params.column("weightCol") {
            exprs.push(data.double_expr(weight)?);
        }
        let mut deviance = (f64::INFINITY, f64::NEG_INFINITY);
        data.scan(exprs, |batch| {
            let (predictions, labels) = (doubles(batch.column(0))?, doubles(batch.column(1))?);
            let weights = batch.columns().get(2).map(doubles).transpose()?;
            for row in 0..batch.num_rows() {
                let weight = weights.as_ref().map_or(1.0, |weights| weights.value(row));
                let (prediction, label) = (predictions.value(row), labels.value(row));
                metrics.add(prediction, label, weight);
                let residual = (label - prediction) * weight.sqrt();
                deviance = (deviance.0.min(residual), deviance.1.max(residual));
            }
            Ok(())
        })?;
        let computed = Computed { metrics, deviance };
        *self.computed.lock() = Some(computed.clone());
        Ok(computed)
    }

    fn degrees_of_freedom(&self, n_rows: u64) -> i64 {
        let n = n_rows as i64 - self.model.n_features() as i64;
        if self.params.bool("fitIntercept").unwrap_or(true) { n - 1 } else { n }
    }

    /// Standard errors, of the intercept last.
    fn standard_errors(&self, what: &str) -> Result<Vec<f64>> {
        if self.diag_inv_at_wa == [0.0] {
            return Err(SparkError::new(
                ErrorKind::Unsupported,
                "",
                format!("No {what} available for this LinearRegressionModel"),
            ));
        }
        let metrics = self.computed()?.metrics;
        let rss = metrics.mean_squared_error() * metrics.weight;
        let sigma2 = rss / self.degrees_of_freedom(metrics.n_rows) as f64;
        Ok(self.diag_inv_at_wa.iter().map(|d| (sigma2 * d).sqrt()).collect())
    }

    fn t_values(&self, what: &str) -> Result<Vec<f64>> {
        let errors = self.standard_errors(what)?;
        let mut estimates = self.model.coefficients().to_vec();
        if self.params.bool("fitIntercept")? {
            estimates.push(self.model.intercept());
        }
        Ok(estimates.iter().zip(&errors).map(|(estimate, error)| estimate / error).collect())
    }
}

impl Summary for LinearRegressionSummary {
    fn class(&self) -> &str {
        match self.training {
            Some(_) => "org.apache.spark.ml.regression.LinearRegressionTrainingSummary",
            None => "org.apache.spark.ml.regression.LinearRegressionSummary",
        }
    }

    fn fetch(&self, name: &str, _: &[Value]) -> Result<Value> {
        let metrics = || Ok::<_, SparkError>(self.computed()?.metrics);
        let text =
            |name: &str| Ok::<_, SparkError>(Value::String(self.params.string(name)?.to_owned()));
        Ok(match name {
            "predictionCol" | "labelCol" | "featuresCol" => text(name)?,
            "explainedVariance" => Value::Double(metrics()?.explained_variance()),
            "meanAbsoluteError" => Value::Double(metrics()?.mean_absolute_error()),
            "meanSquaredError" => Value::Double(metrics()?.mean_squared_error()),
            "rootMeanSquaredError" => Value::Double(metrics()?.root_mean_squared_error()),
            "r2" => Value::Double(metrics()?.r2()),
            "r2adj" => {
                let metrics = metrics()?;
                let intercept = f64::from(u8::from(self.params.bool("fitIntercept")?));
                let degrees = self.degrees_of_freedom(metrics.n_rows) as f64;
                let n = metrics.n_rows as f64;
                Value::Double(1.0 - (1.0 - metrics.r2()) * (n - intercept) / degrees)
            }
            "numInstances" => Value::Long(metrics()?.n_rows as i64),
            "degreesOfFreedom" => Value::Long(self.degrees_of_freedom(metrics()?.n_rows)),
            "devianceResiduals" => {
                let (least, most) = self.computed()?.deviance;
                Value::Doubles(vec![least, most])
            }
            "coefficientStandardErrors" => {
                Value::Doubles(self.standard_errors("Std. Error of coefficients")?)
            }
            "tValues" => Value::Doubles(self.t_values("t-statistic")?),
            "pValues" => {
                let values = self.t_values("p-value")?;
                let degrees = self.degrees_of_freedom(metrics()?.n_rows) as f64;
                Value::Doubles(values.iter().map(|t| student_t_two_sided(*t, degrees)).collect())
            }
            "objectiveHistory" | "totalIterations" => match (&self.training, name) {
                (Some(history), "objectiveHistory") => Value::Doubles(history.clone()),
                (Some(history), _) => Value::Int(history.len() as i32 - 1),
                (None, _) => return Err(error::attribute_not_allowed(self.class(), name)),
            },
            _ => return Err(error::attribute_not_allowed(self.class(), name)),
        })
    }

    fn table(
        &self,
        name: &str,
        _: &[Value],
        predictions: Frame,
        _: &mut dyn TableHost,
    ) -> Result<Frame> {
        match name {
            "predictions" => Ok(predictions),
            "residuals" => {
                let label = crate::columns::double(&predictions, self.params.string("labelCol")?)?;
                let prediction =
                    crate::columns::double(&predictions, self.params.string("predictionCol")?)?;
                let residual: Expr = label - prediction;
                let field = StructField::new("residuals", SparkType::Double, true);
                predictions.select(vec![(residual, field)])
            }
            _ => Err(error::attribute_not_allowed(self.class(), name)),
        }
    }
}
