//! `MaxAbsScaler`: each entry divided by its largest absolute value.

use super::entry_range::EntryRange;
use super::in_out;
use super::scale::{SCALE, Scaling};
use crate::attribute::AttributeGroup;
use crate::data::Dataset;
use crate::linalg::{Vector, vector_type};
use crate::param::{Param, Params, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{Answer, Argument, Class, Fitted, Model, Role, Value, columns, error};
use firesteel_common::{Frame, Result, StructField, TableHost};
use std::sync::Arc;

const PARAMS: &[Param] = &[shared::INPUT_COL, shared::OUTPUT_COL];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.MaxAbsScaler",
    params: PARAMS,
    role: Role::Estimator { fit, model: "org.apache.spark.ml.feature.MaxAbsScalerModel" },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.MaxAbsScalerModel",
    params: PARAMS,
    role: Role::Model { attributes: &["maxAbs"], load },
};

#[derive(Debug)]
struct MaxAbsScalerModel {
    max_abs: Vector,
}

fn check(params: &Params, frame: &Frame) -> Result<()> {
    columns::vector(frame, params.string("inputCol")?)?;
    in_out::check_requirement_new(frame, params.string("outputCol")?)
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    check(params, &data.frame)?;
    let range = EntryRange::of(data, params.string("inputCol")?)?;
    let largest = range.min.iter().zip(&range.max).map(|(min, max)| min.abs().max(max.abs()));
    Ok(Fitted::new(MaxAbsScalerModel { max_abs: Vector::Dense(largest.collect()).compressed() }))
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    Ok(Arc::new(MaxAbsScalerModel { max_abs: from.table("data")?.vector("maxAbs")? }))
}

impl Model for MaxAbsScalerModel {
    fn size_bytes(&self) -> u64 {
        8 * self.max_abs.size() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        check(params, &input)?;
        let vector = columns::vector(&input, params.string("inputCol")?)?;
        let largest = self.max_abs.to_dense();
        let factor = largest.iter().map(|max| if *max == 0.0 { 1.0 } else { 1.0 / max });
        let with = Scaling {
            name: "MaxAbsScalerModel".to_owned(),
            size: largest.len(),
            shift: Vec::new(),
            factor: factor.collect(),
        };
        let field = StructField::new(params.string("outputCol")?, vector_type(), true);
        let field = AttributeGroup::of_size(with.size).put_on(field);
        in_out::add(input, &SCALE, with, vec![vector], field)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "maxAbs" => Ok(Value::Vector(self.max_abs.clone()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        to.table(
            "data",
            Table::new(vec![("maxAbs", vector_type(), Vector::column([&self.max_abs])?)])?,
        )
    }

    fn text(&self, params: &Params) -> String {
        format!("MaxAbsScalerModel: uid={}, numFeatures={}", params.uid(), self.max_abs.size())
    }
}
