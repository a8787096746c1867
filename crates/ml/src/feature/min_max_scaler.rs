//! `MinMaxScaler`: each entry rescaled to a common range.

use super::entry_range::EntryRange;
use super::map_vectors::{arg, map};
use super::{in_out, udf_error};
use crate::attribute::AttributeGroup;
use crate::data::Dataset;
use crate::linalg::{Vector, VectorView, vector_type};
use crate::param::{Param, Params, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::wire::doubles;
use crate::{Answer, Argument, Class, Fitted, FunctionKind, Model, Role, Value, columns, error};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const PARAMS: &[Param] =
    &[shared::INPUT_COL, shared::OUTPUT_COL, Param::double("min", 0.0), Param::double("max", 1.0)];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.MinMaxScaler",
    params: PARAMS,
    role: Role::Estimator { fit, model: "org.apache.spark.ml.feature.MinMaxScalerModel" },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.MinMaxScalerModel",
    params: PARAMS,
    role: Role::Model { attributes: &["originalMin", "originalMax"], load },
};

#[derive(Debug)]
struct MinMaxScalerModel {
    original_min: Vector,
    original_max: Vector,
}

fn check(params: &Params, frame: &Frame) -> Result<()> {
    let (min, max) = (params.double("min")?, params.double("max")?);
    if min >= max {
        let text = crate::linalg::double_text;
        return Err(error::requirement(format!(
            "The specified min({}) is larger or equal to max({})",
            text(min),
            text(max)
        )));
    }
    columns::vector(frame, params.string("inputCol")?)?;
    in_out::check_requirement_new(frame, params.string("outputCol")?)
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    check(params, &data.frame)?;
    let range = EntryRange::of(data, params.string("inputCol")?)?;
    Ok(Fitted::new(MinMaxScalerModel {
        original_min: Vector::Dense(range.min).compressed(),
        original_max: Vector::Dense(range.max).compressed(),
    }))
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    Ok(Arc::new(MinMaxScalerModel {
        original_min: data.vector("originalMin")?,
        original_max: data.vector("originalMax")?,
    }))
}

/// `(x - shift) * factor + min`; where the factor is 0, `constant`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rescaling {
    #[serde(with = "doubles")]
    shift: Vec<f64>,
    #[serde(with = "doubles")]
    factor: Vec<f64>,
    min: f64,
    constant: f64,
}

pub(super) static RESCALE: FunctionKind<Rescaling> =
    FunctionKind::new("min_max_scaler", rescale).in_spark("MinMaxScalerModel");

impl Model for MinMaxScalerModel {
    fn size_bytes(&self) -> u64 {
        16 * self.original_min.size() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        check(params, &input)?;
        let (min, max) = (params.double("min")?, params.double("max")?);
        let (low, high) = (self.original_min.to_dense(), self.original_max.to_dense());
        let factor = low.iter().zip(&high).map(|(low, high)| match high - low {
            0.0 => 0.0,
            range => (max - min) / range,
        });
        let with =
            Rescaling { factor: factor.collect(), shift: low, min, constant: (min + max) / 2.0 };
        let vector = columns::vector(&input, params.string("inputCol")?)?;
        let field = StructField::new(params.string("outputCol")?, vector_type(), true);
        let field = AttributeGroup::of_size(with.shift.len()).put_on(field);
        in_out::add(input, &RESCALE, with, vec![vector], field)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "originalMin" => Ok(Value::Vector(self.original_min.clone()).into()),
            "originalMax" => Ok(Value::Vector(self.original_max.clone()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let columns = vec![
            ("originalMin", vector_type(), Vector::column([&self.original_min])?),
            ("originalMax", vector_type(), Vector::column([&self.original_max])?),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        let number =
            |name: &str| crate::linalg::double_text(params.double(name).unwrap_or_default());
        format!(
            "MinMaxScalerModel: uid={}, numFeatures={}, min={}, max={}",
            params.uid(),
            self.original_min.size(),
            number("min"),
            number("max")
        )
    }
}

fn rescale(with: &Rescaling, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let n = with.shift.len();
    let mut scaled = vec![0.0; n];
    map(arg(args, 0)?, |vector, out| {
        if vector.size() != n {
            return Err(udf_error::vectors_requirement(
                "MinMaxScalerModel",
                &format!("Number of features must be {n} but got {}", vector.size()),
            ));
        }
        vector.copy_to(&mut scaled);
        for (at, value) in scaled.iter_mut().enumerate() {
            if !value.is_nan() {
                *value = match with.factor[at] {
                    0.0 => with.constant,
                    factor => (*value - with.shift[at]) * factor + with.min,
                };
            }
        }
        out.push_compressed(VectorView::Dense(&scaled));
        Ok(())
    })
}
