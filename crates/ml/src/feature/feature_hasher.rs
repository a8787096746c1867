//! `FeatureHasher`: columns of any simple type become one sparse vector, each value at the place that the hash of its
//! column's name (numbers) or of `name=value` (categories) says.

use super::{in_out, murmur3};
use crate::attribute::AttributeGroup;
use crate::linalg::{VectorColumnBuilder, double_text, vector_type};
use crate::param::{Default, Param, ParamKind, Params, shared};
use crate::{Class, FunctionKind, Role, error};
use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type};
use firesteel_common::{Frame, Result, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};

const PARAMS: &[Param] = &[
    shared::INPUT_COLS,
    shared::OUTPUT_COL,
    shared::NUM_FEATURES,
    Param::new("categoricalCols", ParamKind::Strings, Default::None),
];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.FeatureHasher",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Hasher {
    n_features: i32,
    /// Name of each column, and whether its values are numbers.
    columns: Vec<(String, bool)>,
}

pub(super) static HASH: FunctionKind<Hasher> = FunctionKind::new("feature_hasher", hash);

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    let (inputs, output) = (params.strings("inputCols")?, params.string("outputCol")?);
    let categories = match params.is_set("categoricalCols") {
        true => params.strings("categoricalCols")?,
        false => &[],
    };
    let (mut args, mut columns) = (Vec::new(), Vec::new());
    for name in inputs {
        let column = frame.column(name)?;
        let own = &column.field.data_type;
        let is_text = own.simple_string() == "string";
        if !own.is_numeric() && !is_text && *own != SparkType::Boolean {
            return Err(error::requirement(format!(
                "FeatureHasher requires columns to be of numeric, boolean or string. Column {name} was {}",
                own.simple_string()
            )));
        }
        columns.push((name.clone(), own.is_numeric() && !categories.contains(name)));
        args.push(column.expr());
    }
    let n_features = params.int("numFeatures")?;
    let field = StructField::new(output, vector_type(), true);
    let field = AttributeGroup::of_size(n_features as usize).put_on(field);
    in_out::check_column_new(&frame, output)?;
    in_out::add(frame, &HASH, Hasher { n_features, columns }, args, field)
}

/// Values as Java shows them.
fn texts(column: &ArrayRef) -> Result<StringArray> {
    Ok(match column.data_type() {
        DataType::Float64 => column
            .as_primitive::<Float64Type>()
            .iter()
            .map(|value| value.map(double_text))
            .collect(),
        DataType::Float32 => {
            let values = column.as_primitive::<Float32Type>().iter();
            values.map(|value| value.map(float_text)).collect()
        }
        _ => cast(column, &DataType::Utf8)?.as_string::<i32>().clone(),
    })
}

/// `Float.toString`: fewer digits than the double of the same value has.
fn float_text(value: f32) -> String {
    let shortest: f64 = value.to_string().parse().unwrap_or(f64::from(value));
    double_text(shortest)
}

enum Column {
    Numbers { place: i32, values: arrow::array::Float64Array },
    Texts { texts: StringArray },
}

fn hash(with: &Hasher, args: &[ArrayRef], n_rows: usize) -> Result<ArrayRef> {
    let place = |parts: &[&str]| murmur3::place(murmur3::of_parts(parts), with.n_features);
    let columns = args.iter().zip(&with.columns).map(|(column, (name, is_number))| {
        Ok(match is_number {
            true => {
                Column::Numbers { place: place(&[name]), values: crate::data::doubles(column)? }
            }
            false => Column::Texts { texts: texts(column)? },
        })
    });
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let mut out = VectorColumnBuilder::with_capacity(n_rows, n_rows * args.len());
    let mut entries: Vec<(i32, f64)> = Vec::new();
    let (mut indices, mut values) = (Vec::<i32>::new(), Vec::<f64>::new());
    for row in 0..n_rows {
        entries.clear();
        for (column, (name, _)) in columns.iter().zip(&with.columns) {
            match column {
                Column::Numbers { place, values } if values.is_valid(row) => {
                    entries.push((*place, values.value(row)));
                }
                Column::Texts { texts } if texts.is_valid(row) => {
                    entries.push((place(&[name, "=", texts.value(row)]), 1.0));
                }
                _ => {}
            }
        }
        entries.sort_by_key(|(place, _)| *place);
        indices.clear();
        values.clear();
        for (place, value) in &entries {
            match (indices.last() == Some(place), values.last_mut()) {
                (true, Some(sum)) => *sum += value,
                _ => {
                    indices.push(*place);
                    values.push(*value);
                }
            }
        }
        out.push_sparse(with.n_features as usize, &indices, &values);
    }
    out.finish()
}
