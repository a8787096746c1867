//! `ElementwiseProduct`: each entry times that of a given vector.

use super::map_vectors::{arg, map_stored};
use super::{in_out, udf_error};
use crate::attribute::AttributeGroup;
use crate::param::{Default, Param, ParamKind, Params, shared};
use crate::wire::doubles;
use crate::{Class, FunctionKind, Role};
use arrow::array::ArrayRef;
use firesteel_common::{Frame, Result, TableHost};
use serde::{Deserialize, Serialize};

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::new("scalingVec", ParamKind::Vector, Default::None),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.ElementwiseProduct",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Factors {
    #[serde(with = "doubles")]
    factors: Vec<f64>,
}

pub(super) static MULTIPLY: FunctionKind<Factors> =
    FunctionKind::new("elementwise_product", multiply).in_spark("ElementwiseProduct");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    let with = Factors { factors: params.vector("scalingVec")?.to_dense() };
    let n_entries = with.factors.len();
    let mut frame = in_out::vectors(params, frame, &MULTIPLY, with)?;
    if let Some(made) = frame.columns.last_mut() {
        made.field = AttributeGroup::of_size(n_entries).put_on(made.field.clone());
    }
    Ok(frame)
}

fn multiply(with: &Factors, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let factors = &with.factors;
    map_stored(
        arg(args, 0)?,
        |vector| match vector.size() == factors.len() {
            true => Ok(()),
            false => Err(udf_error::vectors_requirement(
                "ElementwiseProduct",
                &format!(
                    "vector sizes do not match: Expected {} but found {}",
                    factors.len(),
                    vector.size()
                ),
            )),
        },
        |at, value| value * factors[at],
    )
}
