//! Maps whose keys have a collation: keys that are equal there count as one.

use super::key::key;
use super::without_collation;
use crate::map::build::MapBuilder;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, AsArray};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};

/// `map`, a plain map, with each key once under the collation that the key of `map_type` has.
///
/// # Errors
/// `INDETERMINATE_COLLATION`; rows with a key twice raise `DUPLICATED_MAP_KEY` unless `last_wins`.
pub fn with_distinct_keys(map: Expr, map_type: &SparkType, last_wins: bool) -> Result<Expr> {
    let SparkType::Map { key: own, value, value_contains_null } = map_type else {
        return Ok(map);
    };
    let (value, value_contains_null) = (Box::new(without_collation(value)), *value_contains_null);
    let keyed = SparkType::Map { key: own.clone(), value, value_contains_null };
    let keys = key(map.clone(), &keyed)?;
    let kernel = DISTINCT_KEYS.kernel(last_wins, &without_collation(map_type));
    Ok(kernel.nullable(Nullable::Propagate).call(vec![map, keys]))
}

pub(super) static DISTINCT_KEYS: Kind<bool> = Kind::new("collated_map_keys", evaluate);

fn evaluate(last_wins: &bool, input: &Input<'_>) -> Result<ArrayRef> {
    let [map, keyed] = input.args else {
        return Err(SparkError::internal("a map without its keys"));
    };
    let (map, keyed) = (map.as_map(), keyed.as_map());
    let mut builder = MapBuilder::compared_by(map.keys(), keyed.keys(), map.values(), *last_wins)?;
    for row in 0..map.len() {
        if map.is_null(row) {
            builder.null();
            continue;
        }
        let entries = map.offsets()[row] as usize..map.offsets()[row + 1] as usize;
        builder.map(entries.map(|entry| (entry, entry)))?;
    }
    builder.finish(input.result)
}
