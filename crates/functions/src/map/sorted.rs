//! Maps with their entries in the order of the keys, so that equal maps are equal bytes (Spark's `MapSort`, which its
//! optimizer puts around grouping keys).

use crate::array::comparable;
use crate::scalar_kernel::{Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::DataType;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use std::sync::Arc;

/// `expr`, of type `data_type`, with the entries of all maps in it sorted by their keys.
pub fn sorted_maps(expr: Expr, data_type: &SparkType) -> Expr {
    SORTED.kernel((), data_type).nullable(Nullable::Propagate).call(vec![expr])
}

pub(super) static SORTED: Kind<()> = Kind::new("map_sort", |(), input| sorted(&input.args[0]));

fn sorted(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::Map(field, is_sorted) => {
            let map = array.as_map();
            let (keys, values) = (sorted(map.keys())?, sorted(map.values())?);
            let (_, rows) = comparable(&keys)?;
            let mut order: Vec<u32> = (0..keys.len() as u32).collect();
            for range in map.value_offsets().windows(2) {
                order[range[0] as usize..range[1] as usize]
                    .sort_by(|a, b| rows.row(*a as usize).cmp(&rows.row(*b as usize)));
            }
            let order = UInt32Array::from(order);
            let DataType::Struct(parts) = field.data_type() else {
                return Ok(Arc::clone(array));
            };
            let entries = vec![take(&keys, &order, None)?, take(&values, &order, None)?];
            let entries = StructArray::try_new(parts.clone(), entries, None)?;
            let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
            let field = Arc::clone(field);
            Ok(Arc::new(MapArray::try_new(field, offsets, entries, nulls, *is_sorted)?))
        }
        DataType::List(field) => {
            let list = array.as_list::<i32>();
            let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
            let values = sorted(list.values())?;
            Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
        }
        DataType::Struct(fields) if !fields.is_empty() => {
            let row = array.as_struct();
            let columns = row.columns().iter().map(sorted).collect::<Result<Vec<_>>>()?;
            Ok(Arc::new(StructArray::try_new(fields.clone(), columns, row.nulls().cloned())?))
        }
        _ => Ok(Arc::clone(array)),
    }
}
