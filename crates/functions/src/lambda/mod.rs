//! Functions that take lambdas (`higherOrderFunctions.scala`).
//!
//! A lambda's body is evaluated once per batch over the elements of all rows together; captured
//! columns are spread to the elements. Only `aggregate` steps through positions, because each step
//! needs the one before.

mod aggregate;
mod arrays;
mod frame;
mod maps;
mod sort;

pub(crate) use frame::LambdaKernel;

use crate::registry::{Builder, FunctionDef, HigherOrder};
use crate::scalar_kernel::AnyKind;
use frame::AnyLambdaKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let higher_order = |name, parameters, build| FunctionDef {
        name,
        builder: Builder::HigherOrder(HigherOrder { parameters, build }),
    };
    vec![
        higher_order("transform", arrays::element_parameters, arrays::transform),
        higher_order("filter", arrays::element_parameters, arrays::filter),
        higher_order("exists", arrays::element_parameters, arrays::exists),
        higher_order("forall", arrays::element_parameters, arrays::forall),
        higher_order("zip_with", arrays::zip_parameters, arrays::zip_with),
        higher_order("aggregate", aggregate::parameters, aggregate::aggregate),
        higher_order("reduce", aggregate::parameters, aggregate::aggregate),
        higher_order("array_sort", sort::parameters, sort::array_sort),
        higher_order("map_filter", maps::entry_parameters, maps::map_filter),
        higher_order("transform_keys", maps::entry_parameters, maps::transform_keys),
        higher_order("transform_values", maps::entry_parameters, maps::transform_values),
        higher_order("map_zip_with", maps::zip_parameters, maps::map_zip_with),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyLambdaKind> {
    vec![
        &arrays::TRANSFORM,
        &arrays::FILTER,
        &arrays::EXISTS,
        &arrays::FORALL,
        &arrays::ZIP_WITH,
        &aggregate::AGGREGATE,
        &sort::SORT_BY,
        &maps::MAP_FILTER,
        &maps::TRANSFORM_KEYS,
        &maps::TRANSFORM_VALUES,
        &maps::MAP_ZIP_WITH,
    ]
}

/// Those that lost their lambda.
pub(crate) fn scalar_kinds() -> Vec<&'static dyn AnyKind> {
    vec![&sort::SORT]
}
