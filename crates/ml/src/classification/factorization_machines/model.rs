//! `FMClassificationModel` and `FMRegressionModel`.

use super::SUMMARY;
use super::machine::raw;
use crate::attribute::Attribute;
use crate::classification::outputs::{self, Choice, Probability};
use crate::columns;
use crate::data::DataSource;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{
    Matrix, Vector, VectorColumn, VectorColumnBuilder, VectorView, matrix_type, vector_type,
};
use crate::model::{Answer, Argument, Model, Summary, vector_argument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{ArrayRef, Float64Array, Float64Builder};
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Parts of a machine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Trained {
    is_classifier: bool,
    /// Row by row, a row per feature.
    #[serde(with = "crate::wire::doubles")]
    factors: Vec<f64>,
    #[serde(with = "crate::wire::doubles")]
    linear: Vec<f64>,
    #[serde(with = "crate::wire::doubles")]
    intercept: Vec<f64>,
}

impl Trained {
    fn n_factors(&self) -> usize {
        self.factors.len() / self.linear.len().max(1)
    }

    fn intercept(&self) -> f64 {
        self.intercept.first().copied().unwrap_or(0.0)
    }

    fn raw(&self, row: VectorView<'_>) -> Result<f64> {
        if row.size() > self.linear.len() {
            return Err(error::failed(format!(
                "Index {} out of bounds for length {}",
                row.size() - 1,
                self.linear.len()
            )));
        }
        Ok(raw(&self.factors, &self.linear, self.intercept(), row))
    }
}

#[derive(Debug)]
pub(super) struct MachineModel(Arc<Shared<Trained>>);

impl MachineModel {
    pub(super) fn new(
        is_classifier: bool,
        factors: Vec<f64>,
        linear: Vec<f64>,
        intercept: f64,
    ) -> Self {
        Self(Shared::new(Trained { is_classifier, factors, linear, intercept: vec![intercept] }))
    }

    /// Sparse if none were fitted, as in Spark.
    fn linear(&self, params: &Params) -> Result<Vector> {
        Ok(match params.bool("fitLinear")? {
            true => Vector::Dense(self.0.linear.clone()),
            false => Vector::Sparse {
                size: self.0.linear.len(),
                indices: Vec::new(),
                values: Vec::new(),
            },
        })
    }

    fn factors(&self) -> Matrix {
        Matrix::row_major(self.0.linear.len(), self.0.n_factors(), self.0.factors.clone())
    }
}

pub(crate) static RAW: FunctionKind<Trained> =
    FunctionKind::<Trained>::new("factorization_machine.raw", |trained, columns, n_rows| {
        let features = VectorColumn::new(&columns[0])?;
        let mut out = VectorColumnBuilder::with_capacity(n_rows, 2 * n_rows);
        for row in 0..n_rows {
            match features.get(row) {
                None => out.push_null(),
                Some(row) => {
                    let raw = trained.raw(row)?;
                    out.push_dense(&[-raw, raw]);
                }
            }
        }
        out.finish()
    })
    .in_spark("ProbabilisticClassificationModel");

pub(crate) static PREDICT: FunctionKind<Trained> =
    FunctionKind::<Trained>::new("factorization_machine.predict", |trained, columns, n_rows| {
        let features = VectorColumn::new(&columns[0])?;
        let mut out = Float64Builder::with_capacity(n_rows);
        for row in 0..n_rows {
            match features.get(row) {
                None => out.append_null(),
                Some(row) => out.append_value(trained.raw(row)?),
            }
        }
        Ok(Arc::new(out.finish()) as ArrayRef)
    })
    .in_spark("PredictionModel");

impl Model for MachineModel {
    fn size_bytes(&self) -> u64 {
        8 * (self.0.factors.len() + self.0.linear.len() + 1) as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let features = columns::vector(&input, params.string("featuresCol")?)?;
        if self.0.is_classifier {
            let raw = RAW.call(&self.0, &vector_type(), true, vec![features]);
            let choice = Choice::of(params, Probability::LogisticOfSecond);
            return outputs::add(
                input,
                params,
                2,
                raw,
                Some(Probability::LogisticOfSecond),
                choice,
            );
        }
        let Some(name) = params.column("predictionCol") else { return Ok(input) };
        let field = columns::new_field(&input, name, SparkType::Double, false)?;
        let expr = PREDICT.call(&self.0, &SparkType::Double, false, vec![features]);
        input.with_columns(vec![(expr, Attribute::numeric(None).put_on(field))])
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let value = match name {
            "numFeatures" => Value::Int(self.0.linear.len() as i32),
            "numClasses" if self.0.is_classifier => Value::Int(2),
            "intercept" => Value::Double(self.0.intercept()),
            "linear" => Value::Vector(self.linear(params)?),
            "factors" => Value::Matrix(self.factors()),
            "predict" if !self.0.is_classifier => {
                Value::Double(self.0.raw(vector_argument(args, 0)?.view())?)
            }
            "predict" | "predictRaw" | "predictProbability" if self.0.is_classifier => {
                let raw = self.0.raw(vector_argument(args, 0)?.view())?;
                let probability = Probability::LogisticOfSecond;
                let choice = Choice::of(params, probability);
                outputs::answer(params, name, vec![-raw, raw], Some(probability), &choice)?
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        };
        Ok(value.into())
    }

    fn evaluate(
        &self,
        params: &Params,
        predictions: Arc<dyn DataSource>,
    ) -> Result<Arc<dyn Summary>> {
        match self.0.is_classifier {
            true => Ok(Arc::new(SUMMARY.make(params, predictions, None))),
            false => Err(error::attribute_not_allowed(params.class(), "evaluate")),
        }
    }

    fn save(&self, params: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let linear = self.linear(params)?;
        let intercept: ArrayRef = Arc::new(Float64Array::from(vec![self.0.intercept()]));
        to.table(
            "data",
            Table::new(vec![
                ("intercept", SparkType::Double, intercept),
                ("linear", vector_type(), Vector::column([&linear])?),
                ("factors", matrix_type(), self.factors().column()?),
            ])?,
        )
    }

    fn text(&self, params: &Params) -> String {
        let class = params.class().rsplit('.').next().unwrap_or_default();
        let classes = if self.0.is_classifier { ", numClasses=2" } else { "" };
        let flag = |name: &str| params.bool(name).unwrap_or(true);
        format!(
            "{class}: uid={}{classes}, numFeatures={}, factorSize={}, fitLinear={}, fitIntercept={}",
            params.uid(),
            self.0.linear.len(),
            self.0.n_factors(),
            flag("fitLinear"),
            flag("fitIntercept")
        )
    }
}

/// Reads a saved model.
pub(super) fn load(is_classifier: bool, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let table = from.table("data")?;
    let (factors, linear) = (table.matrix("factors")?, table.vector("linear")?.to_dense());
    if factors.n_rows != linear.len() {
        return Err(error::failed("The saved factors do not fit the linear coefficients."));
    }
    let model = MachineModel::new(
        is_classifier,
        factors.to_row_major(),
        linear,
        table.double("intercept")?,
    );
    Ok(Arc::new(model))
}
