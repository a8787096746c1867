//! `GaussianMixtureModel`: probabilities of the components, and the most probable one.

use super::density::Gaussian;
use super::mixture::{Mixture, Room};
use crate::attribute::AttributeGroup;
use crate::clustering::features::{features, prediction_field, vectors};
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{
    Matrix, MatrixColumn, MatrixColumnBuilder, Vector, VectorColumn, VectorColumnBuilder,
    VectorView, matrix_type, of_mllib, vector_type,
};
use crate::model::{Answer, Argument, Model, TableArgument, vector_argument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int32Array, ListArray, RecordBatch};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, StructType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A mixture as it travels.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Flat {
    k: usize,
    d: usize,
    #[serde(with = "crate::wire::doubles")]
    weights: Vec<f64>,
    #[serde(with = "crate::wire::doubles")]
    means: Vec<f64>,
    /// Row by row, component by component.
    #[serde(with = "crate::wire::doubles")]
    covariances: Vec<f64>,
}

impl Flat {
    fn mixture(&self) -> Result<Mixture> {
        let d = self.d;
        let gaussian = |at: usize| {
            let mean = self.means[at * d..(at + 1) * d].to_vec();
            Gaussian::new(mean, self.covariances[at * d * d..(at + 1) * d * d].to_vec())
        };
        let gaussians = (0..self.k).map(gaussian).collect::<Result<_>>()?;
        Ok(Mixture { weights: self.weights.clone(), gaussians })
    }
}

/// Probabilities of the components, per row.
pub(crate) static PROBABILITY: FunctionKind<Flat> =
    FunctionKind::new("gaussian_mixture.probability", probability).in_spark("GaussianMixtureModel");

/// The most probable component, per row.
pub(crate) static COMPONENT: FunctionKind<Flat> =
    FunctionKind::new("gaussian_mixture.predict", component).in_spark("GaussianMixtureModel");

fn probabilities(
    model: &Flat,
    column: &ArrayRef,
    n_rows: usize,
    mut take: impl FnMut(&[f64]),
) -> Result<()> {
    let mixture = model.mixture()?;
    let column = vectors(column)?;
    let column = VectorColumn::new(&column)?;
    let mut dense = vec![0.0; model.d];
    let (mut room, mut out) = (Room::default(), Vec::new());
    for row in 0..n_rows {
        let vector = column.get(row).ok_or_else(|| error::raised("Vectors MUST NOT be Null"))?;
        if vector.size() != model.d {
            return Err(error::requirement(format!(
                "The columns of A don't match the number of elements of x. A: {}, x: {}",
                model.d,
                vector.size()
            )));
        }
        vector.copy_to(&mut dense);
        mixture.densities(&dense, &mut room, &mut out);
        let sum: f64 = out.iter().sum();
        out.iter_mut().for_each(|density| *density /= sum);
        take(&out);
    }
    Ok(())
}

fn probability(model: &Flat, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let mut builder = VectorColumnBuilder::with_capacity(n_rows, n_rows * model.k);
    probabilities(model, &args[0], n_rows, |row| builder.push_dense(row))?;
    builder.finish()
}

fn component(model: &Flat, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let mut components = Vec::with_capacity(n_rows);
    probabilities(model, &args[0], n_rows, |row| components.push(largest(row)))?;
    Ok(Arc::new(Int32Array::from(components)))
}

/// The first of the largest.
fn largest(row: &[f64]) -> i32 {
    let mut best = 0;
    for (at, value) in row.iter().enumerate() {
        if *value > row[best] {
            best = at;
        }
    }
    best as i32
}

/// The fitted model.
#[derive(Debug)]
pub(crate) struct GaussianMixtureModel(Arc<Shared<Flat>>);

impl GaussianMixtureModel {
    pub(super) fn new(mixture: &Mixture) -> Self {
        let d = mixture.gaussians.first().map_or(0, |gaussian| gaussian.mean.len());
        Self(Shared::new(Flat {
            k: mixture.weights.len(),
            d,
            weights: mixture.weights.clone(),
            means: mixture.gaussians.iter().flat_map(|one| one.mean.iter().copied()).collect(),
            covariances: mixture
                .gaussians
                .iter()
                .flat_map(|one| one.covariance.iter().copied())
                .collect(),
        }))
    }

    fn gaussians(&self) -> Result<(ArrayRef, ArrayRef)> {
        let (mut means, mut covariances) =
            (VectorColumnBuilder::default(), MatrixColumnBuilder::default());
        let d = self.0.d;
        for at in 0..self.0.k {
            means.push_dense(&self.0.means[at * d..(at + 1) * d]);
            let covariance = self.0.covariances[at * d * d..(at + 1) * d * d].to_vec();
            covariances.push(Matrix::dense(d, d, covariance));
        }
        Ok((means.finish()?, covariances.finish()?))
    }

