//! Quantiles of numbers in memory. Spark's are approximate with a relative error that callers set; these are exact, by
//! the rule that Spark's follow while they are exact: the value at rank ⌈p · n⌉.

/// Values of one column while they come, in pieces: a vector that grows would for a while be there twice.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    full: Vec<Vec<f64>>,
    open: Vec<f64>,
}

/// Values of a piece.
const PIECE: usize = 8192;

impl Gathered {
    pub(super) fn push(&mut self, value: f64) {
        if self.open.len() == PIECE {
            self.full.push(std::mem::take(&mut self.open));
        }
        self.open.push(value);
    }

    /// All values, as many zeros behind them, in one piece.
    pub(super) fn into_values(self, n_zeros: usize) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.len() + n_zeros);
        for piece in self.full.into_iter().chain([self.open]) {
            values.extend_from_slice(&piece);
        }
        values.resize(values.len() + n_zeros, 0.0);
        values
    }

    pub(super) fn len(&self) -> usize {
        self.full.len() * PIECE + self.open.len()
    }
}

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
    use super::{Gathered, PIECE, quantile};

    #[test]
    fn pieces() {
        let mut gathered = Gathered::default();
        (0..=PIECE).for_each(|value| gathered.push(value as f64));
        assert_eq!(gathered.len(), PIECE + 1);
        let values = gathered.into_values(2);
        assert_eq!(values.len(), PIECE + 3);
        assert_eq!(values[PIECE - 1..], [PIECE as f64 - 1.0, PIECE as f64, 0.0, 0.0]);
    }

    #[test]
    fn ranks() {
        let of = |p| quantile(&mut [4.0, 1.0, 3.0, 2.0], p, 0.001);
        assert_eq!([0.0, 0.25, 0.5, 0.51, 1.0].map(of), [1.0, 1.0, 2.0, 3.0, 4.0].map(Some));
        assert_eq!(quantile(&mut [], 0.5, 0.1), None);
    }
}
