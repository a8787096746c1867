//! `map_filter`, `transform_keys`, `transform_values`, `map_zip_with`.

use super::frame::{LambdaKind, body, dense_map, parameter, resolved};
use crate::array::comparable;
use crate::call::{Arg, Call};
use crate::conform::conform;
use crate::implicit::{diff_types, unexpected_type};
use crate::map::MapBuilder;
use arrow::array::{Array, ArrayRef, AsArray, UInt32Array};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, FieldRef};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Arrow's type of what a lambda answers with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct BodyType(#[serde(with = "firesteel_common::wire::data_type")] DataType);

struct MapParts {
    key: SparkType,
    value: SparkType,
    value_contains_null: bool,
}

fn map_parts(map: &Arg) -> Result<MapParts> {
    match map.spark_type()? {
        SparkType::Map { key, value, value_contains_null } => {
            Ok(MapParts { key: *key, value: *value, value_contains_null })
        }
        _ => Err(unexpected_type("map_filter", 0, map, "MAP")),
    }
}

pub(crate) fn entry_parameters(
    args: &[Option<Arg>],
    _lambda: usize,
    _arity: usize,
) -> Result<Vec<FieldRef>> {
    let parts = map_parts(resolved(args, 0)?)?;
    Ok(vec![parameter(&parts.key, false), parameter(&parts.value, parts.value_contains_null)])
}

fn map_and_lambda(call: Call<'_>) -> Result<([Arg; 2], Vec<Vec<FieldRef>>, MapParts)> {
    let [map, lambda] = call.exactly()?;
    let parts = map_parts(&map)?;
    let parameters =
        vec![parameter(&parts.key, false), parameter(&parts.value, parts.value_contains_null)];
    Ok(([map, lambda], vec![parameters], parts))
}

pub(crate) fn map_filter(call: Call<'_>) -> Result<Expr> {
    let ([map, lambda], parameters, _) = map_and_lambda(call)?;
    let result = map.spark_type()?;
    let nullable = map.field.is_nullable();
    let kernel = MAP_FILTER.kernel((), parameters, (&result, nullable));
    Ok(kernel.call(vec![map.expr, lambda.expr]))
}

pub(super) static MAP_FILTER: LambdaKind<()> = LambdaKind::new("map_filter", |(), input| {
    let (map, rows) = dense_map(input.values[0].as_map())?;
    let arguments = [map.keys().clone(), map.values().clone()];
    let keep = input.evaluate(0, &arguments, &rows, &DataType::Boolean)?;
    let keep = keep.as_boolean();
    let mut builder = MapBuilder::new(map.keys(), map.values(), true)?;
    let offsets = map.value_offsets();
    for row in 0..input.n_rows {
        if map.is_null(row) {
            builder.null();
            continue;
        }
        let entries = offsets[row] as usize..offsets[row + 1] as usize;
        let kept = entries.filter(|entry| keep.is_valid(*entry) && keep.value(*entry));
        builder.map(kept.map(|entry| (entry, entry)))?;
    }
    builder.finish(input.result)
});

pub(crate) fn transform_keys(call: Call<'_>) -> Result<Expr> {
    let last_wins = call.settings.map_key_last_wins;
    let ([map, lambda], parameters, parts) = map_and_lambda(call)?;
    let (key, _) = body(&lambda)?;
    let result = SparkType::Map {
        key: Box::new(key.clone()),
        value: Box::new(parts.value),
        value_contains_null: parts.value_contains_null,
    };
    let params = (last_wins, BodyType(key.to_arrow()));
    let result = (&result, map.field.is_nullable());
    let kernel = TRANSFORM_KEYS.kernel(params, parameters, result);
    Ok(kernel.call(vec![map.expr, lambda.expr]))
}

pub(super) static TRANSFORM_KEYS: LambdaKind<(bool, BodyType)> =
    LambdaKind::new("transform_keys", |params, input| {
        let (last_wins, BodyType(key)) = params;
        let (map, rows) = dense_map(input.values[0].as_map())?;
        let arguments = [map.keys().clone(), map.values().clone()];
        let keys = input.evaluate(0, &arguments, &rows, key)?;
        let mut builder = MapBuilder::new(&keys, map.values(), *last_wins)?;
        let offsets = map.value_offsets();
        for row in 0..input.n_rows {
            if map.is_null(row) {
                builder.null();
                continue;
            }
            let entries = offsets[row] as usize..offsets[row + 1] as usize;
            builder.map(entries.map(|entry| (entry, entry)))?;
        }
        builder.finish(input.result)
    });

pub(crate) fn transform_values(call: Call<'_>) -> Result<Expr> {
    let ([map, lambda], parameters, parts) = map_and_lambda(call)?;
    let (value, value_contains_null) = body(&lambda)?;
    let params = BodyType(value.to_arrow());
    let result =
        SparkType::Map { key: Box::new(parts.key), value: Box::new(value), value_contains_null };
    let result = (&result, map.field.is_nullable());
    let kernel = TRANSFORM_VALUES.kernel(params, parameters, result);
    Ok(kernel.call(vec![map.expr, lambda.expr]))
}

