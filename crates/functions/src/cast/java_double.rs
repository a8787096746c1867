//! Floating-point numbers as Java prints them (`Double.toString`): `1.0`, `1.0E10`, `NaN`.

/// Java's text of a double.
pub fn double_text(value: f64) -> String {
    // Java keeps two digits of the smallest number, where one would do.
    if value.abs() == f64::from_bits(1) {
        return if value < 0.0 { "-4.9E-324" } else { "4.9E-324" }.to_owned();
    }
    text(value.is_nan(), value.is_infinite(), value.is_sign_negative(), || {
        ryu::Buffer::new().format_finite(value.abs()).to_owned()
    })
}

/// Java's text of a float.
pub(crate) fn float_text(value: f32) -> String {
    if value.abs() == f32::from_bits(1) {
        return if value < 0.0 { "-1.4E-45" } else { "1.4E-45" }.to_owned();
    }
    text(value.is_nan(), value.is_infinite(), value.is_sign_negative(), || {
        ryu::Buffer::new().format_finite(value.abs()).to_owned()
    })
}

fn text(nan: bool, infinite: bool, negative: bool, shortest: impl FnOnce() -> String) -> String {
    if nan {
        return "NaN".to_owned();
    }
    let sign = if negative { "-" } else { "" };
    if infinite {
        return format!("{sign}Infinity");
    }
    format!("{sign}{}", java_form(&shortest()))
}

/// Ryu's shortest digits (`1e10`, `123.456`) in Java's layout: plain from 10^-3 up to 10^7.
fn java_form(shortest: &str) -> String {
    let (mantissa, exponent) = match shortest.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().unwrap_or(0)),
        None => (shortest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let leading = all.len() - all.trim_start_matches('0').len();
    let digits = all.trim_matches('0');
    if digits.is_empty() {
        return "0.0".to_owned();
    }
    // The value is 0.digits × 10^point.
    let point = whole.len() as i32 + exponent - leading as i32;
    if (-2..=7).contains(&point) {
        if point <= 0 {
            return format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
        }
        let point = point as usize;
        if digits.len() <= point {
            return format!("{digits}{}.0", "0".repeat(point - digits.len()));
        }
        return format!("{}.{}", &digits[..point], &digits[point..]);
    }
    let (first, rest) = digits.split_at(1);
    let rest = if rest.is_empty() { "0" } else { rest };
    format!("{first}.{rest}E{}", point - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0: `CAST(x AS STRING)`.
    #[test]
    fn as_java_prints() {
        for (value, expected) in [
            (1.0, "1.0"),
            (0.001, "0.001"),
            (0.000_999, "9.99E-4"),
            (9_999_999.0, "9999999.0"),
            (10_000_000.0, "1.0E7"),
            (123_456.789, "123456.789"),
            (1e10, "1.0E10"),
            (1.5e300, "1.5E300"),
            (-0.0, "-0.0"),
            (100.0, "100.0"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
            (4.9e-324, "4.9E-324"),
        ] {
            assert_eq!(double_text(value), expected);
        }
        assert_eq!(float_text(3.4e38), "3.4E38");
        assert_eq!(float_text(0.1), "0.1");
    }
}
