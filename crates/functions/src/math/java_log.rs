//! `StrictMath.log` and `StrictMath.log10`: to the last digit what Java gives, which is not always the nearest number.
//!
//! The method is that of fdlibm (Sun Microsystems): x = 2^k (1 + f) with 1 + f between √2/2 and √2, and Remez'
//! polynomial of degree fourteen in s = f / (2 + f) for what ln(1 + f) has beyond 2 s.

const LN2_HIGH: f64 = 6.931_471_803_691_238_164_9e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
const ODD: [f64; 4] = [
    6.666_666_666_666_735_13e-1,
    2.857_142_874_366_239_149e-1,
    1.818_357_216_161_805_012e-1,
    1.479_819_860_511_658_591e-1,
];
const EVEN: [f64; 3] =
    [3.999_999_999_940_941_908e-1, 2.222_219_843_214_978_396e-1, 1.531_383_769_920_937_332e-1];
const LOG10_E: f64 = 4.342_944_819_032_518_276_51e-1;
const LOG10_2_HIGH: f64 = 3.010_299_956_636_117_713_06e-1;
const LOG10_2_LOW: f64 = 3.694_239_077_158_930_786_16e-13;
const TWO_54: f64 = 18_014_398_509_481_984.0;

/// The upper half of the bits, and `x` with another upper half.
fn high(x: f64) -> i32 {
    (x.to_bits() >> 32) as i32
}

fn with_high(x: f64, high: i32) -> f64 {
    f64::from_bits((u64::from(high as u32) << 32) | (x.to_bits() & 0xffff_ffff))
}

/// `x` scaled up if it is subnormal, and the exponent that this took.
fn scaled(x: f64) -> (f64, i32) {
    if high(x) < 0x0010_0000 { (x * TWO_54, -54) } else { (x, 0) }
}

/// Any logarithm of what has no digits to compute with.
fn of_special(x: f64) -> Option<f64> {
    if x == 0.0 {
        Some(f64::NEG_INFINITY)
    } else if x.is_nan() || x < 0.0 {
        Some(f64::NAN)
    } else {
        x.is_infinite().then_some(x)
    }
}

pub(super) fn ln(x: f64) -> f64 {
    if let Some(answer) = of_special(x) {
        return answer;
    }
    let (x, mut k) = scaled(x);
    let bits = high(x);
    k += (bits >> 20) - 1023;
    let fraction = bits & 0x000f_ffff;
    let halves = (fraction + 0x9_5f64) & 0x0010_0000;
    let f = with_high(x, fraction | (halves ^ 0x3ff0_0000)) - 1.0;
    k += halves >> 20;
    let dk = f64::from(k);
    if (0x000f_ffff & (2 + fraction)) < 3 {
        if f == 0.0 {
            return if k == 0 { 0.0 } else { dk * LN2_HIGH + dk * LN2_LOW };
        }
        let rest = f * f * (0.5 - 0.333_333_333_333_333_33 * f);
        return if k == 0 { f - rest } else { dk * LN2_HIGH - ((rest - dk * LN2_LOW) - f) };
    }
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (EVEN[0] + w * (EVEN[1] + w * EVEN[2]));
    let odd = z * (ODD[0] + w * (ODD[1] + w * (ODD[2] + w * ODD[3])));
    let rest = odd + even;
    if ((fraction - 0x6_147a) | (0x6_b851 - fraction)) > 0 {
        let half = 0.5 * f * f;
        if k == 0 {
            f - (half - s * (half + rest))
        } else {
            dk * LN2_HIGH - ((half - (s * (half + rest) + dk * LN2_LOW)) - f)
        }
    } else if k == 0 {
        f - s * (f - rest)
    } else {
        dk * LN2_HIGH - ((s * (f - rest) - dk * LN2_LOW) - f)
    }
}

pub(super) fn log10(x: f64) -> f64 {
    if let Some(answer) = of_special(x) {
        return answer;
    }
    let (x, mut k) = scaled(x);
    let bits = high(x);
    k += (bits >> 20) - 1023;
    let is_negative = i32::from(k < 0);
    let y = f64::from(k + is_negative);
    let fraction = with_high(x, (bits & 0x000f_ffff) | ((0x3ff - is_negative) << 20));
    let z = y * LOG10_2_LOW + LOG10_E * ln(fraction);
    z + y * LOG10_2_HIGH
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Java's answers; the nearest number to ln 3 ends in 98.
    #[test]
    fn as_in_java() {
        assert_eq!(ln(3.0), 1.098_612_288_668_109_6);
        assert_eq!(ln(3.0) / ln(2.0), 1.584_962_500_721_156);
        assert_eq!(ln(7.0) / ln(3.0), 1.771_243_749_161_422_4);
        assert_eq!(log10(3.0), 0.477_121_254_719_662_44);
        assert_eq!((ln(1.0), log10(1000.0)), (0.0, 3.0));
    }
}
