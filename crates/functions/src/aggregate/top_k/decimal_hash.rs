//! The hash code that Scala gives a decimal: that of the simplest number of the same value.

/// Of the number with these digits, so many of them behind the point.
pub(super) fn decimal_hash(mut digits: i128, mut scale: i8) -> i32 {
    while scale > 0 && digits % 10 == 0 {
        digits /= 10;
        scale -= 1;
    }
    if scale <= 0 {
        return whole(
            digits.saturating_mul(10_i128.saturating_pow(u32::from(scale.unsigned_abs()))),
        );
    }
    let text = format!("{digits}e-{scale}");
    let double: f64 = text.parse().unwrap_or_default();
    if is_shortest(double, digits, scale) {
        return of_double(double);
    }
    mix(big_integer(digits), i32::from(scale))
}

fn whole(value: i128) -> i32 {
    match i64::try_from(value) {
        Ok(long) => of_long(long),
        Err(_) => big_integer(value),
    }
}

fn of_long(value: i64) -> i32 {
    match i32::try_from(value) {
        Ok(int) => int,
        Err(_) => (value ^ ((value as u64) >> 32) as i64) as i32,
    }
}

fn of_double(value: f64) -> i32 {
    let float = value as f32;
    if f64::from(float) == value {
        return float.to_bits() as i32;
    }
    let bits = value.to_bits();
    (bits ^ (bits >> 32)) as i32
}

/// Whether the double's shortest digits are these.
fn is_shortest(value: f64, digits: i128, scale: i8) -> bool {
    let shown = format!("{value:e}");
    let Some((mantissa, exponent)) = shown.split_once('e') else { return false };
    let behind = mantissa.split_once('.').map_or(0, |(_, behind)| behind.len() as i32);
    let own: Option<i128> = mantissa.replace('.', "").parse().ok();
    let exponent: i32 = exponent.parse().unwrap_or_default();
    own == Some(digits) && behind - exponent == i32::from(scale)
}

/// `java.math.BigInteger.hashCode`.
fn big_integer(value: i128) -> i32 {
    let magnitude = value.unsigned_abs();
    let words = (0..4).rev().map(|word| (magnitude >> (32 * word)) as u32);
    let hash = words
        .skip_while(|word| *word == 0)
        .fold(0_i32, |hash, word| hash.wrapping_mul(31).wrapping_add(word as i32));
    if value < 0 { hash.wrapping_neg() } else { hash }
}

/// The last step of Scala's MurmurHash3.
fn mix(hash: i32, data: i32) -> i32 {
    let data = data.wrapping_mul(0xcc9e_2d51_u32 as i32).rotate_left(15);
    hash ^ data.wrapping_mul(0x1b87_3593)
}
