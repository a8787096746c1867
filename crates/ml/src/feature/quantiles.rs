//! Quantiles of numbers in memory. Spark's are approximate with a relative error that callers set; these are exact, by
//! the rule that Spark's follow while they are exact: the value at rank ⌈p · n⌉.

/// Reorders `values`, which have no NaN. None of no values.
pub(super) fn quantile(values: &mut [f64], probability: f64, relative_error: f64) -> Option<f64> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let rank = match probability {
        p if p <= relative_error => 1,
        p if p >= 1.0 - relative_error => n,
        p => ((p * n as f64).ceil() as usize).clamp(1, n),
    };
    let (_, found, _) = values.select_nth_unstable_by(rank - 1, f64::total_cmp);
    Some(*found)
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn ranks() {
        let of = |p| quantile(&mut [4.0, 1.0, 3.0, 2.0], p, 0.001);
        assert_eq!([0.0, 0.25, 0.5, 0.51, 1.0].map(of), [1.0, 1.0, 2.0, 3.0, 4.0].map(Some));
        assert_eq!(quantile(&mut [], 0.5, 0.1), None);
    }
}
