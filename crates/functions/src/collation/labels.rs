//! The collations in a type: told, taken away and put on, without touching values.

use crate::scalar_kernel::{Input, Kernel, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray, ListArray, MapArray, StructArray};
use arrow::datatypes::{DataType, Field};
use datafusion_expr::Expr;
use firesteel_common::types::TYPE_KEY;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use std::sync::Arc;

/// Whether a field's type has a collation somewhere. Cheap for the many that have none.
pub fn holds_collation(field: &Field) -> bool {
    let is_collated = |field: &Field| {
        let tag = field.metadata().get(TYPE_KEY);
        tag.is_some_and(|tag| tag.starts_with("collation:"))
    };
    match field.data_type() {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => is_collated(field),
        DataType::List(element) => holds_collation(element),
        DataType::Map(entries, _) => holds_collation(entries),
        DataType::Struct(fields) => fields.iter().any(|field| holds_collation(field)),
        _ => false,
    }
}

/// Whether a type has a collation somewhere.
pub fn is_collated(data_type: &SparkType) -> bool {
    data_type.holds(&|part| matches!(part, SparkType::String { collation: Some(_) }))
}

/// The type with `change` applied to each string in it.
fn changed(data_type: &SparkType, change: &dyn Fn(&Option<String>) -> Option<String>) -> SparkType {
    match data_type {
        SparkType::String { collation } => SparkType::String { collation: change(collation) },
        SparkType::Array { element, contains_null } => SparkType::Array {
            element: Box::new(changed(element, change)),
            contains_null: *contains_null,
        },
        SparkType::Map { key, value, value_contains_null } => SparkType::Map {
            key: Box::new(changed(key, change)),
            value: Box::new(changed(value, change)),
            value_contains_null: *value_contains_null,
        },
        SparkType::Struct(row) => {
            let fields = row.fields.iter().map(|field| StructField {
                data_type: changed(&field.data_type, change),
                ..field.clone()
            });
            SparkType::Struct(StructType { fields: fields.collect() })
        }
        other => other.clone(),
    }
}

/// The type with plain strings only.
pub fn without_collation(data_type: &SparkType) -> SparkType {
    changed(data_type, &|_| None)
}

/// The type whose plain strings have this collation.
pub fn with_collation(data_type: &SparkType, name: &str) -> SparkType {
    changed(data_type, &|known| known.clone().or_else(|| Some(name.to_owned())))
}

pub(super) static COLLATED: Kind<()> = Kind::new("collate", evaluate);
pub(super) static RELABELLED: Kind<()> = Kind::new("with_collation", evaluate);

/// `text COLLATE …`.
pub(super) fn collated(expr: Expr, data_type: &SparkType) -> Expr {
    passing(COLLATED.kernel((), data_type), expr)
}

/// The same value of a type that differs by collations.
pub fn relabelled(expr: Expr, data_type: &SparkType) -> Expr {
    passing(RELABELLED.kernel((), data_type), expr)
}

fn passing(kernel: Kernel, expr: Expr) -> Expr {
    kernel.nullable(Nullable::Propagate).call(vec![expr])
}

fn evaluate(_params: &(), input: &Input<'_>) -> Result<ArrayRef> {
    let Some(column) = input.args.first() else {
        return Err(SparkError::internal("a collation without a value"));
    };
    walked(column, None, input.result, &|column, _| Ok(Arc::clone(column)))
}

/// `column` as `result`, which differs by tags only; `change` makes the strings that have a collation, by its
/// name. Without types the values stay.
pub(super) fn walked(
    column: &ArrayRef,
    data_type: Option<&SparkType>,
    result: &DataType,
    change: &dyn Fn(&ArrayRef, &str) -> Result<ArrayRef>,
) -> Result<ArrayRef> {
    match (data_type, result) {
        (Some(SparkType::String { collation: Some(name) }), _) => change(column, name),
        (own, DataType::List(field)) => {
            let element = match own {
                Some(SparkType::Array { element, .. }) => Some(element.as_ref()),
                _ => None,
            };
            let list = column.as_list::<i32>();
            let values = walked(list.values(), element, field.data_type(), change)?;
            let (offsets, nulls) = (list.offsets().clone(), list.nulls().cloned());
            Ok(Arc::new(ListArray::try_new(Arc::clone(field), offsets, values, nulls)?))
        }
        (own, DataType::Map(field, sorted)) => {
            let (key, value) = match own {
                Some(SparkType::Map { key, value, .. }) => {
                    (Some(key.as_ref()), Some(value.as_ref()))
                }
                _ => (None, None),
            };
            let DataType::Struct(parts) = field.data_type() else {
                return Err(SparkError::internal("a map without entries"));
            };
            let map = column.as_map();
            let keys = walked(map.keys(), key, parts[0].data_type(), change)?;
            let values = walked(map.values(), value, parts[1].data_type(), change)?;
            let entries = StructArray::try_new(parts.clone(), vec![keys, values], None)?;
            let (offsets, nulls) = (map.offsets().clone(), map.nulls().cloned());
            let map = MapArray::try_new(Arc::clone(field), offsets, entries, nulls, *sorted)?;
            Ok(Arc::new(map))
        }
        (own, DataType::Struct(fields)) if !fields.is_empty() => {
            let parts = column.as_struct();
            let mut columns = Vec::with_capacity(fields.len());
            for (position, (part, field)) in parts.columns().iter().zip(fields).enumerate() {
                let inner = match own {
                    Some(SparkType::Struct(row)) => {
                        row.fields.get(position).map(|field| &field.data_type)
                    }
                    _ => None,
                };
                columns.push(walked(part, inner, field.data_type(), change)?);
            }
            let nulls = parts.nulls().cloned();
            Ok(Arc::new(StructArray::try_new(fields.clone(), columns, nulls)?))
        }
        _ => Ok(Arc::clone(column)),
    }
}
