//! `map_keys`, `map_values`, `map_entries`, `map_contains_key`.

use crate::array::comparable;
use crate::call::Call;
use crate::cast::{EvalMode, cast};
use crate::coercion::common_type;
use crate::conform::conform;
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Kind, Nullable};
use arrow::array::{Array, ArrayRef, BooleanArray, ListArray};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType, StructField, StructType};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Part {
    Keys,
    Values,
    Entries,
}

pub(crate) fn part(call: Call<'_>, part: Part) -> Result<Expr> {
    let name = call.name.to_owned();
    let [map] = call.exactly()?;
    let SparkType::Map { key, value, value_contains_null } = map.spark_type()? else {
        return Err(unexpected_type(&name, 0, &map, "MAP"));
    };
    let (element, contains_null) = match part {
        Part::Keys => (key, false),
        Part::Values => (value, value_contains_null),
        Part::Entries => {
            let entry = StructType::new(vec![
                StructField::new("key", *key, false),
                StructField::new("value", *value, value_contains_null),
            ]);
            (Box::new(SparkType::Struct(entry)), false)
        }
    };
    let result = SparkType::Array { element, contains_null };
    let kernel = PART.kernel(part, &result);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![map.expr]))
}

pub(super) static PART: Kind<Part> = Kind::new("map_part", |part, input| {
    let map = input.map(0)?;
    let DataType::List(field) = input.result else {
        return Err(SparkError::internal("a part of a map is a list"));
    };
    let values: ArrayRef = match part {
        Part::Keys => Arc::clone(map.keys()),
        Part::Values => Arc::clone(map.values()),
        Part::Entries => Arc::new(map.entries().clone()),
    };
    let values = conform(&values, field.data_type())?;
    Ok(Arc::new(ListArray::try_new(
        Arc::clone(field),
        map.offsets().clone(),
        values,
        map.nulls().cloned(),
    )?))
});

/// `map_contains_key(map, key)`.
pub(crate) fn contains_key(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = ("map_contains_key", call.settings);
    let [map, key] = call.exactly()?;
    let SparkType::Map { key: key_type, value, value_contains_null } = map.spark_type()? else {
        return Err(unexpected_type(name, 0, &map, "MAP"));
    };
    let wanted = common_type(&key_type, &key.spark_type()?, settings)
        .ok_or_else(|| unexpected_type(name, 1, &key, &key_type.sql()))?;
    let mode = EvalMode::of(settings);
    let as_map = SparkType::Map { key: Box::new(wanted.clone()), value, value_contains_null };
    let args = vec![cast(map, &as_map, mode, settings)?, cast(key, &wanted, mode, settings)?];
    let kernel = CONTAINS_KEY.named(name, (), &SparkType::Boolean);
    Ok(kernel.nullable(Nullable::Propagate).call(args))
}

pub(super) static CONTAINS_KEY: Kind<()> = Kind::new("map_contains_key", |(), input| {
    let map = input.map(0)?;
    let wanted = conform(&input.args[1], map.keys().data_type())?;
    let (_, rows) = comparable(&concat(&[map.keys().as_ref(), wanted.as_ref()])?)?;
    let nulls = wanted.logical_nulls();
    let (n_keys, offsets) = (map.keys().len(), map.value_offsets());
    let found = (0..input.n_rows).map(|row| {
        if map.is_null(row) || nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return None;
        }
        let wanted = rows.row(n_keys + row);
        let mut range = offsets[row] as usize..offsets[row + 1] as usize;
        Some(range.any(|entry| rows.row(entry) == wanted))
    });
    Ok(Arc::new(found.collect::<BooleanArray>()) as ArrayRef)
});
