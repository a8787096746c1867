//! `StrictMath.exp` and `StrictMath.cosh`: to the last digit what Java gives, which is not always the nearest number.
//!
//! The method is that of fdlibm (Sun Microsystems): the argument is brought near zero by a multiple of ln 2, and
//! Remez' polynomial of degree five approximates what is left.

const LN2_HIGH: f64 = 6.931_471_803_691_238_164_9e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;
const ONE_BY_LN2: f64 = std::f64::consts::LOG2_E;
const OVERFLOW: f64 = 7.097_827_128_933_839_730_96e2;
const UNDERFLOW: f64 = -7.451_332_191_019_411_084_20e2;
const P: [f64; 5] = [
    1.666_666_666_666_660_190_37e-1,
    -2.777_777_777_701_559_338_42e-3,
    6.613_756_321_437_934_361_17e-5,
    -1.653_390_220_546_525_153_90e-6,
    4.138_136_797_057_238_460_39e-8,
];

pub(super) fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > OVERFLOW {
        return f64::INFINITY;
    }
    if x < UNDERFLOW {
        return 0.0;
    }
    let half_ln2 = 0.5 * std::f64::consts::LN_2;
    if x.abs() < 2f64.powi(-28) {
        return 1.0 + x;
    }
    let (high, low, k) = if x.abs() <= half_ln2 {
        (x, 0.0, 0)
    } else if x.abs() < 3.0 * half_ln2 {
        let sign = x.signum();
        (x - sign * LN2_HIGH, sign * LN2_LOW, sign as i32)
    } else {
        let k = (ONE_BY_LN2 * x + 0.5f64.copysign(x)) as i32;
        (x - f64::from(k) * LN2_HIGH, f64::from(k) * LN2_LOW, k)
    };
    let x = if k == 0 { x } else { high - low };
    let t = x * x;
    let c = x - t * (P[0] + t * (P[1] + t * (P[2] + t * (P[3] + t * P[4]))));
    if k == 0 {
        return 1.0 - ((x * c) / (c - 2.0) - x);
    }
    let y = 1.0 - ((low - (x * c) / (2.0 - c)) - high);
    // In two steps, because 2^1024 and 2^-1074 are no factors.
    let half = k / 2;
    y * 2f64.powi(half) * 2f64.powi(k - half)
}

pub(super) fn cosh(x: f64) -> f64 {
    let size = x.abs();
    if x.is_nan() || size.is_infinite() {
        return size;
    }
    if size < 0.5 * std::f64::consts::LN_2 {
        let t = size.exp_m1();
        let w = 1.0 + t;
        return if size < 2f64.powi(-55) { w } else { 1.0 + (t * t) / (w + w) };
    }
    if size < 22.0 {
        let t = exp(size);
        return 0.5 * t + 0.5 / t;
    }
    if size < OVERFLOW {
        return 0.5 * exp(size);
    }
    let w = exp(0.5 * size);
    (0.5 * w) * w
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn as_java_computes() {
        assert_eq!(exp(1.0).to_string(), "2.7182818284590455");
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-1000.0), 0.0);
        assert_eq!(exp(1000.0), f64::INFINITY);
        assert_eq!(cosh(1.0).to_string(), "1.543080634815244");
        assert_eq!(cosh(0.0), 1.0);
        assert!((exp(709.5) / 709.5f64.exp() - 1.0).abs() < 1e-14);
        assert!((exp(-740.0) - (-740f64).exp()).abs() < 1e-322);
    }
}