pub(super) static TRANSFORM_VALUES: LambdaKind<BodyType> =
    LambdaKind::new("transform_values", |BodyType(value), input| {
        let (map, rows) = dense_map(input.values[0].as_map())?;
        let arguments = [map.keys().clone(), map.values().clone()];
        let values = input.evaluate(0, &arguments, &rows, value)?;
        let mut builder = MapBuilder::new(map.keys(), &values, true)?;
        let offsets = map.value_offsets();
        for row in 0..input.n_rows {
            if map.is_null(row) {
                builder.null();
                continue;
            }
            let entries = offsets[row] as usize..offsets[row + 1] as usize;
            builder.map(entries.map(|entry| (entry, entry)))?;
        }
        builder.finish(input.result)
    });

pub(crate) fn zip_parameters(
    args: &[Option<Arg>],
    _lambda: usize,
    _arity: usize,
) -> Result<Vec<FieldRef>> {
    let (left, right) = (map_parts(resolved(args, 0)?)?, map_parts(resolved(args, 1)?)?);
    Ok(vec![
        parameter(&left.key, false),
        parameter(&left.value, true),
        parameter(&right.value, true),
    ])
}

/// `map_zip_with(m1, m2, (k, v1, v2) -> …)` over the keys of both, in order of first appearance.
pub(crate) fn map_zip_with(call: Call<'_>) -> Result<Expr> {
    let [left, right, lambda] = call.exactly()?;
    let (left_parts, right_parts) = (map_parts(&left)?, map_parts(&right)?);
    if left_parts.key != right_parts.key {
        return Err(diff_types("map_zip_with", &[left.spark_type()?, right.spark_type()?]));
    }
    let nullable = left.field.is_nullable() || right.field.is_nullable();
    let parameters = vec![vec![
        parameter(&left_parts.key, false),
        parameter(&left_parts.value, true),
        parameter(&right_parts.value, true),
    ]];
    let (value, value_contains_null) = body(&lambda)?;
    let params = BodyType(value.to_arrow());
    let result = SparkType::Map {
        key: Box::new(left_parts.key),
        value: Box::new(value),
        value_contains_null,
    };
    let result = (&result, nullable);
    let kernel = MAP_ZIP_WITH.kernel(params, parameters, result);
    match &lambda.expr {
        Expr::Lambda(_) => Ok(kernel.call(vec![left.expr, right.expr, lambda.expr])),
        _ => Err(SparkError::internal("an argument is no lambda")),
    }
}

pub(super) static MAP_ZIP_WITH: LambdaKind<BodyType> =
    LambdaKind::new("map_zip_with", |BodyType(value), input| {
        let maps = [input.values[0].as_map(), input.values[1].as_map()];
        let second = conform(maps[1].keys(), maps[0].keys().data_type())?;
        let keys = concat(&[maps[0].keys().as_ref(), second.as_ref()])?;
        let (_, compared) = comparable(&keys)?;
        let shift = maps[0].keys().len();
        // Per entry of the answer: its row, its key, and its place in each map.
        let mut rows: Vec<u32> = Vec::new();
        let mut key_rows: Vec<u32> = Vec::new();
        let mut places: [Vec<Option<u32>>; 2] = [Vec::new(), Vec::new()];
        let mut ends: Vec<Option<usize>> = Vec::new();
        for row in 0..input.n_rows {
            if maps.iter().any(|map| map.is_null(row)) {
                ends.push(None);
                continue;
            }
            let mut known = HashMap::new();
            for (side, map) in maps.iter().enumerate() {
                let offsets = map.value_offsets();
                for entry in offsets[row] as usize..offsets[row + 1] as usize {
                    let key = entry + side * shift;
                    let place = *known.entry(compared.row(key)).or_insert_with(|| {
                        rows.push(row as u32);
                        key_rows.push(key as u32);
                        places.iter_mut().for_each(|side| side.push(None));
                        rows.len() - 1
                    });
                    places[side][place] = Some(entry as u32);
                }
            }
            ends.push(Some(rows.len()));
        }
        let answer_keys = take(&keys, &UInt32Array::from(key_rows), None)?;
        let [left, right] = places.map(UInt32Array::from);
        let arguments = [
            answer_keys.clone(),
            take(maps[0].values(), &left, None)?,
            take(maps[1].values(), &right, None)?,
        ];
        let values: ArrayRef = input.evaluate(0, &arguments, &UInt32Array::from(rows), value)?;
        let mut builder = MapBuilder::new(&answer_keys, &values, true)?;
        let mut start = 0;
        for end in ends {
            match end {
                None => builder.null(),
                Some(end) => {
                    builder.map((start..end).map(|entry| (entry, entry)))?;
                    start = end;
                }
            }
        }
        builder.finish(input.result)
    });
