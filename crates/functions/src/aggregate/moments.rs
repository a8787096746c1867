//! Aggregates over doubles that are computed from a few running sums: variance, skewness, kurtosis,
//! covariance, correlation and linear regression.
//!
//! Count, means and central moments are updated per row and merged per partition with the formulas
//! of Pébay, "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order
//! statistical moments" (2008), as Spark's `CentralMomentAgg`, `Covariance` and `PearsonCorrelation` do.

use super::fold::take_first;
use super::states::{AggregateFunction, AggregateKind, States};
use crate::wire::Name;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::datatypes::{DataType, FieldRef, Float64Type};
use firesteel_common::Result;
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What is computed from the moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Statistic {
    VarSamp,
    VarPop,
    StddevSamp,
    StddevPop,
    Skewness,
    Kurtosis,
    CovarSamp,
    CovarPop,
    Corr,
    // The first argument of a regression is y, the second x; rows with a null in either are left out.
    RegrCount,
    RegrAvgX,
    RegrAvgY,
    RegrSxx,
    RegrSyy,
    RegrSxy,
    RegrSlope,
    RegrIntercept,
    RegrR2,
    // As pandas computes them, some with degrees of freedom that are taken off.
    PandasStddev(i64),
    PandasVar(i64),
    PandasCovar(i64),
    PandasSkew,
    PandasKurt,
}

impl Statistic {
    pub(crate) fn arity(self) -> usize {
        match self {
            Statistic::VarSamp
            | Statistic::VarPop
            | Statistic::StddevSamp
            | Statistic::StddevPop
            | Statistic::Skewness
            | Statistic::Kurtosis
            | Statistic::PandasStddev(_)
            | Statistic::PandasVar(_)
            | Statistic::PandasSkew
            | Statistic::PandasKurt => 1,
            _ => 2,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moments {
    pub name: Name,
    pub statistic: Statistic,
    #[serde(with = "firesteel_common::wire::field")]
    pub result: FieldRef,
}

pub(super) static MOMENTS: AggregateKind<Moments> = AggregateKind::new("moments");

impl Hash for Moments {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, self.statistic).hash(state);
    }
}

/// Running sums of one group. For one variable only the `x` fields are used.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    n: f64,
    mean_x: f64,
    mean_y: f64,
    m2_x: f64,
    m2_y: f64,
    /// Sum of the products of the deviations.
    xy: f64,
    m3: f64,
    m4: f64,
}

const N_SUMS: usize = 8;

impl Sums {
    fn add(&mut self, x: f64) {
        let n = self.n + 1.0;
        let delta = x - self.mean_x;
        let delta_n = delta / n;
        self.mean_x += delta_n;
        self.m2_x += delta * (delta - delta_n);
        let delta2 = delta * delta;
        let delta_n2 = delta_n * delta_n;
        self.m3 += -3.0 * delta_n * self.m2_x + delta * (delta2 - delta_n2);
        self.m4 += -4.0 * delta_n * self.m3 - 6.0 * delta_n2 * self.m2_x
            + delta * (delta * delta2 - delta_n * delta_n2);
        self.n = n;
    }

    fn add_pair(&mut self, x: f64, y: f64) {
        let n = self.n + 1.0;
        let (dx, dy) = (x - self.mean_x, y - self.mean_y);
        let (dx_n, dy_n) = (dx / n, dy / n);
        self.mean_x += dx_n;
        self.mean_y += dy_n;
        self.xy += dx * (y - self.mean_y);
        self.m2_x += dx * (x - self.mean_x);
        self.m2_y += dy * (y - self.mean_y);
        self.n = n;
    }

