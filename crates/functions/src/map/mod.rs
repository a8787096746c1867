//! Map functions (`collectionOperations.scala`, `complexTypeCreator.scala`).

pub(crate) mod build;
mod construct;
mod read;
mod sorted;

pub(crate) use build::MapBuilder;
pub use sorted::sorted_maps;

use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let scalar = |name, build| FunctionDef { name, builder: Builder::Scalar(build) };
    vec![
        scalar("map", construct::map),
        scalar("map_from_arrays", construct::map_from_arrays),
        scalar("map_from_entries", construct::map_from_entries),
        scalar("map_concat", construct::map_concat),
        scalar("str_to_map", construct::str_to_map),
        scalar("map_keys", |call| read::part(call, read::Part::Keys)),
        scalar("map_values", |call| read::part(call, read::Part::Values)),
        scalar("map_entries", |call| read::part(call, read::Part::Entries)),
        scalar("map_contains_key", read::contains_key),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![
        &construct::CONCAT,
        &construct::MAP,
        &construct::OF_ARRAYS,
        &construct::OF_ENTRIES,
        &construct::OF_TEXT,
        &read::CONTAINS_KEY,
        &read::PART,
        &sorted::SORTED,
    ]
}
