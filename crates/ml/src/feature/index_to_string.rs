//! `IndexToString`: indices back into the labels that `StringIndexer` made them of.

use super::in_out;
use super::map_vectors::arg;
use crate::attribute::Attribute;
use crate::param::{Default, Param, ParamKind, Params, shared};
use crate::{Class, FunctionKind, Role, error};
use arrow::array::{ArrayRef, StringBuilder};
use datafusion_expr::cast;
use firesteel_common::{Frame, Result, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    Param::new("labels", ParamKind::Strings, Default::None),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.IndexToString",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Labels {
    labels: Vec<String>,
}

pub(super) static LABELS: FunctionKind<Labels> = FunctionKind::new("index_to_string", labels_of);

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    let (input, output) = (params.string("inputCol")?, params.string("outputCol")?);
    let column = frame.column(input)?;
    if !column.field.data_type.is_numeric() {
        return Err(error::requirement(format!(
            "The input column {input} must be a numeric type, but got {}.",
            error::class_name(&column.field.data_type)
        )));
    }
    if frame.has(output) {
        return Err(error::requirement(format!("Output column {output} already exists.")));
    }
    let labels = match params.is_set("labels") && !params.strings("labels")?.is_empty() {
        true => params.strings("labels")?.to_vec(),
        false => match Attribute::of(&column.field).values() {
            Some(values) => values.to_vec(),
            None => {
                return Err(error::illegal(format!(
                    "Column {input} has no labels in its metadata; set the parameter labels."
                )));
            }
        },
    };
    let index = cast(column.expr(), arrow::datatypes::DataType::Float64);
    let field = StructField::new(output, SparkType::string(), true);
    in_out::add(frame, &LABELS, Labels { labels }, vec![index], field)
}

fn labels_of(with: &Labels, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let column = crate::data::doubles(arg(args, 0)?)?;
    let mut out = StringBuilder::with_capacity(n_rows, 0);
    for index in &column {
        let Some(index) = index else {
            out.append_null();
            continue;
        };
        // Java's conversion to int: towards zero, NaN is 0.
        let index = index as i32;
        match usize::try_from(index).ok().and_then(|at| with.labels.get(at)) {
            Some(label) => out.append_value(label),
            None => {
                return Err(error::raised(format!("Unseen index: {index} ??")));
            }
        }
    }
    Ok(Arc::new(out.finish()))
}
