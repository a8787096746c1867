//! `variant_explode(variant)`: a row for each element of an array or field of an object.

use super::column::{VariantBuilder, Variants};
use super::parse_json::variant_arg;
use super::reader::Node;
use crate::call::Call;
use crate::registry::GeneratorCall;
use crate::scalar_kernel::{Input, Kind};
use arrow::array::{ArrayRef, Int32Array, ListArray, StringBuilder, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// Columns `pos`, `key` (null for elements), `value`.
pub(crate) fn variant_explode(call: Call<'_>, outer: bool) -> Result<GeneratorCall> {
    let (name, settings) = (call.name.to_owned(), call.settings);
    let [arg] = call.exactly()?;
    let variant = variant_arg(&name, 0, arg, settings)?;
    let mut fields = vec![
        StructField::new("pos", SparkType::Integer, false),
        StructField::new("key", SparkType::string(), true),
        StructField::new("value", SparkType::Variant, false),
    ];
    let rows = SparkType::Array {
        element: Box::new(SparkType::Struct(StructType::new(fields.clone()))),
        contains_null: false,
    };
    let rows = EXPLODE.kernel((), &rows).call(vec![variant]);
    if outer {
        fields.iter_mut().for_each(|field| field.nullable = true);
    }
    let columns = fields.iter().map(StructField::to_arrow).collect();
    Ok(GeneratorCall { rows, columns, outer })
}

pub(crate) static EXPLODE: Kind<()> = Kind::new("variant_explode", explode);

fn explode((): &(), input: &Input<'_>) -> Result<ArrayRef> {
    let variants = Variants::of(&input.args[0])?;
    let (mut positions, mut keys) = (Vec::new(), StringBuilder::new());
    let mut values = VariantBuilder::default();
    let mut lengths = Vec::with_capacity(input.n_rows);
    for row in 0..input.n_rows {
        let before = positions.len();
        match variants.get(row).map(|view| view.node()).transpose()? {
            Some(Node::Array(elements)) => {
                for (position, element) in (0..).zip(elements) {
                    positions.push(position);
                    keys.append_null();
                    values.copied(element)?;
                }
            }
            Some(Node::Object(fields)) => {
                for (position, (name, value)) in (0..).zip(fields) {
                    positions.push(position);
                    keys.append_value(name);
                    values.copied(value)?;
                }
            }
            _ => {}
        }
        lengths.push(positions.len() - before);
    }
    let DataType::List(element) = input.result else {
        return Err(SparkError::internal("a generator answers with a list"));
    };
    let DataType::Struct(fields) = element.data_type() else {
        return Err(SparkError::internal("a generator answers with structs"));
    };
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int32Array::from(positions)), Arc::new(keys.finish()), values.finish()?];
    let rows = StructArray::try_new(fields.clone(), columns, None)?;
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(ListArray::try_new(Arc::clone(element), offsets, Arc::new(rows), None)?))
}
