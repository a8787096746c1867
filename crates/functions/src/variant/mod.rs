//! Variants: documents in binary form (`variantExpressions.scala`, `org.apache.spark.types.variant`).
//!
//! `writer` and `reader` know the bytes, `json_in` and `json_out` the text, `encode` and `decode` columns of
//! other types; casts use these too.

mod column;
mod copy;
mod decode;
mod encode;
mod explode;
mod get;
mod json_in;
mod json_out;
mod layout;
mod object;
mod parse_json;
mod path;
mod reader;
mod schema;
mod writer;

pub(crate) use column::{VariantBuilder, Variants};
pub(crate) use decode::decode_column;
pub(crate) use encode::{is_atomic, variant_column};
pub(crate) use explode::variant_explode;
pub(crate) use json_in::write_value;
pub(crate) use json_out::write_json;
pub(crate) use schema::{SCHEMA_AGG, schema_of_variant_agg};
pub(crate) use writer::Writer;

use crate::registry::FunctionDef;
use crate::scalar_kernel::AnyKind;

/// The group's table.
pub(crate) fn functions() -> Vec<FunctionDef> {
    vec![
        FunctionDef::scalar("parse_json", parse_json::parse_json),
        FunctionDef::scalar("try_parse_json", parse_json::parse_json),
        FunctionDef::scalar("is_variant_null", parse_json::is_variant_null),
        FunctionDef::scalar("is_valid_variant", parse_json::is_valid_variant),
        FunctionDef::scalar("variant_get", get::variant_get),
        FunctionDef::scalar("try_variant_get", get::variant_get),
        FunctionDef::scalar("schema_of_variant", schema::schema_of_variant),
        FunctionDef::scalar("to_variant_object", object::to_variant_object),
    ]
}

/// What the group's functions compute.
pub(crate) fn kinds() -> Vec<&'static dyn AnyKind> {
    vec![
        &parse_json::PARSE,
        &parse_json::IS_NULL,
        &parse_json::IS_VALID,
        &get::GET,
        &schema::SCHEMA,
        &object::OBJECT,
        &explode::EXPLODE,
    ]
}
