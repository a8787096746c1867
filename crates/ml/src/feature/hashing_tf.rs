//! `HashingTF`: how often each term occurs, at the place that its hash says.

use super::map_vectors::arg;
use super::{in_out, murmur3};
use crate::attribute::AttributeGroup;
use crate::linalg::{VectorColumnBuilder, vector_type};
use crate::param::{Param, Params, shared};
use crate::{Class, FunctionKind, Role, error};
use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float32Type, Float64Type, Int32Type, Int64Type};
use firesteel_common::{Frame, Result, SparkError, SparkType, StructField, TableHost};
use serde::{Deserialize, Serialize};

const PARAMS: &[Param] =
    &[shared::INPUT_COL, shared::OUTPUT_COL, shared::NUM_FEATURES, Param::bool("binary", false)];

pub(super) const CLASS: Class = Class {
    name: "org.apache.spark.ml.feature.HashingTF",
    params: PARAMS,
    role: Role::Transformer { transform },
};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table {
    n_features: i32,
    binary: bool,
}

pub(super) static COUNT: FunctionKind<Table> =
    FunctionKind::new("hashing_tf", count).in_spark("HashingTF");

fn transform(params: &Params, frame: Frame, _: &mut dyn TableHost) -> Result<Frame> {
    let (input, output) = (params.string("inputCol")?, params.string("outputCol")?);
    let column = frame.column(input)?;
    if !matches!(column.field.data_type, SparkType::Array { .. }) {
        return Err(error::requirement(format!(
            "The input column must be array, but got {}.",
            column.field.data_type.simple_string()
        )));
    }
    let terms = column.expr();
    let n_features = params.int("numFeatures")?;
    let field = StructField::new(output, vector_type(), true);
    let field = AttributeGroup::of_size(n_features as usize).put_on(field);
    in_out::add(
        frame,
        &COUNT,
        Table { n_features, binary: params.bool("binary")? },
        vec![terms],
        field,
    )
}

/// A hash for each term. Terms of types that Spark cannot hash are an error.
fn hashes(terms: &ArrayRef) -> Result<Vec<i32>> {
    // Null hashes to the seed.
    let null = |is_null: bool, hash: i32| if is_null { 42 } else { hash };
    Ok(match terms.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            let texts = cast(terms, &DataType::Utf8)?;
            let texts = texts.as_string::<i32>().iter();
            texts.map(|text| text.map_or(0, murmur3::of_text)).collect()
        }
        DataType::Boolean => {
            let flags = terms.as_boolean().iter();
            flags.map(|flag| flag.map_or(0, |flag| murmur3::of_int(i32::from(flag)))).collect()
        }
        DataType::Int8 | DataType::Int16 | DataType::Int32 => {
            let ints = cast(terms, &DataType::Int32)?;
            let ints = ints.as_primitive::<Int32Type>();
            let each = ints.values().iter().enumerate();
            each.map(|(at, value)| null(ints.is_null(at), murmur3::of_int(*value))).collect()
        }
        DataType::Int64 => {
            let longs = terms.as_primitive::<Int64Type>();
            let each = longs.values().iter().enumerate();
            each.map(|(at, value)| null(longs.is_null(at), murmur3::of_long(*value))).collect()
        }
        DataType::Float32 => {
            let floats = terms.as_primitive::<Float32Type>();
            let each = floats.values().iter().enumerate();
            each.map(|(at, value)| null(floats.is_null(at), murmur3::of_float(*value))).collect()
        }
        DataType::Float64 => {
            let doubles = terms.as_primitive::<Float64Type>();
            let each = doubles.values().iter().enumerate();
            each.map(|(at, value)| null(doubles.is_null(at), murmur3::of_double(*value))).collect()
        }
        other => {
            return Err(error::failed(format!(
                "FeatureHasher with murmur3 algorithm does not support type {other} of input data."
            )));
        }
    })
}

fn count(with: &Table, args: &[ArrayRef], _: usize) -> Result<ArrayRef> {
    let Some(lists) = arg(args, 0)?.as_list_opt::<i32>() else {
        return Err(SparkError::internal("terms were expected"));
    };
    let hashes = hashes(lists.values())?;
    let offsets = lists.value_offsets();
    let mut out = VectorColumnBuilder::with_capacity(lists.len(), hashes.len());
    let (mut places, mut indices, mut counts) = (Vec::new(), Vec::<i32>::new(), Vec::<f64>::new());
    for row in 0..lists.len() {
        if lists.is_null(row) {
            out.push_null();
            continue;
        }
        places.clear();
        let own = &hashes[offsets[row] as usize..offsets[row + 1] as usize];
        places.extend(own.iter().map(|hash| murmur3::place(*hash, with.n_features)));
        places.sort_unstable();
        indices.clear();
        counts.clear();
        for place in &places {
            match (indices.last() == Some(place), counts.last_mut()) {
                (true, Some(count)) => *count += 1.0,
                _ => {
                    indices.push(*place);
                    counts.push(1.0);
                }
            }
        }
        if with.binary {
            counts.fill(1.0);
        }
        out.push_sparse(with.n_features as usize, &indices, &counts);
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::murmur3;

    /// Recorded from Spark 4.2.0, of 2¹⁸ places.
    #[test]
    fn places() {
        let place = |hash| murmur3::place(hash, 1 << 18);
        assert_eq!(place(murmur3::of_text("a")), 107_107);
        assert_eq!(place(murmur3::of_float(1.5)), 260_152);
        assert_eq!(place(murmur3::of_double(1.5)), 228_837);
    }
}
