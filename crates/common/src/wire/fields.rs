//! `#[serde(with = "wire::fields")]`: as [`super::field`], lists of lists of them.

use crate::types::StructField;
use arrow::datatypes::FieldRef;
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

/// # Errors
/// A field's Arrow type is none of Spark's.
pub fn serialize<S: Serializer>(fields: &[Vec<FieldRef>], to: S) -> Result<S::Ok, S::Error> {
    let list = |list: &Vec<FieldRef>| {
        list.iter().map(|field| StructField::from_arrow(field)).collect::<crate::Result<Vec<_>>>()
    };
    let lists = fields.iter().map(list).collect::<crate::Result<Vec<_>>>();
    lists.map_err(ser::Error::custom)?.serialize(to)
}

/// # Errors
/// The bytes are no such lists.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<FieldRef>>, D::Error> {
    let lists = Vec::<Vec<StructField>>::deserialize(from)?;
    Ok(lists.iter().map(|list| list.iter().map(StructField::to_arrow).collect()).collect())
}
