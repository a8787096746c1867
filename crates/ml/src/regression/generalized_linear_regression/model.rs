//! `GeneralizedLinearRegressionModel`.

use super::family::Assumption;
use super::summary::GlmSummary;
use crate::attribute::Attribute;
use crate::columns;
use crate::data::{DataSource, doubles};
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Vector, vector_type};
use crate::model::{Answer, Argument, Model, Summary, vector_argument};
use crate::param::Params;
use crate::regression::linear::{Linear, margins, wrong_size};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{Array, ArrayRef, Float64Array};
use datafusion_expr::lit;
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A linear function and what it predicts.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Glm {
    linear: Linear,
    assumption: Assumption,
    /// Whether the linear function itself is asked for, not the mean.
    is_link: bool,
}

/// Means, or values of the linear function, of features and offsets.
pub(crate) static PREDICT: FunctionKind<Glm> =
    FunctionKind::<Glm>::new("generalized_linear.predict", |model, columns, n_rows| {
        let mut out = margins(&model.linear, &columns[0], n_rows)?;
        if let Some(offsets) = columns.get(1) {
            let offsets = doubles(offsets)?;
            for (row, out) in out.iter_mut().enumerate() {
                *out += if offsets.is_null(row) { 0.0 } else { offsets.value(row) };
            }
        }
        if !model.is_link {
            out.iter_mut().for_each(|value| *value = model.assumption.fitted(*value));
        }
        Ok(Arc::new(Float64Array::from(out)) as ArrayRef)
    })
    .in_spark("GeneralizedLinearRegressionModel");

#[derive(Debug)]
pub(super) struct GlmModel {
    mean: Arc<Shared<Glm>>,
    link: Arc<Shared<Glm>>,
}

impl GlmModel {
    pub(super) fn new(coefficients: Vec<f64>, intercept: f64, assumption: Assumption) -> Self {
        let linear = Linear { coefficients, intercept };
        let of = |is_link| Shared::new(Glm { linear: linear.clone(), assumption, is_link });
        Self { mean: of(false), link: of(true) }
    }

    pub(super) fn coefficients(&self) -> &[f64] {
        &self.mean.linear.coefficients
    }

    pub(super) fn intercept(&self) -> f64 {
        self.mean.linear.intercept
    }

    pub(super) fn assumption(&self) -> Assumption {
        self.mean.assumption
    }
}

pub(super) fn load(params: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    Ok(Arc::new(GlmModel::new(
        data.vector("coefficients")?.to_dense(),
        data.double("intercept")?,
        Assumption::of(params)?,
    )))
}

impl Model for GlmModel {
    fn size_bytes(&self) -> u64 {
        16 * self.coefficients().len() as u64 + 128
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let features = columns::vector(&input, params.string("featuresCol")?)?;
        let offset = match params.column("offsetCol") {
            Some(name) => columns::double(&input, name)?,
            None => lit(0.0),
        };
        let mut added = Vec::new();
        let outputs = [("linkPredictionCol", &self.link), ("predictionCol", &self.mean)];
        for (param, function) in outputs {
            let Some(name) = params.column(param) else { continue };
            let field = columns::new_field(&input, name, SparkType::Double, true)?;
            let args = vec![features.clone(), offset.clone()];
            let expr = PREDICT.call(function, &SparkType::Double, true, args);
            added.push((expr, Attribute::numeric(None).put_on(field)));
        }
        input.with_columns(added)
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        Ok(match name {
            "coefficients" => Value::Vector(Vector::Dense(self.coefficients().to_vec())),
            "intercept" => Value::Double(self.intercept()),
            "numFeatures" => Value::Int(self.coefficients().len() as i32),
            "predict" => {
                let vector = vector_argument(args, 0)?;
                if vector.size() != self.coefficients().len() {
                    return Err(wrong_size(vector.size(), self.coefficients().len()));
                }
                let eta = vector.view().dot(self.coefficients()) + self.intercept();
                Value::Double(self.assumption().fitted(eta))
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        }
        .into())
    }

    fn evaluate(
        &self,
        params: &Params,
        predictions: Arc<dyn DataSource>,
    ) -> Result<Arc<dyn Summary>> {
        let own = GlmModel { mean: Arc::clone(&self.mean), link: Arc::clone(&self.link) };
        Ok(Arc::new(GlmSummary::new(params, Arc::new(own), predictions, None)))
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let coefficients = Vector::Dense(self.coefficients().to_vec());
        let intercept = Arc::new(Float64Array::from(vec![self.intercept()]));
        let columns = vec![
            ("intercept", SparkType::Double, intercept as ArrayRef),
            ("coefficients", vector_type(), Vector::column([&coefficients])?),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        let family = params.string("family").unwrap_or_default();
        let link = params.column("link").map(|link| format!(", link={link}")).unwrap_or_default();
        format!(
            "GeneralizedLinearRegressionModel: uid={}, family={family}{link}, numFeatures={}",
            params.uid(),
            self.coefficients().len()
        )
    }
}
