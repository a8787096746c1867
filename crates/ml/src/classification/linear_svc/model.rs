//! `LinearSVCModel`.

use super::SUMMARY;
use crate::classification::outputs::{self, Choice};
use crate::columns;
use crate::data::DataSource;
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Vector, VectorColumn, VectorColumnBuilder, VectorView, vector_type};
use crate::model::{Answer, Argument, Model, Summary, vector_argument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{ArrayRef, Float64Array};
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A plane: coefficients, and the intercept behind them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Plane(#[serde(with = "crate::wire::doubles")] Vec<f64>);

impl Plane {
    fn coefficients(&self) -> &[f64] {
        self.0.split_last().map_or(&[], |(_, coefficients)| coefficients)
    }

    fn intercept(&self) -> f64 {
        self.0.last().copied().unwrap_or(0.0)
    }

    fn margin(&self, row: VectorView<'_>) -> Result<f64> {
        let n = self.coefficients().len();
        if row.size() != n {
            return Err(error::requirement(format!(
                "BLAS.dot(x: Vector, y:Vector) was given Vectors with non-matching sizes: x.size = {}, y.size = {n}",
                row.size()
            )));
        }
        Ok(row.dot(self.coefficients()) + self.intercept())
    }
}

#[derive(Debug)]
pub(super) struct LinearSvcModel(Arc<Shared<Plane>>);

impl LinearSvcModel {
    pub(super) fn new(mut coefficients: Vec<f64>, intercept: f64) -> Self {
        coefficients.push(intercept);
        Self(Shared::new(Plane(coefficients)))
    }

    fn coefficients(&self) -> Vector {
        Vector::Dense(self.0.coefficients().to_vec())
    }
}

pub(crate) static RAW: FunctionKind<Plane> =
    FunctionKind::<Plane>::new("linear_svc.raw", |plane, columns, n_rows| {
        let features = VectorColumn::new(&columns[0])?;
        let mut out = VectorColumnBuilder::with_capacity(n_rows, 2 * n_rows);
        for row in 0..n_rows {
            match features.get(row) {
                None => out.push_null(),
                Some(row) => {
                    let margin = plane.margin(row)?;
                    out.push_dense(&[-margin, margin]);
                }
            }
        }
        out.finish()
    })
    .in_spark("ClassificationModel");

impl Model for LinearSvcModel {
    fn size_bytes(&self) -> u64 {
        8 * self.0.0.len() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let features = columns::vector(&input, params.string("featuresCol")?)?;
        let raw = RAW.call(&self.0, &vector_type(), true, vec![features]);
        outputs::add(input, params, 2, raw, None, Choice::SecondAbove(params.double("threshold")?))
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let value = match name {
            "numFeatures" => Value::Int(self.0.coefficients().len() as i32),
            "numClasses" => Value::Int(2),
            "coefficients" => Value::Vector(self.coefficients()),
            "intercept" => Value::Double(self.0.intercept()),
            "predict" | "predictRaw" => {
                let margin = self.0.margin(vector_argument(args, 0)?.view())?;
                let choice = Choice::SecondAbove(params.double("threshold")?);
                outputs::answer(params, name, vec![-margin, margin], None, &choice)?
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
        Ok(Arc::new(SUMMARY.make(params, predictions, None)))
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let intercept: ArrayRef = Arc::new(Float64Array::from(vec![self.0.intercept()]));
        to.table(
            "data",
            Table::new(vec![
                ("coefficients", vector_type(), Vector::column([&self.coefficients()])?),
                ("intercept", SparkType::Double, intercept),
            ])?,
        )
    }

    fn text(&self, params: &Params) -> String {
        let n = self.0.coefficients().len();
        format!("LinearSVCModel: uid={}, numClasses=2, numFeatures={n}", params.uid())
    }
}

/// Reads a saved model.
pub(super) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let table = from.table("data")?;
    let coefficients = table.vector("coefficients")?.to_dense();
    Ok(Arc::new(LinearSvcModel::new(coefficients, table.double("intercept")?)))
}
