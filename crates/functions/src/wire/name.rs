//! A function's static name among its parameters: found again in the registry.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;

/// A name of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Name(pub &'static str);

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = Cow::<'_, str>::deserialize(from)?;
        crate::registry::lookup(&name)
            .map(|found| Self(found.name))
            .ok_or_else(|| de::Error::custom(format!("there is no function {name}")))
    }
}
