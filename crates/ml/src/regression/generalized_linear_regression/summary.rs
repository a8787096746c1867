//! `GeneralizedLinearRegressionSummary` and `GeneralizedLinearRegressionTrainingSummary`.

use super::family::{Assumption, Family, Predicted};
use super::fit::{Problem, Weighted};
use super::link::Link;
use super::model::GlmModel;
use super::text;
use crate::data::{DataSource, doubles};
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::model::Summary;
use crate::optimize::Stop;
use crate::param::Params;
use crate::stat::distribution::{normal_below, student_t_two_sided};
use crate::value::Value;
use arrow::array::{ArrayRef, Float64Array};
use datafusion_expr::lit;
use firesteel_common::error::ErrorKind;
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, TableHost};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What only the training knows.
#[derive(Debug, Clone)]
pub(super) struct Training {
    pub n_iterations: usize,
    /// Diagonal of `(AᵀWA)⁻¹`, intercept last; `[0]`: not known.
    pub diag_inv_at_wa: Vec<f64>,
}

pub(super) struct GlmSummary {
    params: Params,
    model: Arc<GlmModel>,
    predictions: Arc<dyn DataSource>,
    training: Option<Training>,
    /// Computed when it is first asked for.
    computed: Mutex<Option<Computed>>,
}

/// What all numbers are made of.
#[derive(Debug, Clone)]
struct Computed {
    rows: Arc<Vec<Predicted>>,
    deviance: f64,
    null_deviance: f64,
    /// Sum of squares of Pearson's residuals.
    pearson: f64,
}

/// A kind of residual.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) enum Kind {
    Deviance,
    Pearson,
    Working,
    Response,
}

/// Which residuals a column has.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Residuals {
    assumption: Assumption,
    kind: Kind,
}

/// Residuals of labels, means and weights.
pub(crate) static RESIDUALS: FunctionKind<Residuals> =
    FunctionKind::new("generalized_linear.residuals", |residuals, columns, n_rows| {
        let (labels, means, weights) =
            (doubles(&columns[0])?, doubles(&columns[1])?, doubles(&columns[2])?);
        let of = |row: usize| {
            let (label, mean, weight) = (labels.value(row), means.value(row), weights.value(row));
            residuals.of(Predicted { label, mean, weight })
        };
        Ok(Arc::new(Float64Array::from_iter_values((0..n_rows).map(of))) as ArrayRef)
    });

impl Residuals {
    fn of(&self, row: Predicted) -> f64 {
        let Assumption { family, link } = self.assumption;
        let difference = row.label - row.mean;
        match self.kind {
            Kind::Deviance => {
                let size = family.deviance(row).max(0.0).sqrt();
                if difference > 0.0 { size } else { -size }
            }
            Kind::Pearson => difference * row.weight.sqrt() / family.variance(row.mean).sqrt(),
            Kind::Working => difference * link.derivative(row.mean),
            Kind::Response => difference,
        }
    }
}

impl GlmSummary {
    pub(super) fn new(
        params: &Params,
        model: Arc<GlmModel>,
        predictions: Arc<dyn DataSource>,
        training: Option<Training>,
    ) -> Self {
        let params = params.clone();
        Self { params, model, predictions, training, computed: Mutex::new(None) }
    }

    fn computed(&self) -> Result<Computed> {
        if let Some(computed) = self.computed.lock().as_ref() {
            return Ok(computed.clone());
        }
        let data = self.predictions.dataset()?;
        let mut exprs = vec![
            data.double_expr(self.params.string("labelCol")?)?,
            data.double_expr(self.params.string("predictionCol")?)?,
        ];
        for column in ["weightCol", "offsetCol"] {
            exprs.push(match self.params.column(column) {
                Some(name) => data.double_expr(name)?,
                None => lit(1.0_f64),
            });
        }
        let has_offset = self.params.column("offsetCol").is_some();
        let (mut rows, mut weighted) = (Vec::new(), Vec::new());
        data.scan(exprs, |batch| {
            let columns = batch.columns().iter().map(doubles).collect::<Result<Vec<_>>>()?;
            for row in 0..batch.num_rows() {
                let value = |column: usize| columns[column].value(row);
                let (label, mean, weight) = (value(0), value(1), value(2));
                rows.push(Predicted { label, mean, weight });
                let offset = if has_offset { value(3) } else { 0.0 };
                weighted.push(Weighted { label, weight, offset });
            }
            Ok(())
        })?;
        let assumption = self.model.assumption();
        let family = assumption.family;
        let intercept = self.null_intercept(&weighted, data.job.as_ref())?;
        let null = |row: &Weighted| {
            let mean = assumption.fitted(intercept + row.offset);
            family.deviance(Predicted { label: row.label, mean, weight: row.weight })
        };
        let residual = Residuals { assumption, kind: Kind::Pearson };
        let computed = Computed {
            deviance: rows.iter().map(|row| family.deviance(*row)).sum(),
            null_deviance: weighted.iter().map(null).sum(),
            pearson: rows.iter().map(|row| residual.of(*row).powi(2)).sum(),
            rows: Arc::new(rows),
        };
        *self.computed.lock() = Some(computed.clone());
        Ok(computed)
    }

