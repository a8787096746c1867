//! `PCA`: vectors projected onto the directions in which they vary most.

mod bidiagonal;

use super::in_out;
use super::map_vectors::{arg, map};
use super::udf_error;
use crate::attribute::AttributeGroup;
use crate::data::{Aggregate, Dataset, Features, InstanceColumns, Instances, RowView};
use crate::linalg::{Matrix, Vector, kernels, matrix_type, vector_type};
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::stat::moments::Moments;
use crate::wire::doubles;
use crate::{Answer, Argument, Class, Fitted, FunctionKind, Model, Role, Value, columns, error};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::new("k", ParamKind::Int, Default::None).valid(Valid::Gt(0.0)),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.PCA",
    params: PARAMS,
    role: Role::Estimator { fit, model: MODEL.name },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.PCAModel",
    params: PARAMS,
    role: Role::Model { attributes: &["explainedVariance", "pc"], load },
};

#[derive(Debug)]
struct PcaModel {
    /// One column per direction.
    components: Matrix,
    explained_variance: Vector,
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    let input = params.string("inputCol")?;
    columns::vector(&data.frame, input)?;
    in_out::check_column_new(&data.frame, params.string("outputCol")?)?;
    let k = params.count("k")?;
    let columns = InstanceColumns { finite: false, ..InstanceColumns::features(input) };
    let instances = data.instances(&columns)?.not_empty()?;
    let n = instances.n_features;
    if k > n {
        return Err(error::requirement(format!(
            "source vector size {n} must be no less than k={k}"
        )));
    }
    if instances.n_rows < 2 {
        return Err(error::requirement(format!(
            "RowMatrix.computeCovariance called on matrix with only {} rows.  Cannot compute the covariance of a \
             RowMatrix with <= 1 row.",
            instances.n_rows
        )));
    }
    let covariance = covariance(&instances)?;
    let found = bidiagonal::left_vectors(&covariance, n)
        .ok_or_else(|| error::failed("The covariance has no singular values: it is not finite."))?;
    let total: f64 = found.values.iter().sum();
    let mut components = Vec::with_capacity(n * k);
    for col in 0..k {
        components.extend((0..n).map(|row| found.vectors[row * n + col]));
    }
    let explained = found.values.iter().take(k).map(|value| value / total).collect();
    Ok(Fitted::new(PcaModel {
        components: Matrix::dense(n, k, components),
        explained_variance: Vector::Dense(explained),
    }))
}

/// The sample covariance of the features, row major.
fn covariance(instances: &Instances) -> Result<Vec<f64>> {
    let n = instances.n_features;
    let moments = instances.aggregate(
        || Moments::new(n),
        |moments, block| {
            moments.add_block(block);
            Ok(())
        },
        |moments, other| moments.merge(&other),
    )?;
    let mean = moments.mean();
    let is_dense =
        instances.blocks.iter().all(|block| matches!(block.features, Features::Dense(_)));
    let mut gram = instances.aggregate(
        || (vec![0.0; n * n], Vec::new()),
        |(gram, centred), block| {
            match &block.features {
                // Sums around the mean lose less; centred sparse rows would be dense.
                Features::Dense(values) if is_dense => {
                    centred.clear();
                    centred.extend(
                        values
                            .chunks_exact(n.max(1))
                            .flat_map(|row| row.iter().zip(&mean).map(|(x, mean)| x - mean)),
                    );
                    kernels::syrk_rows(centred, None, n, gram);
                }
                Features::Dense(values) => kernels::syrk_rows(values, None, n, gram),
                Features::Sparse { .. } => {
                    for row in 0..block.n_rows() {
                        let RowView::Sparse(indices, values) = block.row(row) else { continue };
                        for (at, (i, x)) in indices.iter().zip(values).enumerate() {
                            for (j, y) in indices[at..].iter().zip(&values[at..]) {
                                gram[*i as usize * n + *j as usize] += x * y;
                            }
                        }
                    }
                }
            }
            Ok(())
        },
        |(gram, _), (other, _)| gram.iter_mut().zip(other).for_each(|(own, other)| *own += other),
    )?;
    let n_rows = instances.n_rows as f64;
    for i in 0..n {
        for j in i..n {
            let own = &mut gram.0[i * n + j];
            *own = match is_dense {
                true => *own / (n_rows - 1.0),
                false => *own / (n_rows - 1.0) - n_rows / (n_rows - 1.0) * mean[i] * mean[j],
            };
        }
    }
    kernels::mirror_upper(&mut gram.0, n);
    Ok(gram.0)
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    Ok(Arc::new(PcaModel {
        components: data.matrix("pc")?,
        explained_variance: data.vector("explainedVariance")?,
    }))
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Projection {
    n_features: usize,
    /// Row by row: one per direction.
    #[serde(with = "doubles")]
    directions: Vec<f64>,
}

pub(super) static PROJECT: FunctionKind<Projection> =
    FunctionKind::new("pca", project).in_spark("PCAModel");

impl Model for PcaModel {
    fn size_bytes(&self) -> u64 {
        8 * (self.components.n_rows + 1) as u64 * self.components.n_cols as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let vector = columns::vector(&input, params.string("inputCol")?)?;
        let output = params.string("outputCol")?;
        in_out::check_column_new(&input, output)?;
        let with = Projection {
            n_features: self.components.n_rows,
            directions: self.components.to_column_major(),
        };
        let field = StructField::new(output, vector_type(), true);
        let field = AttributeGroup::of_size(self.components.n_cols).put_on(field);
        in_out::add(input, &PROJECT, with, vec![vector], field)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "pc" => Ok(Value::Matrix(self.components.clone()).into()),
            "explainedVariance" => Ok(Value::Vector(self.explained_variance.clone()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let columns = vec![
            ("pc", matrix_type(), self.components.column()?),
            ("explainedVariance", vector_type(), Vector::column([&self.explained_variance])?),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        format!("PCAModel: uid={}, k={}", params.uid(), self.components.n_cols)
    }
}

fn project(with: &Projection, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let n = with.n_features;
    map(arg(args, 0)?, |vector, out| {
        if vector.size() != n {
            return Err(udf_error::vectors_requirement(
                "PCAModel",
                &format!(
                    "The columns of A don't match the number of elements of x. A: {n}, x: {}",
                    vector.size()
                ),
            ));
        }
        out.push_dense_with(|to| {
            to.extend(
                with.directions.chunks_exact(n.max(1)).map(|direction| vector.dot(direction)),
            );
        });
        Ok(())
    })
}
