//! `#[serde(with = "crate::wire::doubles")]`: many doubles, NaN and infinities included, exactly and in a third of the
//! space of digits: as hexadecimal text of their bytes.

/// Serde form of `Vec<f64>`.
pub mod doubles {
    use serde::{Deserialize, Deserializer, Serializer, de};

    /// # Errors
    /// None in practice.
    pub fn serialize<S: Serializer>(values: &[f64], to: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(16 * values.len());
        for value in values {
            for byte in value.to_le_bytes() {
                for half in [byte >> 4, byte & 15] {
                    text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
                }
            }
        }
        to.serialize_str(&text)
    }

    /// # Errors
    /// The text is none that `serialize` gives.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let text = String::deserialize(from)?;
        let broken = || de::Error::custom("no doubles");
        let half = |byte: u8| char::from(byte).to_digit(16).ok_or_else(broken);
        let mut values = Vec::with_capacity(text.len() / 16);
        for digits in text.as_bytes().chunks(16) {
            let mut bytes = [0; 8];
            for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                *byte = (half(pair[0])? * 16 + half(pair[1])?) as u8;
            }
            values.push(f64::from_le_bytes(bytes));
        }
        Ok(values)
    }
}
