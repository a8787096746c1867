//! Generators (`org.apache.spark.sql.catalyst.expressions.Generator`): several rows for one.
//!
//! A generator is a list of structs, one element per output row; the operator that unnests it is
//! elsewhere.

mod explode;
mod stack;

use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let generator = |name, build| FunctionDef { name, builder: Builder::Generator(build) };
    vec![
        generator("explode", |call| explode::explode(call, false, false)),
        generator("explode_outer", |call| explode::explode(call, false, true)),
        generator("posexplode", |call| explode::explode(call, true, false)),
        generator("posexplode_outer", |call| explode::explode(call, true, true)),
        generator("inline", |call| explode::inline(call, false)),
        generator("inline_outer", |call| explode::inline(call, true)),
        generator("stack", stack::stack),
        generator("json_tuple", crate::json::json_tuple),
        generator("variant_explode", |call| crate::variant::variant_explode(call, false)),
        generator("variant_explode_outer", |call| crate::variant::variant_explode(call, true)),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![&explode::EXPLODE, &explode::INLINE, &stack::STACK]
}
