//! Arrays under another spelling of the same type.
//!
//! Two Arrow types may be one Spark type: the element of a list may be called `element` or `item`,
//! a field may be declared nullable or not. Arrow refuses to put such arrays together, so kernels
//! that build nested values bring their children to the declared type first.

use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use firesteel_common::Result;
use std::sync::Arc;

/// `array` with exactly the type `target`.
pub(crate) fn conform(array: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    if array.data_type() == target {
        return Ok(Arc::clone(array));
    }
    match (array.data_type(), target) {
        (DataType::List(_), DataType::List(field)) => {
            let list = array.as_list::<i32>();
            let values = conform(list.values(), field.data_type())?;
            let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
            Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
        }
        (DataType::Struct(from), DataType::Struct(fields)) if from.len() == fields.len() => {
            let row = array.as_struct();
            if fields.is_empty() {
                return Ok(Arc::clone(array));
            }
            let columns = row
                .columns()
                .iter()
                .zip(fields)
                .map(|(column, field)| conform(column, field.data_type()))
                .collect::<Result<Vec<_>>>()?;
            Ok(Arc::new(StructArray::try_new(fields.clone(), columns, row.nulls().cloned())?))
        }
        (DataType::Map(_, _), DataType::Map(field, ordered)) => {
            let map = array.as_map();
            let entries: ArrayRef = Arc::new(map.entries().clone());
            let entries = conform(&entries, field.data_type())?;
            Ok(Arc::new(MapArray::try_new(
                Arc::clone(field),
                map.offsets().clone(),
                entries.as_struct().clone(),
                map.nulls().cloned(),
                *ordered,
            )?))
        }
        _ => Ok(cast(array, target)?),
    }
}
