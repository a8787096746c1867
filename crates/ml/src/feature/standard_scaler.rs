//! `StandardScaler`: vectors with mean zero, deviation one, or both.

use crate::attribute::AttributeGroup;
use crate::columns;
use crate::data::{Aggregate, Dataset, InstanceColumns};
use crate::error;
use crate::function::{FunctionKind, Shared};
use crate::linalg::{Vector, VectorColumn, VectorColumnBuilder, VectorView, vector_type};
use crate::model::{Answer, Argument, Fitted, Model};
use crate::param::{Param, Params, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::stat::moments::Moments;
use crate::value::Value;
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub(super) const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::bool("withMean", false),
    Param::bool("withStd", true),
];

pub(super) const ATTRIBUTES: &[&str] = &["mean", "std"];

/// Means and deviations of the training data.
#[derive(Debug)]
struct StandardScalerModel {
    std: Vector,
    mean: Vector,
}

pub(super) fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    columns::new_field(&data.frame, params.string("outputCol")?, vector_type(), true)?;
    columns::vector(&data.frame, params.string("inputCol")?)?;
    let columns =
        InstanceColumns { finite: false, ..InstanceColumns::features(params.string("inputCol")?) };
    let instances = data.instances(&columns)?.with_summary()?;
    let n = instances.n_features;
    let moments = instances.aggregate(
        || Moments::new(n),
        |moments, block| {
            moments.add_block(block);
            Ok(())
        },
        |moments, other| moments.merge(&other),
    )?;
    Ok(Fitted::new(StandardScalerModel {
        std: Vector::Dense(moments.std()).compressed(),
        mean: Vector::Dense(moments.mean()).compressed(),
    }))
}

pub(super) fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    Ok(Arc::new(StandardScalerModel { std: data.vector("std")?, mean: data.vector("mean")? }))
}

impl Model for StandardScalerModel {
    fn size_bytes(&self) -> u64 {
        8 * (self.std.view().values().len() + self.mean.view().values().len()) as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        let output = params.string("outputCol")?;
        let vector = columns::vector(&input, params.string("inputCol")?)?;
        let field = columns::new_field(&input, output, vector_type(), true)?;
        let field = AttributeGroup::of_size(self.mean.size()).put_on(field);
        let scaling = Shared::new(Scaling {
            shift: params.bool("withMean")?.then(|| self.mean.to_dense()),
            factor: params.bool("withStd")?.then(|| {
                let inverse = |std: &f64| if *std == 0.0 { 0.0 } else { 1.0 / std };
                self.std.to_dense().iter().map(inverse).collect()
            }),
        });
        input.with_columns(vec![(SCALE.call(&scaling, &vector_type(), true, vec![vector]), field)])
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "mean" => Ok(Value::Vector(self.mean.clone()).into()),
            "std" => Ok(Value::Vector(self.std.clone()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let columns = vec![
            ("std", vector_type(), Vector::column([&self.std])?),
            ("mean", vector_type(), Vector::column([&self.mean])?),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        let flag = |name: &str| params.bool(name).unwrap_or_default();
        format!(
            "StandardScalerModel: uid={}, numFeatures={}, withMean={}, withStd={}",
            params.uid(),
            self.mean.size(),
            flag("withMean"),
            flag("withStd")
        )
    }
}

/// `(x - shift) * factor`, each if it is there.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Scaling {
    shift: Option<Vec<f64>>,
    factor: Option<Vec<f64>>,
}

pub(super) static SCALE: FunctionKind<Scaling> =
    FunctionKind::new("standard_scaler", scale).in_spark("StandardScalerModel$");

fn scale(scaling: &Scaling, columns: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let vectors = VectorColumn::new(&columns[0])?;
    let mut builder = VectorColumnBuilder::with_capacity(n_rows, 0);
    let factor = |position: usize| scaling.factor.as_ref().map_or(1.0, |factor| factor[position]);
    let size = scaling.factor.as_ref().or(scaling.shift.as_ref()).map(Vec::len);
    for row in 0..n_rows {
        let Some(vector) = vectors.get(row) else {
            builder.push_null();
            continue;
        };
        if size.is_some_and(|size| size != vector.size()) {
            return Err(error::in_function(
                "StandardScalerModel",
                format!(
                    "The vector has {} entries, the model {}",
                    vector.size(),
                    size.unwrap_or(0)
                ),
            ));
        }
        match (&scaling.shift, vector) {
            (Some(shift), _) => {
                let values = vector.to_dense();
                builder.push_dense_with(|out| {
                    let scaled = values.iter().zip(shift).enumerate();
                    out.extend(scaled.map(|(at, (value, shift))| (value - shift) * factor(at)));
                });
            }
            (None, VectorView::Dense(values)) => builder.push_dense_with(|out| {
                out.extend(values.iter().enumerate().map(|(at, value)| value * factor(at)));
            }),
            (None, VectorView::Sparse { size, indices, values }) => {
                let scaled = indices.iter().zip(values);
                let scaled: Vec<f64> =
                    scaled.map(|(at, value)| value * factor(*at as usize)).collect();
                builder.push_sparse(size, indices, &scaled);
            }
        }
    }
    builder.finish()
}
