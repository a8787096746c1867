//! `RobustScaler`: each entry less its median, divided by the range between two quantiles.

use super::in_out;
use super::quantiles::{Gathered, quantile};
use super::scale::{SCALE, Scaling};
use crate::attribute::AttributeGroup;
use crate::data::Dataset;
use crate::linalg::{Vector, VectorColumn, double_text, vector_type};
use crate::param::{Param, Params, Valid, shared};
use crate::saved::{ModelReader, ModelWriter, Table};
use crate::{Answer, Argument, Class, Fitted, Model, Role, Value, columns, error};
use firesteel_common::{Frame, Result, StructField, TableHost};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::double("lower", 0.25).valid(Valid::Between(0.0, 1.0, false, false)),
    Param::double("upper", 0.75).valid(Valid::Between(0.0, 1.0, false, false)),
    Param::bool("withCentering", false),
    Param::bool("withScaling", true),
    shared::RELATIVE_ERROR,
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.RobustScaler",
    params: PARAMS,
    role: Role::Estimator { fit, model: "org.apache.spark.ml.feature.RobustScalerModel" },
};

pub(super) const MODEL: Class = Class {
    name: "org.apache.spark.ml.feature.RobustScalerModel",
    params: PARAMS,
    role: Role::Model { attributes: &["median", "range"], load },
};

#[derive(Debug)]
struct RobustScalerModel {
    range: Vector,
    median: Vector,
}

fn check(params: &Params, frame: &Frame) -> Result<()> {
    let (lower, upper) = (params.double("lower")?, params.double("upper")?);
    if lower >= upper {
        return Err(error::requirement(format!(
            "The specified lower quantile({}) is larger or equal to upper quantile({})",
            double_text(lower),
            double_text(upper)
        )));
    }
    columns::vector(frame, params.string("inputCol")?)?;
    in_out::check_requirement_new(frame, params.string("outputCol")?)
}

fn fit(params: &Params, data: &Dataset) -> Result<Fitted> {
    check(params, &data.frame)?;
    let (lower, upper) = (params.double("lower")?, params.double("upper")?);
    let relative_error = params.double("relativeError")?;
    let vectors = columns::vector(&data.frame, params.string("inputCol")?)?;
    let mut entries: Vec<Gathered> = Vec::new();
    let mut n_rows = 0;
    data.scan(vec![vectors], |batch| {
        let vectors = VectorColumn::new(batch.column(0))?;
        for row in 0..vectors.len() {
            let vector = super::map_vectors::required(&vectors, row)?;
            if n_rows == 0 {
                entries = vec![Gathered::default(); vector.size()];
            }
            if vector.size() != entries.len() {
                return Err(error::requirement(format!(
                    "Number of dimensions must be {} but got {}",
                    entries.len(),
                    vector.size()
                )));
            }
            // Zeros are put in afterwards: of sparse vectors they need not be kept.
            vector.for_each_nonzero(|at, value| entries[at].push(value));
            n_rows += 1;
        }
        Ok(())
    })?;
    if n_rows == 0 {
        return Err(error::no_first_row());
    }
    let (mut range, mut median) = (Vec::new(), Vec::new());
    for gathered in entries {
        data.job.check()?;
        let n_zeros = n_rows - gathered.len();
        let mut values = gathered.into_values(n_zeros);
        values.retain(|value| !value.is_nan());
        let mut at = |p| quantile(&mut values, p, relative_error).unwrap_or(f64::NAN);
        range.push(at(upper) - at(lower));
        median.push(at(0.5));
    }
    Ok(Fitted::new(RobustScalerModel {
        range: Vector::Dense(range).compressed(),
        median: Vector::Dense(median).compressed(),
    }))
}

fn load(_: &Params, from: &mut dyn ModelReader) -> Result<Arc<dyn Model>> {
    let data = from.table("data")?;
    Ok(Arc::new(RobustScalerModel { range: data.vector("range")?, median: data.vector("median")? }))
}

impl Model for RobustScalerModel {
    fn size_bytes(&self) -> u64 {
        16 * self.range.size() as u64
    }

    fn transform(&self, params: &Params, input: Frame, _: &mut dyn TableHost) -> Result<Frame> {
        check(params, &input)?;
        let vector = columns::vector(&input, params.string("inputCol")?)?;
        let inverse = |range: &f64| if *range == 0.0 { 0.0 } else { 1.0 / range };
        let with = Scaling {
            name: "RobustScalerModel".to_owned(),
            size: self.range.size(),
            shift: match params.bool("withCentering")? {
                true => self.median.to_dense(),
                false => Vec::new(),
            },
            factor: match params.bool("withScaling")? {
                true => self.range.to_dense().iter().map(inverse).collect(),
                false => Vec::new(),
            },
        };
        let field = StructField::new(params.string("outputCol")?, vector_type(), true);
        let field = AttributeGroup::of_size(with.size).put_on(field);
        in_out::add(input, &SCALE, with, vec![vector], field)
    }

    fn fetch(&self, params: &Params, name: &str, _: &[Argument]) -> Result<Answer> {
        match name {
            "range" => Ok(Value::Vector(self.range.clone()).into()),
            "median" => Ok(Value::Vector(self.median.clone()).into()),
            _ => Err(error::attribute_not_allowed(params.class(), name)),
        }
    }

    fn save(&self, _: &Params, to: &mut dyn ModelWriter) -> Result<()> {
        let columns = vec![
            ("range", vector_type(), Vector::column([&self.range])?),
            ("median", vector_type(), Vector::column([&self.median])?),
        ];
        to.table("data", Table::new(columns)?)
    }

    fn text(&self, params: &Params) -> String {
        let flag = |name: &str| params.bool(name).unwrap_or_default();
        format!(
            "RobustScalerModel: uid={}, numFeatures={}, withCentering={}, withScaling={}",
            params.uid(),
            self.range.size(),
            flag("withCentering"),
            flag("withScaling")
        )
    }
}
