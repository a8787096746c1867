//! `#[serde(with = "wire::field")]`: an Arrow field that stands for a Spark field, as the latter.

use crate::types::StructField;
use arrow::datatypes::FieldRef;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

/// # Errors
/// The field's Arrow type is none of Spark's.
pub fn serialize<S: Serializer>(field: &FieldRef, to: S) -> Result<S::Ok, S::Error> {
    StructField::from_arrow(field).map_err(ser::Error::custom)?.serialize(to)
}

/// # Errors
/// The bytes are no field.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<FieldRef, D::Error> {
    Ok(StructField::deserialize(from)?.to_arrow())
}