    /// The intercept of a model without features.
    fn null_intercept(&self, rows: &[Weighted], job: &dyn crate::Job) -> Result<f64> {
        if !self.params.bool("fitIntercept")? {
            return Ok(0.0);
        }
        let assumption = self.model.assumption();
        let has_offset = self.params.column("offsetCol").is_some();
        let is_plain = assumption.family == Family::Gaussian && assumption.link == Link::Identity;
        if !has_offset || is_plain {
            let (sum, weight) = rows.iter().fold((0.0, 0.0), |(sum, weight), row| {
                (sum + row.weight * (row.label - row.offset), weight + row.weight)
            });
            return Ok(assumption.link.link(sum / weight));
        }
        let problem = Problem {
            assumption,
            fit_intercept: true,
            reg_param: self.params.double("regParam")?,
            stop: Stop {
                iterations_max: self.params.count("maxIter")?,
                tolerance: self.params.double("tol")?,
            },
        };
        problem.intercept_alone(rows, job)
    }

    fn rank(&self) -> usize {
        let intercept = self.params.bool("fitIntercept").unwrap_or(true);
        self.model.coefficients().len() + usize::from(intercept)
    }

    fn degrees_of_freedom(&self) -> Result<i64> {
        Ok(self.computed()?.rows.len() as i64 - self.rank() as i64)
    }

    /// Whether the variance is known once the mean is. The family as it was named decides: a Tweedie family of power 1
    /// has no known dispersion in Spark.
    fn has_known_dispersion(&self) -> Result<bool> {
        let family = self.params.string("family")?.to_lowercase();
        Ok(family == "binomial" || family == "poisson")
    }

    fn dispersion(&self) -> Result<f64> {
        if self.has_known_dispersion()? {
            return Ok(1.0);
        }
        Ok(self.computed()?.pearson / self.degrees_of_freedom()? as f64)
    }

    fn aic(&self) -> Result<f64> {
        let computed = self.computed()?;
        let own = self.model.assumption().family.aic(&computed.rows, computed.deviance)?;
        Ok(own + 2.0 * self.rank() as f64)
    }

    fn training(&self, name: &str) -> Result<&Training> {
        self.training.as_ref().ok_or_else(|| error::attribute_not_allowed(self.class(), name))
    }

    fn has_errors(&self) -> bool {
        self.training.as_ref().is_some_and(|own| own.diag_inv_at_wa != [0.0])
    }

    /// Standard errors, of the intercept last.
    fn standard_errors(&self, what: &str) -> Result<Vec<f64>> {
        let training = self.training(what)?;
        if !self.has_errors() {
            return Err(SparkError::new(
                ErrorKind::Unsupported,
                "",
                format!("No {what} available for this GeneralizedLinearRegressionModel"),
            ));
        }
        let dispersion = self.dispersion()?;
        Ok(training.diag_inv_at_wa.iter().map(|d| (d * dispersion).sqrt()).collect())
    }

    fn estimates(&self) -> Vec<f64> {
        let mut estimates = self.model.coefficients().to_vec();
        if self.rank() > estimates.len() {
            estimates.push(self.model.intercept());
        }
        estimates
    }

    fn t_values(&self, what: &str) -> Result<Vec<f64>> {
        let errors = self.standard_errors(what)?;
        Ok(self.estimates().iter().zip(&errors).map(|(value, error)| value / error).collect())
    }

    fn p_values(&self) -> Result<Vec<f64>> {
        let values = self.t_values("p-value")?;
        if self.has_known_dispersion()? {
            return Ok(values.iter().map(|t| 2.0 * normal_below(-t.abs(), 0.0, 1.0)).collect());
        }
        let degrees = self.degrees_of_freedom()? as f64;
        Ok(values.iter().map(|t| student_t_two_sided(*t, degrees)).collect())
    }

