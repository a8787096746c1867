//! JSON functions (`jsonExpressions.scala`).

pub(crate) mod ddl;
mod from_json;
mod infer;
pub(crate) mod options;
mod path;
mod relaxed;
mod shape;
mod to_json;
mod tuple;

pub(crate) use from_json::{leaves, nullable, read_values};
pub(crate) use tuple::json_tuple;

use crate::registry::{Builder, FunctionDef};
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    let scalar = |name, build| FunctionDef { name, builder: Builder::Scalar(build) };
    vec![
        scalar("get_json_object", path::get_json_object),
        scalar("from_json", from_json::from_json),
        scalar("to_json", to_json::to_json),
        scalar("json_array_length", shape::array_length),
        scalar("json_object_keys", shape::object_keys),
        scalar("schema_of_json", infer::schema_of_json),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![
        &from_json::FROM_JSON,
        &path::GET,
        &shape::KEYS,
        &shape::LENGTH,
        &to_json::TO_JSON,
        &tuple::TUPLE,
    ]
}
