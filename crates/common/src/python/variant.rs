//! Constants in the binary form of Spark's `VARIANT`, as workers read values of filters.

use datafusion_common::ScalarValue;

/// A dictionary of keys without keys, version 1.
pub(super) const METADATA: [u8; 3] = [1, 0, 0];

const SHORT_STRING_BYTES_MAX: usize = 63;

/// `value`; none if it is null or of a type without such a form.
pub(super) fn variant(value: &ScalarValue) -> Option<Vec<u8>> {
    Some(match value {
        ScalarValue::Boolean(Some(true)) => primitive(1, &[]),
        ScalarValue::Boolean(Some(false)) => primitive(2, &[]),
        ScalarValue::Int8(Some(value)) => primitive(3, &value.to_le_bytes()),
        ScalarValue::Int16(Some(value)) => primitive(4, &value.to_le_bytes()),
        ScalarValue::Int32(Some(value)) => primitive(5, &value.to_le_bytes()),
        ScalarValue::Int64(Some(value)) => primitive(6, &value.to_le_bytes()),
        ScalarValue::Float64(Some(value)) => primitive(7, &value.to_le_bytes()),
        ScalarValue::Float32(Some(value)) => primitive(14, &value.to_le_bytes()),
        ScalarValue::Decimal128(Some(value), precision, scale) => {
            let scale = u8::try_from(*scale).ok()?;
            let (kind, n_bytes) = match precision {
                0..=9 => (8, 4),
                10..=18 => (9, 8),
                _ => (10, 16),
            };
            let mut bytes = vec![scale];
            bytes.extend(&value.to_le_bytes()[..n_bytes]);
            primitive(kind, &bytes)
        }
        ScalarValue::Date32(Some(value)) => primitive(11, &value.to_le_bytes()),
        ScalarValue::TimestampMicrosecond(Some(value), zone) => {
            primitive(if zone.is_some() { 12 } else { 13 }, &value.to_le_bytes())
        }
        ScalarValue::Binary(Some(value)) => sized(15, value)?,
        ScalarValue::Utf8(Some(value)) if value.len() <= SHORT_STRING_BYTES_MAX => {
            let mut bytes = vec![((value.len() as u8) << 2) | 1];
            bytes.extend(value.as_bytes());
            bytes
        }
        ScalarValue::Utf8(Some(value)) => sized(16, value.as_bytes())?,
        _ => return None,
    })
}

/// An array, with offsets of four bytes.
pub(super) fn array(values: &[Vec<u8>]) -> Option<Vec<u8>> {
    const LARGE_WITH_LONG_OFFSETS: u8 = (0b111 << 2) | 3;
    let mut bytes = vec![LARGE_WITH_LONG_OFFSETS];
    bytes.extend(u32::try_from(values.len()).ok()?.to_le_bytes());
    let mut end = 0_u32;
    bytes.extend(end.to_le_bytes());
    for value in values {
        end = end.checked_add(u32::try_from(value.len()).ok()?)?;
        bytes.extend(end.to_le_bytes());
    }
    bytes.extend(values.iter().flatten());
    Some(bytes)
}

fn primitive(kind: u8, value: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind << 2];
    bytes.extend(value);
    bytes
}

fn sized(kind: u8, value: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = primitive(kind, &u32::try_from(value.len()).ok()?.to_le_bytes());
    bytes.extend(value);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(variant(&ScalarValue::Int32(Some(258))), Some(vec![20, 2, 1, 0, 0]));
        assert_eq!(variant(&ScalarValue::Utf8(Some("ab".to_owned()))), Some(vec![9, b'a', b'b']));
        assert_eq!(
            variant(&ScalarValue::Decimal128(Some(-1), 5, 2)),
            Some(vec![32, 2, 255, 255, 255, 255])
        );
        assert_eq!(variant(&ScalarValue::Int32(None)), None);
        let long = variant(&ScalarValue::Utf8(Some("x".repeat(64)))).expect("a value");
        assert_eq!(long[..5], [64, 64, 0, 0, 0]);
    }

    #[test]
    fn arrays() {
        let values = [vec![4], vec![12, 7]];
        let wanted = vec![31, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 4, 12, 7];
        assert_eq!(array(&values), Some(wanted));
    }
}
