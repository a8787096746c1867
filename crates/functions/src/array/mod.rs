//! Array functions (`collectionOperations.scala`).
//!
//! Elements are compared in Arrow's row format, which orders every type as Spark does (NaN greatest,
//! structs field by field); results are mostly rows taken from the input (`taken.rs`).

mod access;
mod construct;
mod edit;
mod search;
mod sequence;
mod sets;
mod sort;
mod taken;
mod zip;

pub(crate) use edit::reverse;
pub(crate) use taken::{Taken, comparable, rows_of};

use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let scalar = |name, build| FunctionDef { name, builder: Builder::Scalar(build) };
    vec![
        scalar("array", construct::array),
        scalar("array_repeat", construct::array_repeat),
        scalar("sequence", sequence::sequence),
        scalar("arrays_zip", zip::arrays_zip),
        scalar("get_item", access::get_item),
        scalar("get_array_struct_fields", access::struct_fields),
        scalar("get", access::get),
        scalar("element_at", access::element_at),
        scalar("try_element_at", access::element_at),
        scalar("slice", access::slice),
        scalar("size", search::size),
        scalar("cardinality", search::size),
        scalar("array_size", search::size),
        scalar("array_contains", search::contains),
        scalar("array_position", search::position),
        scalar("array_binary_search", search::binary_search),
        scalar("array_max", search::extreme),
        scalar("array_min", search::extreme),
        scalar("arrays_overlap", search::overlap),
        scalar("array_distinct", sets::distinct),
        scalar("array_union", sets::union),
        scalar("array_intersect", sets::intersect),
        scalar("array_except", sets::except),
        scalar("array_remove", sets::remove),
        scalar("array_compact", sets::compact),
        scalar("array_append", edit::append),
        scalar("array_prepend", edit::prepend),
        scalar("array_insert", edit::insert),
        scalar("flatten", edit::flatten),
        scalar("shuffle", edit::shuffle),
        scalar("array_join", edit::join),
        scalar("sort_array", sort::sort_array),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![
        &access::ELEMENT,
        &access::MAP_VALUE,
        &access::SLICE,
        &access::STRUCT_FIELDS,
        &construct::ARRAY,
        &construct::REPEAT,
        &edit::ADD,
        &edit::FLATTEN,
        &edit::INSERT,
        &edit::JOIN,
        &edit::REVERSE,
        &edit::SHUFFLE,
        &search::BINARY_SEARCH,
        &search::CONTAINS,
        &search::EXTREME,
        &search::OVERLAP,
        &search::POSITION,
        &search::SIZE,
        &sequence::OF_MOMENTS,
        &sequence::OF_NUMBERS,
        &sets::BINARY,
        &sets::COMPACT,
        &sets::DISTINCT,
        &sets::REMOVE,
        &sort::SORT,
        &zip::ZIP,
    ]
}
