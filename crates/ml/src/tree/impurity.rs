//! How mixed the rows of a node are: Gini, entropy, variance.

/// Measure of impurity (`org.apache.spark.mllib.tree.impurity`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Impurity {
    Gini,
    Entropy,
    Variance,
}

impl Impurity {
    /// Spark's names, in whatever case.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_lowercase().as_str() {
            "gini" => Some(Impurity::Gini),
            "entropy" => Some(Impurity::Entropy),
            "variance" => Some(Impurity::Variance),
            _ => None,
        }
    }

    /// Numbers that describe the rows of a node: weights of the classes; or weight, sum and sum of squares.
    pub fn n_stats(self, n_classes: usize) -> usize {
        if self == Impurity::Variance { 3 } else { n_classes }
    }

    /// Weight of the rows that `stats` describe.
    pub fn weight(self, stats: &[f64]) -> f64 {
        match self {
            Impurity::Variance => stats[0],
            _ => stats.iter().sum(),
        }
    }

    /// Impurity of the rows that `stats` describe; zero for none.
    pub fn of(self, stats: &[f64]) -> f64 {
        match self {
            Impurity::Gini => {
                let total: f64 = stats.iter().sum();
                if total == 0.0 {
                    return 0.0;
                }
                let mut impurity = 1.0;
                for weight in stats {
                    let share = weight / total;
                    impurity -= share * share;
                }
                impurity
            }
            Impurity::Entropy => {
                let total: f64 = stats.iter().sum();
                if total == 0.0 {
                    return 0.0;
                }
                let mut impurity = 0.0;
                for weight in stats.iter().filter(|weight| **weight != 0.0) {
                    let share = weight / total;
                    impurity -= share * (share.ln() / 2.0_f64.ln());
                }
                impurity
            }
            Impurity::Variance => {
                let [weight, sum, squares] = [stats[0], stats[1], stats[2]];
                if weight == 0.0 { 0.0 } else { (squares - (sum * sum) / weight) / weight }
            }
        }
    }

    /// What a leaf of these rows predicts: the heaviest class, or the mean.
    pub fn predict(self, stats: &[f64]) -> f64 {
        if self.weight(stats) == 0.0 {
            return 0.0;
        }
        match self {
            Impurity::Variance => stats[1] / stats[0],
            _ => crate::classification::outputs::largest(stats) as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Impurity;

    #[test]
    fn worked_by_hand() {
        // 1 - (1/4)² - (3/4)²
        assert_eq!(Impurity::Gini.of(&[1.0, 3.0]), 0.375);
        assert_eq!(Impurity::Entropy.of(&[2.0, 2.0]), 1.0);
        // Labels 1, 2, 3: variance 2/3.
        assert!((Impurity::Variance.of(&[3.0, 6.0, 14.0]) - 2.0 / 3.0).abs() < 1e-15);
        assert_eq!(Impurity::Variance.predict(&[3.0, 6.0, 14.0]), 2.0);
        assert_eq!(Impurity::Gini.predict(&[2.0, 2.0]), 0.0);
        assert_eq!(Impurity::Gini.of(&[0.0, 0.0]), 0.0);
    }
}