    fn row_probabilities(&self, vector: VectorView<'_>) -> Result<Vec<f64>> {
        let mut builder = VectorColumnBuilder::default();
        builder.push(vector);
        let mut found = Vec::new();
        probabilities(&self.0, &builder.finish()?, 1, |row| found.extend_from_slice(row))?;
        Ok(found)
    }
}

impl Model for GaussianMixtureModel {
    fn size_bytes(&self) -> u64 {
        8 * (self.0.covariances.len() + self.0.means.len()) as u64 + 256
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let features = features(&input, params.string("featuresCol")?)?;
        let mut added = Vec::new();
        if let Some(name) = params.column("probabilityCol") {
            let call = PROBABILITY.call(&self.0, &vector_type(), true, vec![features.clone()]);
            let field = StructField::new(name, vector_type(), true);
            added.push((call, AttributeGroup::of_size(self.0.k).put_on(field)));
        }
        if let Some(name) = params.column("predictionCol") {
            let call = COMPONENT.call(&self.0, &SparkType::Integer, false, vec![features]);
            added.push((call, prediction_field(name, self.0.k)));
        }
        input.with_columns(added)
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        Ok(Answer::Value(match name {
            "weights" => Value::Doubles(self.0.weights.clone()),
            "numFeatures" => Value::Int(self.0.d as i32),
            "predict" => {
                let row = self.row_probabilities(vector_argument(args, 0)?.view())?;
                Value::Int(largest(&row))
            }
            "predictProbability" => {
                let row = self.row_probabilities(vector_argument(args, 0)?.view())?;
                Value::Vector(Vector::Dense(row))
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        }))
    }

    fn table(
        &self,
        params: &Params,
        name: &str,
        _: Vec<TableArgument>,
        host: &mut dyn TableHost,
    ) -> Result<Frame> {
        if name != "gaussiansDF" {
            return Err(error::attribute_not_allowed(params.class(), name));
        }
        let schema = StructType::new(vec![
            StructField::new("mean", of_mllib(vector_type()), true),
            StructField::new("cov", of_mllib(matrix_type()), true),
        ]);
        let (means, covariances) = self.gaussians()?;
        let arrow = Arc::new(firesteel_common::types::schema_to_arrow(&schema));
        host.rows(schema, &[RecordBatch::try_new(arrow, vec![means, covariances])?])
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let (means, covariances) = self.gaussians()?;
        let weights: ArrayRef = Arc::new(Float64Array::from(self.0.weights.clone()));
        let column = |element: SparkType, contains_null: bool, values: ArrayRef| -> Result<_> {
            let kind = SparkType::Array { element: Box::new(element), contains_null };
            let DataType::List(field) = kind.to_arrow() else {
                return Err(SparkError::internal("an array type is a list"));
            };
            let offsets = OffsetBuffer::from_lengths([values.len()]);
            let list: ArrayRef = Arc::new(ListArray::try_new(field, offsets, values, None)?);
            Ok((kind, list))
        };
        let (weight_type, weights) = column(SparkType::Double, false, weights)?;
        let (mean_type, means) = column(of_mllib(vector_type()), true, means)?;
        let (covariance_type, covariances) = column(of_mllib(matrix_type()), true, covariances)?;
        let table = Table::new(vec![
            ("weights", weight_type, weights),
            ("mus", mean_type, means),
            ("sigmas", covariance_type, covariances),
        ])?;
        to.table("data", table)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "GaussianMixtureModel: uid={}, k={}, numFeatures={}",
            params.uid(),
            self.0.k,
            self.0.d
        )
    }
}

pub(crate) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let table = from.table("data")?;
    let broken = || error::failed("A saved model is broken.");
    let list = |name: &str| -> Result<ArrayRef> {
        let lists = table.column(name)?.as_list_opt::<i32>().ok_or_else(broken)?;
        if lists.is_empty() { Err(broken()) } else { Ok(lists.value(0)) }
    };
    let weights = table.doubles("weights")?;
    let (means, covariances) = (list("mus")?, list("sigmas")?);
    let (means, covariances) = (VectorColumn::new(&means)?, MatrixColumn::new(&covariances)?);
    let mut gaussians = Vec::with_capacity(weights.len());
    for at in 0..weights.len() {
        let mean = means.get(at).ok_or_else(broken)?.to_dense();
        let covariance = covariances.get(at)?.ok_or_else(broken)?.to_row_major();
        gaussians.push(Gaussian::new(mean, covariance)?);
    }
    Ok(Arc::new(GaussianMixtureModel::new(&Mixture { weights, gaussians })))
}
