//! `Binarizer`: 1 for values above a threshold, 0 for others.

use super::map_vectors::{arg, map};
use super::{in_out, in_out_many};
use crate::attribute::{Attribute, AttributeGroup};
use crate::linalg::{VectorView, is_vector, vector_type};
use crate::param::{Default, Param, ParamKind, Params, shared};
use crate::wire::doubles;
use crate::{Class, FunctionKind, Role, Shared, error};
use arrow::array::{Array, ArrayRef, Float64Array};
use firesteel_common::{Frame, Result, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const PARAMS: &[Param] = &[
    shared::INPUT_COL,
    shared::OUTPUT_COL,
    shared::INPUT_COLS,
    shared::OUTPUT_COLS,
    Param::double("threshold", 0.0),
    Param::new("thresholds", ParamKind::Doubles, Default::None),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.Binarizer",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Threshold {
    /// One number; in this form infinity travels.
    #[serde(with = "doubles")]
    threshold: Vec<f64>,
}

impl Threshold {
    fn value(&self) -> f64 {
        self.threshold.first().copied().unwrap_or(0.0)
    }
}

pub(super) static NUMBERS: FunctionKind<Threshold> = FunctionKind::new("binarizer", numbers);
pub(super) static VECTORS: FunctionKind<Threshold> =
    FunctionKind::new("binarizer.vectors", vectors).in_spark("Binarizer");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    let pairs = in_out_many::pairs(params, &["outputCol"], &["outputCols", "thresholds"])?;
    let thresholds = match params.is_set("inputCols") && params.is_set("thresholds") {
        true => params.doubles("thresholds")?.to_vec(),
        false => vec![params.double("threshold")?; pairs.len()],
    };
    if thresholds.len() != pairs.len() {
        let n = pairs.len();
        let lengths = [("inputCols", n), ("outputCols", n), ("thresholds", thresholds.len())];
        return Err(in_out_many::mismatched(params, &lengths));
    }
    let mut added = Vec::with_capacity(pairs.len());
    for ((input, output), threshold) in pairs.iter().zip(thresholds) {
        in_out::check_requirement_new(&frame, output)?;
        if !frame.has(input) {
            return Err(error::failed(format!("Input column {input} does not exist.")));
        }
        let column = frame.column(input)?;
        let own = &column.field.data_type;
        let with = Shared::new(Threshold { threshold: vec![threshold] });
        added.push(if is_vector(own) {
            let field = StructField::new(output.as_str(), vector_type(), true);
            let field = match AttributeGroup::of(&column.field).size {
                Some(size) => AttributeGroup::of_size(size).put_on(field),
                None => field,
            };
            (VECTORS.call(&with, &vector_type(), true, vec![column.expr()]), field)
        } else if *own == SparkType::Double {
            let value = column.expr();
            let field = StructField::new(output.as_str(), SparkType::Double, false);
            let binary = Attribute::Binary { name: None, values: None };
            let expr = NUMBERS.call(&with, &SparkType::Double, false, vec![value]);
            (expr, binary.put_on(field))
        } else {
            return Err(error::illegal(format!(
                "Data type {} is not supported.",
                error::class_name(own)
            )));
        });
    }
    frame.with_columns(added)
}

fn numbers(with: &Threshold, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let threshold = with.value();
    let column = crate::data::doubles(arg(args, 0)?)?;
    let above =
        |value: Option<f64>| f64::from(u8::from(value.is_some_and(|value| value > threshold)));
    let out: Float64Array = match column.null_count() {
        0 => column.values().iter().map(|value| above(Some(*value))).collect::<Vec<_>>().into(),
        _ => column.iter().map(above).collect::<Vec<_>>().into(),
    };
    Ok(Arc::new(out))
}

fn vectors(with: &Threshold, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let threshold = with.value();
    let (mut indices, mut ones, mut dense) = (Vec::new(), Vec::new(), Vec::new());
    map(arg(args, 0)?, |vector, out| {
        if threshold < 0.0 {
            // What is not stored is above a threshold below zero.
            dense.clear();
            dense.resize(vector.size(), 1.0);
            vector.for_each_stored(|at, value| dense[at] = f64::from(u8::from(value > threshold)));
            out.push_compressed(VectorView::Dense(&dense));
            return Ok(());
        }
        indices.clear();
        vector.for_each_nonzero(|at, value| {
            if value > threshold {
                indices.push(at as i32);
            }
        });
        ones.resize(indices.len(), 1.0);
        out.push_compressed(VectorView::Sparse {
            size: vector.size(),
            indices: &indices,
            values: &ones,
        });
        Ok(())
    })
}
