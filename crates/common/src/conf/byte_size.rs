//! Sizes as Spark writes them: `512m`, `4g`, `1024`.

use crate::error::{ErrorKind, Result, SparkError};

/// Bytes that `text` means as the value of `key`. A number without a unit counts `2^default_shift` bytes:
/// 20 for Spark's memory settings (mebibytes), 0 for most others.
///
/// # Errors
/// `IllegalArgument` for anything but a whole number with one of the units b, k, m, g, t, p (also kb, kib,
/// and so on), and for sizes beyond 2^63 bytes.
pub fn parse_byte_size(key: &str, text: &str, default_shift: u32) -> Result<u64> {
    let trimmed = text.trim().to_ascii_lowercase();
    let end = trimmed.find(|c: char| !c.is_ascii_digit()).unwrap_or(trimmed.len());
    let shift = match trimmed[end..].trim() {
        "" => Some(default_shift),
        "b" => Some(0),
        "k" | "kb" | "kib" => Some(10),
        "m" | "mb" | "mib" => Some(20),
        "g" | "gb" | "gib" => Some(30),
        "t" | "tb" | "tib" => Some(40),
        "p" | "pb" | "pib" => Some(50),
        _ => None,
    };
    let number = trimmed[..end].parse::<u64>().ok();
    let bytes = number.zip(shift).and_then(|(number, shift)| number.checked_mul(1 << shift));
    bytes.filter(|bytes| i64::try_from(*bytes).is_ok()).ok_or_else(|| {
        SparkError::new(
            ErrorKind::IllegalArgument,
            "",
            format!(
                "{key} must be a whole number with one of the units b, k, m, g, t, p, such as 512m or 4g; \
                 got \"{text}\"."
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_spark() {
        let size = |text| parse_byte_size("spark.executor.memory", text, 20).ok();
        assert_eq!(size("4g"), Some(4 << 30));
        assert_eq!(size(" 512MB "), Some(512 << 20));
        assert_eq!(size("300"), Some(300 << 20));
        assert_eq!(size("17b"), Some(17));
        for wrong in ["", "g", "1.5g", "-1g", "4x", "99999999p", "4 4g"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }
}
