//! `KMeansModel`: centres, and the closest of them to a row.

use super::closest::{Centers, Distance};
use crate::clustering::features::{features, prediction_field, vectors};
use crate::data::{Block, BlockBuilder};
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Matrix, Vector, VectorColumn, VectorColumnBuilder, VectorView};
use crate::model::{Answer, Argument, Model, vector_argument};
use crate::param::Params;
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::value::Value;
use arrow::array::{ArrayRef, AsArray, Int32Array};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Int32Type};
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Centres as they travel.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Assigner {
    n_features: usize,
    distance: Distance,
    #[serde(with = "crate::wire::doubles")]
    centers: Vec<f64>,
}

/// The closest centre's number, per row.
pub(crate) static ASSIGN: FunctionKind<Assigner> =
    FunctionKind::new("kmeans.predict", assign).in_spark("KMeansModel");

fn assign(model: &Assigner, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let centers = Centers::new(model.centers.clone(), model.n_features, model.distance);
    let column = vectors(&args[0])?;
    let column = VectorColumn::new(&column)?;
    for vector in (0..n_rows).filter_map(|row| column.get(row)) {
        check_length(vector, model.distance)?;
    }
    let mut clusters = vec![0; n_rows];
    for_blocks(&column, n_rows, model.n_features, |from, block| {
        centers.for_each_closest(block, &mut Vec::new(), |row, cluster, _| {
            clusters[from + row] = cluster as i32;
        });
    })?;
    Ok(Arc::new(Int32Array::from(clusters)))
}

/// # Errors
/// Spark's: a vector whose distances are not defined.
fn check_length(vector: VectorView<'_>, distance: Distance) -> Result<()> {
    let has_nan = vector.values().iter().any(|value| value.is_nan());
    match distance {
        Distance::Euclidean if has_nan => Err(error::requirement(
            "Both norms should be greater or equal to 0.0, found norm2=NaN.",
        )),
        Distance::Cosine if has_nan || vector.values().iter().all(|value| *value == 0.0) => {
            Err(error::illegal(
                "assertion failed: Cosine distance is not defined for zero-length vectors.",
            ))
        }
        _ => Ok(()),
    }
}

/// Hands rows of a column on as blocks, with the number of each block's first row.
fn for_blocks(
    column: &VectorColumn<'_>,
    n_rows: usize,
    n_features: usize,
    mut take: impl FnMut(usize, &Block),
) -> Result<()> {
    let mut builder = BlockBuilder::new(n_features, 0);
    for row in 0..n_rows {
        let vector = column.get(row).ok_or_else(|| error::in_function("predict", "null"))?;
        if vector.size() != n_features {
            return Err(error::requirement(format!(
                "Both vectors should have same length, found v1 is {n_features} while v2 is {}.",
                vector.size()
            )));
        }
        builder.push(vector, None, None, []);
    }
    let mut from = 0;
    for block in builder.finish() {
        take(from, &block);
        from += block.n_rows();
    }
    Ok(())
}

/// The fitted model.
#[derive(Debug)]
pub(crate) struct KMeansModel {
    centers: Centers,
    assigner: Arc<Shared<Assigner>>,
}

impl KMeansModel {
    pub(crate) fn new(centers: Centers) -> Self {
        let assigner = Shared::new(Assigner {
            n_features: centers.n_features,
            distance: centers.distance,
            centers: centers.values.clone(),
        });
        Self { centers, assigner }
    }

    pub(crate) fn k(&self) -> usize {
        self.centers.n_centers
    }

    fn predict(&self, row: VectorView<'_>) -> Result<i32> {
        let mut builder = VectorColumnBuilder::default();
        builder.push(row);
        let found = assign(&self.assigner, &[builder.finish()?], 1)?;
        Ok(found.as_primitive::<Int32Type>().value(0))
    }
}

impl Model for KMeansModel {
    fn size_bytes(&self) -> u64 {
        24 * self.centers.values.len() as u64 + 256
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let Some(prediction) = params.column("predictionCol") else { return Ok(input) };
        let features = features(&input, params.string("featuresCol")?)?;
        let call = ASSIGN.call(&self.assigner, &SparkType::Integer, false, vec![features]);
        let field = prediction_field(prediction, self.k());
        input.with_columns(vec![(call, field)])
    }

    fn fetch(&self, params: &Params, name: &str, args: &[Argument]) -> Result<Answer> {
        let (k, d) = (self.k(), self.centers.n_features);
        Ok(Answer::Value(match name {
            "predict" => Value::Int(self.predict(vector_argument(args, 0)?.view())?),
            "numFeatures" => Value::Int(d as i32),
            "clusterCenterMatrix" => {
                Value::Matrix(Matrix::row_major(k, d, self.centers.values.clone()))
            }
            _ => return Err(error::attribute_not_allowed(params.class(), name)),
        }))
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let centers: Vec<Vector> =
            (0..self.k()).map(|index| Vector::Dense(self.centers.center(index).to_vec())).collect();
        let numbers: ArrayRef = Arc::new(Int32Array::from_iter_values(0..self.k() as i32));
        let kind = crate::linalg::vector_type();
        let table = Table::new(vec![
            ("clusterIdx", SparkType::Integer, numbers),
            ("clusterCenter", kind, Vector::column(&centers)?),
        ])?;
        to.table("data", table)
    }

    fn text(&self, params: &Params) -> String {
        format!(
            "KMeansModel: uid={}, k={}, distanceMeasure={}, numFeatures={}",
            params.uid(),
            self.k(),
            self.centers.distance.name(),
            self.centers.n_features
        )
    }
}

pub(crate) fn load(params: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let table = from.table("data")?;
    let numbers = cast(table.column("clusterIdx")?, &DataType::Int32)?;
    let numbers = numbers.as_primitive::<Int32Type>();
    let column = VectorColumn::new(table.column("clusterCenter")?)?;
    let mut rows: Vec<(i32, Vec<f64>)> = Vec::with_capacity(numbers.len());
    for row in 0..numbers.len() {
        if let Some(center) = column.get(row) {
            rows.push((numbers.value(row), center.to_dense()));
        }
    }
    rows.sort_by_key(|(number, _)| *number);
    let n_features = rows.first().map_or(0, |(_, center)| center.len());
    let values = rows.into_iter().flat_map(|(_, center)| center).collect();
    let distance = Distance::of(params.string("distanceMeasure")?);
    Ok(Arc::new(KMeansModel::new(Centers::new(values, n_features, distance))))
}
