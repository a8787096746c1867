//! Window functions that only the pandas API on Spark calls: `ewm` and `null_index`
//! (`windowExpressions.scala`: `EWM`, `NullIndex`). Both look at the rows up to their own.

use super::running::Running;
use super::udwf::{Evaluate, WindowKind};
use crate::call::Call;
use crate::implicit::{implicit, literal_boolean, literal_double, not_foldable};
use crate::registry::WindowCall;
use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int32Array};
use arrow::datatypes::Float64Type;
use datafusion_common::ScalarValue;
use firesteel_common::{Result, SparkType};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// How the weight of a row fades.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Fading {
    alpha: f64,
    /// Whether weights stay as they are at a missing value.
    ignore_na: bool,
}

impl Eq for Fading {}

impl Hash for Fading {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.alpha.to_bits(), self.ignore_na).hash(state);
    }
}

/// `ewm(x, alpha, ignorena)`: the mean of the values so far, each weighed `1 - alpha` of the next.
pub(crate) fn ewm(mut call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(3, 3)?;
    let ignore_na =
        literal_boolean(&call.args[2]).ok_or_else(|| not_foldable("ewm", "ignorena"))?;
    let alpha = literal_double(&call.args[1]).ok_or_else(|| not_foldable("ewm", "alpha"))?;
    let value = implicit("ewm", 0, call.args.remove(0), &SparkType::Double, call.settings)?;
    Ok(EWM.call(Fading { alpha, ignore_na }, (&SparkType::Double, true), vec![value]))
}

#[derive(Debug)]
struct Mean {
    fading: Fading,
    numerator: f64,
    denominator: f64,
    mean: Option<f64>,
}

impl Mean {
    fn new(fading: Fading) -> Self {
        Self { fading, numerator: 0.0, denominator: 0.0, mean: None }
    }

    fn add(&mut self, value: Option<f64>) -> Option<f64> {
        let beta = 1.0 - self.fading.alpha;
        match value {
            Some(value) => {
                self.numerator = self.numerator * beta + value;
                self.denominator = self.denominator * beta + 1.0;
                self.mean = Some(self.numerator / self.denominator);
            }
            None if self.fading.ignore_na => {}
            None => {
                self.numerator *= beta;
                self.denominator *= beta;
            }
        }
        self.mean
    }
}

impl Running for Mean {
    fn next(
        &mut self,
        values: &[ArrayRef],
        rows: &Range<usize>,
    ) -> datafusion_common::Result<ScalarValue> {
        let values = values[0].as_primitive::<Float64Type>();
        let value = values.is_valid(rows.start).then(|| values.value(rows.start));
        Ok(ScalarValue::Float64(self.add(value)))
    }
}

pub(super) static EWM: WindowKind<Fading> = WindowKind::new(
    "ewm",
    Evaluate::Partition(|fading, columns, _| {
        let mut mean = Mean::new(*fading);
        let values = columns.values[0].as_primitive::<Float64Type>();
        let means = values.iter().map(|value| mean.add(value));
        Ok(Arc::new(means.collect::<Float64Array>()))
    }),
)
.running(|fading, _| Some(Box::new(Mean::new(*fading))));

/// `null_index(x)`: how many missing values in a row there are up to here.
pub(crate) fn null_index(mut call: Call<'_>) -> Result<WindowCall> {
    call.check_arity(1, 1)?;
    let value = call.args.remove(0);
    Ok(NULL_INDEX.call((), (&SparkType::Integer, false), vec![value.expr]))
}

#[derive(Debug, Default)]
struct NullsInRow(i32);

impl NullsInRow {
    fn add(&mut self, is_null: bool) -> i32 {
        self.0 = if is_null { self.0 + 1 } else { 0 };
        self.0
    }
}

impl Running for NullsInRow {
    fn next(
        &mut self,
        values: &[ArrayRef],
        rows: &Range<usize>,
    ) -> datafusion_common::Result<ScalarValue> {
        Ok(ScalarValue::Int32(Some(self.add(values[0].is_null(rows.start)))))
    }
}

pub(super) static NULL_INDEX: WindowKind<()> = WindowKind::new(
    "null_index",
    Evaluate::Partition(|(), columns, n_rows| {
        let mut nulls = NullsInRow::default();
        let values = &columns.values[0];
        Ok(Arc::new(Int32Array::from_iter_values(
            (0..n_rows).map(|row| nulls.add(values.is_null(row))),
        )))
    }),
)
.running(|(), _| Some(Box::new(NullsInRow::default())));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_fade() {
        let means = |ignore_na| {
            let mut mean = Mean::new(Fading { alpha: 0.5, ignore_na });
            [Some(1.0), None, Some(3.0)].map(|value| mean.add(value))
        };
        // (0.25 * 1 + 3) / (0.25 + 1) and (0.5 * 1 + 3) / (0.5 + 1)
        assert_eq!(means(false), [Some(1.0), Some(1.0), Some(2.6)]);
        assert_eq!(means(true), [Some(1.0), Some(1.0), Some(3.5 / 1.5)]);
        let mut nulls = NullsInRow::default();
        assert_eq!([true, true, false, true].map(|is_null| nulls.add(is_null)), [1, 2, 0, 1]);
    }
}
