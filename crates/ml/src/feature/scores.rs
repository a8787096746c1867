//! How likely each feature is independent of the label: p-values of the chi-squared test, the analysis of variance and
//! the F-test of a linear regression.

use crate::data::{Dataset, doubles};
use crate::linalg::VectorColumn;
use crate::stat::distribution::{chi_squared_above, f_above};
use crate::{columns, error};
use firesteel_common::Result;
use std::collections::{BTreeMap, HashMap};

/// Which test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Score {
    /// Categories against categories.
    ChiSquared,
    /// Numbers against categories.
    Anova,
    /// Numbers against numbers.
    Regression,
}

/// One p-value per feature.
///
/// # Errors
/// Spark's: columns of other types, no rows.
pub(super) fn p_values(
    data: &Dataset,
    features: &str,
    label: &str,
    score: Score,
) -> Result<Vec<f64>> {
    let exprs = vec![columns::vector(&data.frame, features)?, data.double_expr(label)?];
    let mut sums: Option<Sums> = None;
    data.scan(exprs, |batch| {
        let vectors = VectorColumn::new(batch.column(0))?;
        let labels = doubles(batch.column(1))?;
        for (row, label) in labels.iter().enumerate() {
            let vector = super::map_vectors::required(&vectors, row)?;
            let label = label.ok_or_else(|| error::raised("Labels MUST NOT be Null or NaN"))?;
            let sums = sums.get_or_insert_with(|| Sums::new(score, vector.size()));
            if sums.size() != vector.size() {
                return Err(error::requirement(format!(
                    "Dimensions mismatch when adding new sample. Expecting {} but got {}.",
                    sums.size(),
                    vector.size()
                )));
            }
            let has_nan = label.is_nan() || vector.values().iter().any(|value| value.is_nan());
            if has_nan && matches!(sums, Sums::Counts { .. }) {
                // It equals nothing, so that no category has it.
                return Err(error::failed("key not found: NaN"));
            }
            sums.begin(label);
            vector.for_each_nonzero(|at, value| sums.add(at, value, label));
        }
        Ok(())
    })?;
    Ok(sums.ok_or_else(error::empty_dataset)?.p_values())
}

/// Bits of a double that compare as it does; zero has one sign.
fn key(value: f64) -> u64 {
    (value + 0.0).to_bits()
}

/// What a pass collects. Zeros are not added, but follow from the number of rows.
enum Sums {
    /// Per label how many rows; per feature and value and label likewise.
    Counts { labels: HashMap<u64, f64>, cells: Vec<HashMap<(u64, u64), f64>> },
    /// Per label: rows, and of each feature the sum; per feature the sum of squares.
    Groups { groups: BTreeMap<u64, (f64, Vec<f64>)>, squares: Vec<f64> },
    /// Means and central second moments by Welford's updates, which need the zeros too.
    Pairs { n: f64, label: Moment, features: Vec<Pair> },
}

#[derive(Default, Clone)]
struct Moment {
    sum: f64,
    squares: f64,
    first: Option<f64>,
}

/// Sums of a feature that is not zero, of its squares and of its products with the label.
#[derive(Default, Clone)]
struct Pair {
    sum: f64,
    squares: f64,
    products: f64,
}

impl Sums {
    fn new(score: Score, n: usize) -> Self {
        match score {
            Score::ChiSquared => {
                Sums::Counts { labels: HashMap::new(), cells: vec![HashMap::new(); n] }
            }
            Score::Anova => Sums::Groups { groups: BTreeMap::new(), squares: vec![0.0; n] },
            Score::Regression => {
                Sums::Pairs { n: 0.0, label: Moment::default(), features: vec![Pair::default(); n] }
            }
        }
    }

    fn size(&self) -> usize {
        match self {
            Sums::Counts { cells, .. } => cells.len(),
            Sums::Groups { squares, .. } => squares.len(),
            Sums::Pairs { features, .. } => features.len(),
        }
    }

