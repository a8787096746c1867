//! `#[serde(with = "wire::bytes")]`: shared bytes, as base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use serde::{Deserialize, Deserializer, Serializer, de};
use std::sync::Arc;

/// # Errors
/// None in practice: a text always has a form.
pub fn serialize<S: Serializer>(bytes: &Arc<[u8]>, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&BASE64.encode(bytes))
}

/// # Errors
/// The text is no base64.
pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<[u8]>, D::Error> {
    let text = String::deserialize(from)?;
    BASE64.decode(text).map(Arc::from).map_err(de::Error::custom)
}
