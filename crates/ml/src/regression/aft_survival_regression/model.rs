//! `AFTSurvivalRegressionModel`.

use crate::attribute::{Attribute, AttributeGroup};
use crate::columns;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Vector, VectorColumnBuilder, vector_type};
use crate::model::{Answer, Argument, Model, vector_argument};
use crate::param::Params;
use crate::regression::linear::{Linear, margins, wrong_size};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{ArrayRef, Float64Array};
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Times of features: `exp(a · x + c)`.
pub(crate) static PREDICT: FunctionKind<Linear> =
    FunctionKind::new("aft.predict", |linear: &Linear, columns, n_rows| {
        let times = margins(linear, &columns[0], n_rows)?.into_iter().map(f64::exp);
        Ok(Arc::new(Float64Array::from_iter_values(times)) as ArrayRef)
    })
    .in_spark("AFTSurvivalRegressionModel");

/// What quantiles are made of.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Quantiles {
    linear: Linear,
    /// A quantile is the predicted time times its factor.
    factors: Vec<f64>,
}

pub(crate) static QUANTILES: FunctionKind<Quantiles> =
    FunctionKind::new("aft.quantiles", |quantiles: &Quantiles, columns, n_rows| {
        let n = quantiles.factors.len();
        let mut out = VectorColumnBuilder::with_capacity(n_rows, n * n_rows);
        for margin in margins(&quantiles.linear, &columns[0], n_rows)? {
            let time = margin.exp();
            let row: Vec<f64> = quantiles.factors.iter().map(|factor| time * factor).collect();
            out.push_dense(&row);
        }
        out.finish()
    })
    .in_spark("AFTSurvivalRegressionModel");

#[derive(Debug)]
pub(super) struct AftModel {
    linear: Arc<Shared<Linear>>,
    scale: f64,
}

impl AftModel {
    pub(super) fn new(coefficients: Vec<f64>, intercept: f64, scale: f64) -> Self {
        Self { linear: Shared::new(Linear { coefficients, intercept }), scale }
    }

    fn n_features(&self) -> usize {
        self.linear.coefficients.len()
    }

    fn factors(&self, params: &Params) -> Result<Vec<f64>> {
        let factor = |p: &f64| ((-(-p).ln_1p()).ln() * self.scale).exp();
        Ok(params.doubles("quantileProbabilities")?.iter().map(factor).collect())
    }

    fn predict(&self, args: &[Argument]) -> Result<f64> {
        let vector = vector_argument(args, 0)?;
        if vector.size() != self.n_features() {
            return Err(wrong_size(self.n_features(), vector.size()));
        }
        Ok((vector.view().dot(&self.linear.coefficients) + self.linear.intercept).exp())
    }
}

pub(super) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    Ok(Arc::new(AftModel::new(
        data.vector("coefficients")?.to_dense(),
        data.double("intercept")?,
        data.double("scale")?,
    )))
}

impl Model for AftModel {
    fn size_bytes(&self) -> u64 {
        8 * self.n_features() as u64 + 64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let features = columns::vector(&input, params.string("featuresCol")?)?;
        let mut added = Vec::new();
        if let Some(name) = params.column("predictionCol") {
            let field = columns::new_field(&input, name, SparkType::Double, false)?;
            let expr =
                PREDICT.call(&self.linear, &SparkType::Double, false, vec![features.clone()]);
            added.push((expr, Attribute::numeric(None).put_on(field)));
        }
        if let Some(name) = params.column("quantilesCol") {
            let field = columns::new_field(&input, name, vector_type(), true)?;
            let factors = self.factors(params)?;
            let field = AttributeGroup::of_size(factors.len()).put_on(field);
            let quantiles = Shared::new(Quantiles {
                linear: Linear {
                    coefficients: self.linear.coefficients.clone(),
                    intercept: self.linear.intercept,
                },
                factors,
            });
            let expr = QUANTILES.call(&quantiles, &vector_type(), true, vec![features]);
            added.push((expr, field));
        }
        input.with_columns(added)
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        Ok(match name {
            "coefficients" => Value::Vector(Vector::Dense(self.linear.coefficients.clone())),
            "intercept" => Value::Double(self.linear.intercept),
            "numFeatures" => Value::Int(self.n_features() as i32),
            "scale" => Value::Double(self.scale),
            "predict" => Value::Double(self.predict(args)?),
            "predictQuantiles" => {
                let time = self.predict(args)?;
                let factors = self.factors(params)?.into_iter();
                Value::Vector(Vector::Dense(factors.map(|factor| time * factor).collect()))
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        }
        .into())
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let coefficients = Vector::Dense(self.linear.coefficients.clone());
        let double = |value: f64| Arc::new(Float64Array::from(vec![value])) as ArrayRef;
        let columns = vec![
            ("coefficients", vector_type(), Vector::column([&coefficients])?),
            ("intercept", SparkType::Double, double(self.linear.intercept)),
            ("scale", SparkType::Double, double(self.scale)),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "AFTSurvivalRegressionModel: uid={}, numFeatures={}",
            params.uid(),
            self.n_features()
        )
    }
}
