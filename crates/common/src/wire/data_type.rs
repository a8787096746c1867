//! `#[serde(with = "wire::data_type")]`: an Arrow type that stands for a Spark type, as the latter.

use crate::types::SparkType;
use arrow::datatypes::DataType;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

/// # Errors
/// The Arrow type is none of Spark's.
pub fn serialize<S: Serializer>(data_type: &DataType, to: S) -> Result<S::Ok, S::Error> {
    SparkType::from_arrow(data_type).map_err(ser::Error::custom)?.serialize(to)
}

/// # Errors
/// The bytes are no type.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DataType, D::Error> {
    Ok(SparkType::deserialize(from)?.to_arrow())
}