    fn text(&self) -> Result<String> {
        let computed = self.computed()?;
        let data = self.predictions.dataset()?;
        let features = data.field(self.params.string("featuresCol")?)?;
        let names = text::feature_names(features, self.model.coefficients().len());
        let statistics = match self.has_errors() {
            true => Some((
                self.standard_errors("Std. Error of coefficients")?,
                self.t_values("t-statistic")?,
                self.p_values()?,
            )),
            false => None,
        };
        let family = self.model.assumption().family;
        Ok(text::show(&text::Shown {
            names,
            estimates: self.estimates(),
            statistics,
            family: match family {
                Family::Gaussian => "gaussian",
                Family::Binomial => "binomial",
                Family::Poisson => "poisson",
                Family::Gamma => "gamma",
                Family::Tweedie(_) => "tweedie",
            },
            dispersion: self.dispersion()?,
            null_deviance: computed.null_deviance,
            deviance: computed.deviance,
            degrees_of_freedom: self.degrees_of_freedom()?,
            aic: match family {
                Family::Tweedie(_) => None,
                _ => Some(self.aic()?),
            },
        }))
    }
}

impl Summary for GlmSummary {
    fn class(&self) -> &str {
        match self.training {
            Some(_) => "org.apache.spark.ml.regression.GeneralizedLinearRegressionTrainingSummary",
            None => "org.apache.spark.ml.regression.GeneralizedLinearRegressionSummary",
        }
    }

    fn fetch(&self, name: &str, _: &[Value]) -> Result<Value> {
        Ok(match name {
            "predictionCol" => Value::String(self.params.string(name)?.to_owned()),
            "numInstances" => Value::Long(self.computed()?.rows.len() as i64),
            "rank" => Value::Long(self.rank() as i64),
            "degreesOfFreedom" | "residualDegreeOfFreedom" => {
                Value::Long(self.degrees_of_freedom()?)
            }
            "residualDegreeOfFreedomNull" => {
                let intercept = i64::from(self.params.bool("fitIntercept")?);
                Value::Long(self.computed()?.rows.len() as i64 - intercept)
            }
            "nullDeviance" => Value::Double(self.computed()?.null_deviance),
            "deviance" => Value::Double(self.computed()?.deviance),
            "dispersion" => Value::Double(self.dispersion()?),
            "aic" => Value::Double(self.aic()?),
            "numIterations" => Value::Int(self.training(name)?.n_iterations as i32),
            "solver" => {
                self.training(name)?;
                Value::String(self.params.string("solver")?.to_owned())
            }
            "coefficientStandardErrors" => {
                self.training(name)?;
                Value::Doubles(self.standard_errors("Std. Error of coefficients")?)
            }
            "tValues" => {
                self.training(name)?;
                Value::Doubles(self.t_values("t-statistic")?)
            }
            "pValues" => {
                self.training(name)?;
                Value::Doubles(self.p_values()?)
            }
            "toString" => {
                self.training(name)?;
                Value::String(self.text()?)
            }
            _ => return Err(error::attribute_not_allowed(self.class(), name)),
        })
    }

    fn table(
        &self,
        name: &str,
        args: &[Value],
        predictions: Frame,
        _: &mut dyn TableHost,
    ) -> Result<Frame> {
        if name == "predictions" {
            return Ok(predictions);
        }
        if name != "residuals" {
            return Err(error::attribute_not_allowed(self.class(), name));
        }
        let (kind, column) = match args.first().and_then(Value::as_str).unwrap_or("deviance") {
            "deviance" => (Kind::Deviance, "devianceResiduals"),
            "pearson" => (Kind::Pearson, "pearsonResiduals"),
            "working" => (Kind::Working, "workingResiduals"),
            "response" => (Kind::Response, "responseResiduals"),
            other => {
                return Err(SparkError::new(
                    ErrorKind::Unsupported,
                    "",
                    format!(
                        "The residuals type {other} is not supported by Generalized Linear Regression."
                    ),
                ));
            }
        };
        let double = |param| crate::columns::double(&predictions, self.params.string(param)?);
        let weight = match self.params.column("weightCol") {
            Some(_) => double("weightCol")?,
            None => lit(1.0_f64),
        };
        let args = vec![double("labelCol")?, double("predictionCol")?, weight];
        let residuals = Shared::new(Residuals { assumption: self.model.assumption(), kind });
        let expr = RESIDUALS.call(&residuals, &SparkType::Double, true, args);
        let field = StructField::new(column, SparkType::Double, true);
        predictions.select(vec![(expr, field)])
    }
}
