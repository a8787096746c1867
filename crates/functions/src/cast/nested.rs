//! Arrays, maps and structs: their parts are cast one by one.

use super::column::{Context, cast_column, missing};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use arrow::datatypes::DataType;
use firesteel_common::{Result, SparkError, SparkType};
use std::sync::Arc;

pub(super) fn column(
    array: &ArrayRef,
    from: &SparkType,
    to: &SparkType,
    context: &Context,
) -> Result<ArrayRef> {
    match (from, to, to.to_arrow()) {
        (
            SparkType::Array { element: from_element, .. },
            SparkType::Array { element, .. },
            DataType::List(field),
        ) => {
            let list = as_list(array)?;
            let values = cast_column(list.values(), from_element, element, context)?;
            let nulls = list.nulls().cloned();
            Ok(Arc::new(ListArray::try_new(field, list.offsets().clone(), values, nulls)?))
        }
        (
            SparkType::Map { key: from_key, value: from_value, .. },
            SparkType::Map { key, value, .. },
            DataType::Map(field, _),
        ) => {
            let map = array.as_map();
            let keys = cast_column(map.keys(), from_key, key, context)?;
            let values = cast_column(map.values(), from_value, value, context)?;
            let DataType::Struct(fields) = field.data_type() else {
                return Err(missing(from, to));
            };
            let entries = StructArray::try_new(fields.clone(), vec![keys, values], None)?;
            let nulls = map.nulls().cloned();
            Ok(Arc::new(MapArray::try_new(field, map.offsets().clone(), entries, nulls, false)?))
        }
        (SparkType::Struct(from_fields), SparkType::Struct(fields), DataType::Struct(arrow)) => {
            let parts = array.as_struct();
            let columns = parts
                .columns()
                .iter()
                .zip(from_fields.fields.iter().zip(&fields.fields))
                .map(|(column, (from, to))| {
                    // A part of a row that is null itself must raise nothing.
                    let column = match parts.nulls() {
                        Some(nulls) => hide(column, nulls)?,
                        None => Arc::clone(column),
                    };
                    cast_column(&column, &from.data_type, &to.data_type, context)
                })
                .collect::<Result<Vec<_>>>()?;
            let nulls = parts.nulls().cloned();
            Ok(Arc::new(StructArray::try_new_with_length(arrow, columns, nulls, array.len())?))
        }
        _ => Err(missing(from, to)),
    }
}

/// `column` with nulls where `outer` has them.
pub(super) fn hide(column: &ArrayRef, outer: &arrow::buffer::NullBuffer) -> Result<ArrayRef> {
    let mask = arrow::array::BooleanArray::new(!outer.inner(), None);
    Ok(arrow::compute::nullif(column, &mask)?)
}

/// A list in the layout that Spark types have.
pub(super) fn as_list(array: &ArrayRef) -> Result<ListArray> {
    match array.data_type() {
        DataType::List(_) => Ok(array.as_list::<i32>().clone()),
        DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            let list = arrow::compute::cast(array, &DataType::List(Arc::clone(field)))?;
            Ok(list.as_list::<i32>().clone())
        }
        other => Err(SparkError::internal(format!("{other} is no list"))),
    }
}
