//! `VectorSizeHint`: says how many entries a column's vectors have, and checks it.

use super::map_vectors::arg;
use crate::attribute::AttributeGroup;
use crate::linalg::{VectorColumn, vector_type};
use crate::param::{Default, Param, ParamKind, Params, Valid, shared};
use crate::{Class, FunctionKind, Role, Shared, columns, error};
use arrow::array::{ArrayRef, BooleanArray};
use firesteel_common::{Frame, Result, SparkType, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    Param::new("size", ParamKind::Int, Default::None).valid(Valid::GtEq(0.0)),
    Param::string("handleInvalid", "error").valid(Valid::OneOf(&["skip", "error", "optimistic"])),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.VectorSizeHint",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Size {
    size: usize,
}

pub(super) static CHECK_SIZE: FunctionKind<Size> = FunctionKind::new("vector_size_hint", check);
pub(super) static HAS_SIZE: FunctionKind<Size> = FunctionKind::new("vector_size_hint.has", has);

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    let (input, size) = (params.string("inputCol")?, params.count("size")?);
    let vector = columns::vector(&frame, input)?;
    let own = frame.column(input)?.field.clone();
    let group = AttributeGroup::of(&own);
    let group = match group.size {
        Some(known) if known == size => group,
        Some(known) => {
            return Err(error::illegal(format!(
                "Trying to set size of vectors in `{input}` to {size} but size already set to {known}."
            )));
        }
        None => AttributeGroup::of_size(size),
    };
    let invalid = params.string("handleInvalid")?;
    let with = Shared::new(Size { size });
    let frame = match invalid {
        "skip" => {
            let keep = HAS_SIZE.call(&with, &SparkType::Boolean, false, vec![vector.clone()]);
            frame.filter(keep)?
        }
        _ => frame,
    };
    let checked = match invalid {
        "error" => CHECK_SIZE.call(&with, &vector_type(), own.nullable, vec![vector]),
        _ => vector,
    };
    frame.with_columns(vec![(checked, group.put_on(own))])
}

fn check(with: &Size, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let column = arg(args, 0)?;
    let vectors = VectorColumn::new(column)?;
    for row in 0..vectors.len() {
        let Some(vector) = vectors.get(row) else {
            return Err(error::raised("Got null vector in VectorSizeHint"));
        };
        if vector.size() != with.size {
            return Err(error::raised(format!(
                "VectorSizeHint Expecting a vector of size {} but got {}",
                with.size,
                vector.size()
            )));
        }
    }
    Ok(Arc::clone(column))
}

fn has(with: &Size, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let vectors = VectorColumn::new(arg(args, 0)?)?;
    let is = |row| vectors.get(row).is_some_and(|vector| vector.size() == with.size);
    Ok(Arc::new((0..vectors.len()).map(|row| Some(is(row))).collect::<BooleanArray>()))
}
