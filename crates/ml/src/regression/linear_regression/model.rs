//! `LinearRegressionModel`.

use super::summary::LinearRegressionSummary;
use crate::data::DataSource;
use crate::error;
use crate::function::Shared;
use crate::linalg::{Vector, vector_type};
use crate::model::{Answer, Argument, Model, Summary, vector_argument};
use crate::param::Params;
use crate::regression::linear::{LINEAR, Linear};
use crate::regression::prediction::add_prediction;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::Float64Array;
use firesteel_common::{Frame, Result, SparkType, TableHost};
use std::sync::Arc;

pub(in crate::regression) const ATTRIBUTES: &[&str] =
    &["coefficients", "evaluate", "intercept", "numFeatures", "predict", "scale"];

#[derive(Debug)]
pub(super) struct LinearRegressionModel {
    linear: Arc<Shared<Linear>>,
    /// Of Huber's loss; 1 otherwise.
    scale: f64,
}

impl LinearRegressionModel {
    pub(super) fn new(coefficients: Vec<f64>, intercept: f64, scale: f64) -> Self {
        Self { linear: Shared::new(Linear { coefficients, intercept }), scale }
    }

    pub(super) fn n_features(&self) -> usize {
        self.linear.coefficients.len()
    }

    pub(super) fn coefficients(&self) -> &[f64] {
        &self.linear.coefficients
    }

    /// Whichever form takes less space, as in Spark.
    fn coefficient_vector(&self) -> Vector {
        Vector::Dense(self.linear.coefficients.clone()).compressed()
    }

    pub(super) fn intercept(&self) -> f64 {
        self.linear.intercept
    }
}

pub(in crate::regression) fn load(
    _: &Params,
    from: &mut dyn ModelReader,
) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    // Spark before 2.3 has no scale.
    let scale = if data.has("scale") { data.double("scale")? } else { 1.0 };
    let coefficients = data.vector("coefficients")?.to_dense();
    Ok(Arc::new(LinearRegressionModel::new(coefficients, data.double("intercept")?, scale)))
}

impl Model for LinearRegressionModel {
    fn size_bytes(&self) -> u64 {
        8 * self.n_features() as u64 + 64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        add_prediction(params, input, |features| {
            LINEAR.call(&self.linear, &SparkType::Double, false, vec![features])
        })
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        Ok(match name {
            "coefficients" => Value::Vector(self.coefficient_vector()),
            "intercept" => Value::Double(self.linear.intercept),
            "numFeatures" => Value::Int(self.n_features() as i32),
            "predict" => {
                let vector = vector_argument(args, 0)?;
                if vector.size() != self.n_features() {
                    return Err(crate::regression::linear::wrong_size(
                        vector.size(),
                        self.n_features(),
                    ));
                }
                let margin = vector.view().dot(&self.linear.coefficients);
                Value::Double(margin + self.linear.intercept)
            }
            "scale" => Value::Double(self.scale),
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        }
        .into())
    }

    fn evaluate(
        &self,
        params: &Params,
        predictions: Arc<dyn DataSource>,
    ) -> Result<Arc<dyn Summary>> {
        let model = LinearRegressionModel { linear: Arc::clone(&self.linear), scale: self.scale };
        Ok(Arc::new(LinearRegressionSummary::new(params, Arc::new(model), predictions)?))
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let coefficients = self.coefficient_vector();
        let double = |value: f64| Arc::new(Float64Array::from(vec![value])) as _;
        let columns = vec![
            ("intercept", SparkType::Double, double(self.linear.intercept)),
            ("coefficients", vector_type(), Vector::column([&coefficients])?),
            ("scale", SparkType::Double, double(self.scale)),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        format!("LinearRegressionModel: uid={}, numFeatures={}", params.uid(), self.n_features())
    }
}
