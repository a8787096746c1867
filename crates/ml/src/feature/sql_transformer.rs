//! `SQLTransformer`: a SQL query over the input, which it calls `__THIS__`.

use crate::param::{Default, Param, ParamKind, Params};
use crate::{Class, Role};
use firesteel_common::{Frame, Result, TableHost};

const PARAMS: &[Param] = &[Param::new("statement", ParamKind::String, Default::None)];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.SQLTransformer",
    params: PARAMS,
    role: Role::Transformer { transform },
};

fn transform(params: &Params, frame: Frame, host: &mut dyn TableHost) -> Result<Frame> {
    let mut frame = host.sql(params.string("statement")?, "__THIS__", frame)?;
    for column in &mut frame.columns {
        column.qualifier.clear();
    }
    Ok(frame)
}