    fn begin(&mut self, own: f64) {
        match self {
            Sums::Counts { labels, .. } => *labels.entry(key(own)).or_default() += 1.0,
            Sums::Groups { groups, squares } => {
                groups.entry(key(own)).or_insert_with(|| (0.0, vec![0.0; squares.len()])).0 += 1.0;
            }
            Sums::Pairs { n, label, .. } => {
                // Sums around the first label lose less.
                let shifted = own - *label.first.get_or_insert(own);
                *n += 1.0;
                label.sum += shifted;
                label.squares += shifted * shifted;
            }
        }
    }

    fn add(&mut self, at: usize, value: f64, own: f64) {
        match self {
            Sums::Counts { cells, .. } => {
                *cells[at].entry((key(value), key(own))).or_default() += 1.0;
            }
            Sums::Groups { groups, squares } => {
                if let Some((_, sums)) = groups.get_mut(&key(own)) {
                    sums[at] += value;
                }
                squares[at] += value * value;
            }
            Sums::Pairs { label, features, .. } => {
                let shifted = own - label.first.unwrap_or(0.0);
                features[at].sum += value;
                features[at].squares += value * value;
                features[at].products += value * shifted;
            }
        }
    }

    fn p_values(self) -> Vec<f64> {
        match self {
            Sums::Counts { labels, cells } => {
                cells.into_iter().map(|cells| independence(&labels, cells)).collect()
            }
            Sums::Groups { groups, squares } => {
                let n_rows: f64 = groups.values().map(|(count, _)| count).sum();
                let variance = |(at, squares): (usize, f64)| {
                    let total: f64 = groups.values().map(|(_, sums)| sums[at]).sum();
                    let of_mean = total * total / n_rows;
                    let own = groups.values().map(|(count, sums)| sums[at] * sums[at] / count);
                    let between = own.sum::<f64>() - of_mean;
                    let within = squares - of_mean - between;
                    let (k, rest) = (groups.len() as f64 - 1.0, n_rows - groups.len() as f64);
                    f_above((between / k) / (within / rest), k, rest)
                };
                squares.into_iter().enumerate().map(variance).collect()
            }
            Sums::Pairs { n, label, features } => {
                let label_m2 = label.squares - label.sum * label.sum / n;
                let of = |pair: Pair| {
                    let m2 = pair.squares - pair.sum * pair.sum / n;
                    let covariance = pair.products - pair.sum * label.sum / n;
                    let correlation = covariance / (m2 * label_m2).sqrt();
                    let square = correlation * correlation;
                    let rest = n - 2.0;
                    f_above(square / (1.0 - square) * rest, 1.0, rest)
                };
                features.into_iter().map(of).collect()
            }
        }
    }
}

/// The chi-squared test of one feature's table of counts.
fn independence(labels: &HashMap<u64, f64>, mut cells: HashMap<(u64, u64), f64>) -> f64 {
    let n_rows: f64 = labels.values().sum();
    for (label, count) in labels {
        let others: f64 =
            cells.iter().filter(|((_, own), _)| own == label).map(|(_, count)| count).sum();
        if *count > others {
            *cells.entry((key(0.0), *label)).or_default() += count - others;
        }
    }
    let mut values: HashMap<u64, f64> = HashMap::new();
    for ((value, _), count) in &cells {
        *values.entry(*value).or_default() += count;
    }
    let degrees = (values.len() as f64 - 1.0) * (labels.len() as f64 - 1.0);
    if degrees == 0.0 {
        return 1.0;
    }
    let mut statistic = 0.0;
    for (value, of_value) in &values {
        for (label, of_label) in labels {
            let expected = of_value * of_label / n_rows;
            let observed = cells.get(&(*value, *label)).copied().unwrap_or(0.0);
            statistic += (observed - expected) * (observed - expected) / expected;
        }
    }
    chi_squared_above(statistic, degrees)
}