    fn merge(&mut self, other: &Sums) {
        if other.n == 0.0 {
            return;
        }
        if self.n == 0.0 {
            *self = *other;
            return;
        }
        let (n1, n2) = (self.n, other.n);
        let n = n1 + n2;
        let (dx, dy) = (other.mean_x - self.mean_x, other.mean_y - self.mean_y);
        let dx_n = dx / n;
        let (m2, m3) = (self.m2_x, self.m3);
        self.mean_x += dx_n * n2;
        self.mean_y += dy / n * n2;
        self.m2_x += other.m2_x + dx * dx_n * n1 * n2;
        self.m2_y += other.m2_y + dy * (dy / n) * n1 * n2;
        self.xy += other.xy + dx * dy * n1 * n2 / n;
        self.m3 = m3
            + other.m3
            + dx_n * dx_n * dx * n1 * n2 * (n1 - n2)
            + 3.0 * dx_n * (n1 * other.m2_x - n2 * m2);
        self.m4 += other.m4
            + dx_n * dx_n * dx_n * dx * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2)
            + 6.0 * dx_n * dx_n * (n1 * n1 * other.m2_x + n2 * n2 * m2)
            + 4.0 * dx_n * (n1 * other.m3 - n2 * m3);
        self.n = n;
    }

    fn finish(&self, statistic: Statistic) -> Option<f64> {
        let n = self.n;
        if n == 0.0 && statistic != Statistic::RegrCount {
            return None;
        }
        let sample = |value: f64| (n > 1.0).then_some(value / (n - 1.0));
        let free = |sum: f64, ddof: i64| (n > ddof as f64).then(|| sum / (n - ddof as f64));
        match statistic {
            Statistic::VarSamp => sample(self.m2_x),
            Statistic::VarPop => Some(self.m2_x / n),
            Statistic::StddevSamp => sample(self.m2_x).map(f64::sqrt),
            Statistic::StddevPop => Some((self.m2_x / n).sqrt()),
            Statistic::Skewness if self.m2_x == 0.0 => None,
            Statistic::Skewness => {
                Some(n.sqrt() * self.m3 / (self.m2_x * self.m2_x * self.m2_x).sqrt())
            }
            Statistic::Kurtosis if self.m2_x == 0.0 => None,
            Statistic::Kurtosis => Some(n * self.m4 / (self.m2_x * self.m2_x) - 3.0),
            Statistic::CovarSamp => sample(self.xy),
            Statistic::CovarPop => Some(self.xy / n),
            Statistic::Corr if n == 1.0 => None,
            Statistic::Corr if self.m2_x == 0.0 || self.m2_y == 0.0 => None,
            Statistic::Corr => Some(self.xy / (self.m2_x * self.m2_y).sqrt()),
            Statistic::RegrCount => Some(n),
            Statistic::RegrAvgX => Some(self.mean_x),
            Statistic::RegrAvgY => Some(self.mean_y),
            Statistic::RegrSxx => Some(self.m2_x),
            Statistic::RegrSyy => Some(self.m2_y),
            Statistic::RegrSxy => Some(self.xy),
            Statistic::RegrSlope if self.m2_x == 0.0 => None,
            Statistic::RegrSlope => Some(self.xy / self.m2_x),
            Statistic::RegrIntercept if self.m2_x == 0.0 => None,
            Statistic::RegrIntercept => Some(self.mean_y - self.xy / self.m2_x * self.mean_x),
            Statistic::RegrR2 if self.m2_x == 0.0 => None,
            Statistic::RegrR2 if self.m2_y == 0.0 => Some(1.0),
            Statistic::RegrR2 => Some(self.xy * self.xy / (self.m2_x * self.m2_y)),
            Statistic::PandasStddev(ddof) => free(self.m2_x, ddof).map(f64::sqrt),
            Statistic::PandasVar(ddof) => free(self.m2_x, ddof),
            Statistic::PandasCovar(ddof) => free(self.xy, ddof),
            Statistic::PandasSkew if n < 3.0 => None,
            Statistic::PandasSkew => {
                let (m2, m3) = (pandas_zero(self.m2_x), pandas_zero(self.m3));
                match m2 == 0.0 {
                    true => Some(0.0),
                    false => Some((n - 1.0).sqrt() * n / (n - 2.0) * m3 / (m2 * m2 * m2).sqrt()),
                }
            }
            Statistic::PandasKurt if n < 4.0 => None,
            Statistic::PandasKurt => {
                let adjustment = 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0));
                let (m2, m4) = (pandas_zero(self.m2_x), pandas_zero(self.m4));
                let scale = (n - 2.0) * (n - 3.0) * m2 * m2;
                match scale == 0.0 {
                    true => Some(0.0),
                    false => Some(n * (n + 1.0) * (n - 1.0) * m4 / scale - adjustment),
                }
            }
        }
    }

    fn to_array(self) -> [f64; N_SUMS] {
        [self.n, self.mean_x, self.mean_y, self.m2_x, self.m2_y, self.xy, self.m3, self.m4]
    }

    fn from_array(sums: [f64; N_SUMS]) -> Self {
        let [n, mean_x, mean_y, m2_x, m2_y, xy, m3, m4] = sums;
        Self { n, mean_x, mean_y, m2_x, m2_y, xy, m3, m4 }
    }
}

