//! Numbers and booleans as Java reads and prints them.

use std::str::FromStr;

/// Java's `Integer.parseInt` and its kin: an optional sign and ASCII digits, nothing else.
pub fn parse_int<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Scala's `toBoolean`.
pub fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Java's `Double.parseDouble`: surrounding white space, a suffix `d` or `f`, `NaN`, `Infinity`.
pub fn parse_f64(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        "NaN" => return Some(f64::NAN),
        "Infinity" if text.starts_with('-') => return Some(f64::NEG_INFINITY),
        "Infinity" => return Some(f64::INFINITY),
        _ => {}
    }
    if !unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    if let Some(digits) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let value = parse_hex(digits)?;
        return Some(if text.starts_with('-') { -value } else { value });
    }
    let number = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    number.parse().ok()
}

/// `1.8p3`: Java wants the binary exponent.
fn parse_hex(digits: &str) -> Option<f64> {
    let digits = digits.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(digits);
    let (mantissa, exponent) = digits.split_once(['p', 'P'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut value = 0.0;
    for c in whole.chars().chain(fraction.chars()) {
        value = value * 16.0 + f64::from(c.to_digit(16)?);
    }
    let shift = exponent - 4 * i32::try_from(fraction.len()).ok()?;
    Some(value * 2f64.powi(shift))
}

/// Digits of a whole number of at most 38 digits, sign left out.
pub fn whole_digits(text: &str) -> Option<u8> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let length = digits.trim_start_matches('0').len().max(1);
    (plain && length <= 38).then_some(length as u8)
}

/// The unscaled value of a decimal, rounded half up; none when it is no number or does not fit.
pub fn parse_decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !plain(whole) || !plain(fraction) {
        return None;
    }
    // Digits to keep: those before position `keep` of whole+fraction.
    let keep = i64::try_from(whole.len()).ok()? + i64::from(exponent) + i64::from(scale);
    let mut value: i128 = 0;
    for (position, digit) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let position = i64::try_from(position).ok()?;
        let digit = i128::from(digit - b'0');
        if position < keep {
            value = value.checked_mul(10)?.checked_add(digit)?;
        } else {
            if position == keep && digit >= 5 {
                value += 1;
            }
            break;
        }
    }
    let n_digits = i64::try_from(whole.len() + fraction.len()).ok()?;
    for _ in n_digits..keep {
        if value == 0 {
            break;
        }
        value = value.checked_mul(10)?;
    }
    let limit = 10i128.checked_pow(u32::from(precision))?;
    (value < limit).then_some(if negative { -value } else { value })
}

/// Java's `BigDecimal.toString`: an exponent where six zeros after the point would not do.
pub fn show_decimal(unscaled: i128, scale: i32) -> String {
    let digits = unscaled.unsigned_abs().to_string();
    let sign = if unscaled < 0 { "-" } else { "" };
    let exponent = digits.len() as i32 - 1 - scale;
    if scale >= 0 && exponent >= -6 {
        if scale == 0 {
            return format!("{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale as usize + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale as usize);
        return format!("{sign}{whole}.{fraction}");
    }
    let (head, tail) = digits.split_at(1);
    let point = if tail.is_empty() { "" } else { "." };
    format!("{sign}{head}{point}{tail}E{exponent:+}")
}

/// Java's `Double.toString`.
pub fn show_f64(value: f64) -> String {
    show_float(value, format!("{value:e}"))
}

/// Java's `Float.toString`.
pub fn show_f32(value: f32) -> String {
    show_float(f64::from(value), format!("{value:e}"))
}

/// `scientific` holds the shortest digits, as Rust prints them: `1.5e3`.
fn show_float(value: f64, scientific: String) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    if value == 0.0 {
        return format!("{sign}0.0");
    }
    if (-3..7).contains(&exponent) {
        if exponent < 0 {
            let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
            return format!("{sign}0.{zeros}{digits}");
        }
        let point = exponent as usize + 1;
        if digits.len() <= point {
            return format!("{sign}{digits}{}.0", "0".repeat(point - digits.len()));
        }
        return format!("{sign}{}.{}", &digits[..point], &digits[point..]);
    }
    let fraction = if digits.len() > 1 { &digits[1..] } else { "0" };
    format!("{sign}{}.{fraction}E{exponent}", &digits[..1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_as_java_prints_them() {
        for (value, expected) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e7, "1.0E7"),
            (9_999_999.0, "9999999.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (123.456, "123.456"),
            (1.5e-10, "1.5E-10"),
        ] {
            assert_eq!(show_f64(value), expected);
        }
        assert_eq!(show_f32(0.1), "0.1");
    }

    #[test]
    fn decimals_as_java_prints_them() {
        for (unscaled, scale, expected) in [
            (0, 10, "0E-10"),
            (0, 2, "0.00"),
            (-12_345, 3, "-12.345"),
            (5, 6, "0.000005"),
            (5, 7, "5E-7"),
            (15, 8, "1.5E-7"),
            (42, 0, "42"),
        ] {
            assert_eq!(show_decimal(unscaled, scale), expected);
        }
    }

    #[test]
    fn doubles_as_java_reads_them() {
        assert_eq!(parse_f64(" 1.5d "), Some(1.5));
        assert_eq!(parse_f64("0x1p3"), Some(8.0));
        assert_eq!(parse_f64("-Infinity"), Some(f64::NEG_INFINITY));
        for text in ["inf", "nan", "", "1_0", "e5", "abc", "-"] {
            assert_eq!(parse_f64(text), None, "{text}");
        }
    }

    #[test]
    fn decimals_round_half_up() {
        assert_eq!(parse_decimal("1.005", 5, 2), Some(101));
        assert_eq!(parse_decimal("-1.005", 5, 2), Some(-101));
        assert_eq!(parse_decimal("1e3", 10, 1), Some(10_000));
        assert_eq!(parse_decimal("999.995", 5, 2), None);
        assert_eq!(parse_decimal("0.4", 5, 0), Some(0));
        assert_eq!(parse_decimal("x", 5, 0), None);
    }
}