/// pandas takes sums this small for rounding errors of zero.
fn pandas_zero(sum: f64) -> f64 {
    if sum.abs() < 1e-14 { 0.0 } else { sum }
}

impl AggregateFunction for Moments {
    type States = MomentStates;

    fn name(&self) -> &'static str {
        self.name.0
    }

    fn result(&self) -> FieldRef {
        Arc::clone(&self.result)
    }

    fn state_types(&self, _input: &[FieldRef]) -> Vec<DataType> {
        vec![DataType::Float64; N_SUMS]
    }

    fn states(&self, _input: &[FieldRef]) -> Result<MomentStates> {
        Ok(MomentStates { statistic: self.statistic, groups: Vec::new() })
    }
}

#[derive(Debug)]
pub(crate) struct MomentStates {
    statistic: Statistic,
    groups: Vec<Sums>,
}

impl States for MomentStates {
    fn update(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.groups.resize(n_groups, Sums::default());
        let first = values[0].as_primitive::<Float64Type>();
        if self.statistic.arity() == 1 {
            for (row, group) in groups.iter().enumerate() {
                if first.is_valid(row) {
                    self.groups[*group].add(first.value(row));
                }
            }
            return Ok(());
        }
        let second = values[1].as_primitive::<Float64Type>();
        // regr_*(y, x), but covar(x, y) and corr(x, y): both symmetric.
        for (row, group) in groups.iter().enumerate() {
            if first.is_valid(row) && second.is_valid(row) {
                self.groups[*group].add_pair(second.value(row), first.value(row));
            }
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.groups.resize(n_groups, Sums::default());
        let columns: Vec<_> =
            states.iter().map(|column| column.as_primitive::<Float64Type>()).collect();
        for (row, group) in groups.iter().enumerate() {
            let other = Sums::from_array(std::array::from_fn(|sum| columns[sum].value(row)));
            self.groups[*group].merge(&other);
        }
        Ok(())
    }

    fn split_off_first(&mut self, n: usize) -> Self {
        Self { statistic: self.statistic, groups: take_first(&mut self.groups, n) }
    }

    fn evaluate(&mut self, n_groups: usize) -> Result<ArrayRef> {
        self.groups.resize(n_groups, Sums::default());
        let answers = self.groups.iter().map(|sums| sums.finish(self.statistic));
        Ok(match self.statistic {
            Statistic::RegrCount => Arc::new(
                answers.map(|count| count.map(|count| count as i64)).collect::<Int64Array>(),
            ),
            _ => Arc::new(answers.collect::<Float64Array>()),
        })
    }

    fn state(&mut self, n_groups: usize) -> Result<Vec<ArrayRef>> {
        self.groups.resize(n_groups, Sums::default());
        let rows: Vec<_> = self.groups.iter().map(|sums| sums.to_array()).collect();
        let columns = (0..N_SUMS).map(|sum| {
            Arc::new(rows.iter().map(|row| Some(row[sum])).collect::<Float64Array>()) as ArrayRef
        });
        Ok(columns.collect())
    }

    fn size(&self) -> usize {
        self.groups.capacity() * size_of::<Sums>()
    }
}
