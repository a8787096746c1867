//! `avg`, `mean`, `try_avg`: sum and count per group.
//!
//! Numbers are summed as doubles in the order of the rows, decimals as decimals of ten more digits
//! and divided once with HALF_UP, intervals as whole months or microseconds.

use super::fold::take_first;
use super::states::{AggregateFunction, AggregateKind, States};
use super::valid_rows::each_valid;
use crate::wire::Name;
use arrow::array::{
    Array, ArrayRef, AsArray, Decimal128Array, DurationMicrosecondArray, Float64Array, Int64Array,
    IntervalYearMonthArray,
};
use arrow::datatypes::{
    DECIMAL128_MAX_PRECISION, DataType, Decimal128Type, DurationMicrosecondType, FieldRef,
    Float64Type, Int64Type, IntervalYearMonthType,
};
use firesteel_common::{ErrorKind, Result, SparkError};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Average {
    pub name: Name,
    pub kind: Kind,
    /// On overflow: an error, or null.
    pub fail: bool,
    #[serde(with = "firesteel_common::wire::field")]
    pub result: FieldRef,
}

pub(super) static AVERAGE: AggregateKind<Average> = AggregateKind::new("avg");

impl Hash for Average {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, self.kind, self.fail).hash(state);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Kind {
    Double,
    Decimal { scale: i8, result_precision: u8, result_scale: i8 },
    Months,
    Micros,
}

#[derive(Debug)]
enum Sums {
    Double(Vec<f64>),
    Whole(Vec<i128>),
}

#[derive(Debug)]
pub(crate) struct AverageStates {
    kind: Kind,
    fail: bool,
    sums: Sums,
    counts: Vec<i64>,
    overflowed: bool,
}

impl AggregateFunction for Average {
    type States = AverageStates;

    fn name(&self) -> &'static str {
        self.name.0
    }

    fn result(&self) -> FieldRef {
        Arc::clone(&self.result)
    }

    fn state_types(&self, _input: &[FieldRef]) -> Vec<DataType> {
        let sum = match self.kind {
            Kind::Double => DataType::Float64,
            _ => DataType::Decimal128(DECIMAL128_MAX_PRECISION, 0),
        };
        vec![sum, DataType::Int64]
    }

    fn states(&self, _input: &[FieldRef]) -> Result<AverageStates> {
        Ok(AverageStates {
            kind: self.kind,
            fail: self.fail,
            sums: match self.kind {
                Kind::Double => Sums::Double(Vec::new()),
                _ => Sums::Whole(Vec::new()),
            },
            counts: Vec::new(),
            overflowed: false,
        })
    }
}

impl AverageStates {
    fn resize(&mut self, n_groups: usize) {
        match &mut self.sums {
            Sums::Double(sums) => sums.resize(n_groups, 0.0),
            Sums::Whole(sums) => sums.resize(n_groups, 0),
        }
        self.counts.resize(n_groups, 0);
    }

    fn add_whole(&mut self, group: usize, value: i128, n: i64) {
        if let Sums::Whole(sums) = &mut self.sums {
            match sums[group].checked_add(value) {
                Some(sum) => sums[group] = sum,
                None => self.overflowed = true,
            }
        }
        self.counts[group] += n;
    }

    fn finish_decimal(&self, sum: i128, count: i64, by: i8, precision: u8) -> Result<Option<i128>> {
        let scaled = 10i128
            .checked_pow(u32::from(by.unsigned_abs()))
            .and_then(|factor| sum.checked_mul(factor))
            .map(|sum| divide_half_up(sum, i128::from(count)));
        // A long division is the way out when the scaled sum leaves 128 bits.
        let quotient = scaled.or_else(|| long_division(sum, i128::from(count), by));
        match quotient {
            Some(value) if value.unsigned_abs() < 10u128.pow(u32::from(precision)) => {
                Ok(Some(value))
            }
            _ if self.fail => Err(overflow()),
            _ => Ok(None),
        }
    }
}

impl States for AverageStates {
    fn update(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.resize(n_groups);
        let column = &values[0];
        match self.kind {
            Kind::Double => {
                let values = column.as_primitive::<Float64Type>();
                let Sums::Double(sums) = &mut self.sums else { return Ok(()) };
                let counts = &mut self.counts;
                each_valid(values, groups, |group, value| {
                    sums[group] += value;
                    counts[group] += 1;
                });
            }
            Kind::Decimal { .. } => {
                let values = column.as_primitive::<Decimal128Type>();
                let Sums::Whole(sums) = &mut self.sums else { return Ok(()) };
                let (counts, overflowed) = (&mut self.counts, &mut self.overflowed);
                each_valid(values, groups, |group, value| {
                    let (sum, beyond) = sums[group].overflowing_add(value);
                    sums[group] = sum;
                    *overflowed |= beyond;
                    counts[group] += 1;
                });
            }
            Kind::Months => {
                let values = column.as_primitive::<IntervalYearMonthType>();
                for (row, group) in groups.iter().enumerate() {
                    if values.is_valid(row) {
                        self.add_whole(*group, i128::from(values.value(row)), 1);
                    }
                }
            }
            Kind::Micros => {
                let values = column.as_primitive::<DurationMicrosecondType>();
                for (row, group) in groups.iter().enumerate() {
                    if values.is_valid(row) {
                        self.add_whole(*group, i128::from(values.value(row)), 1);
                    }
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.resize(n_groups);
        let counts = states[1].as_primitive::<Int64Type>();
        if let Sums::Double(sums) = &mut self.sums {
            let values = states[0].as_primitive::<Float64Type>();
            for (row, group) in groups.iter().enumerate() {
                sums[*group] += values.value(row);
                self.counts[*group] += counts.value(row);
            }
            return Ok(());
        }
        let values = states[0].as_primitive::<Decimal128Type>();
        for (row, group) in groups.iter().enumerate() {
            self.add_whole(*group, values.value(row), counts.value(row));
        }
        Ok(())
    }

    fn split_off_first(&mut self, n: usize) -> Self {
        Self {
            kind: self.kind,
            fail: self.fail,
            sums: match &mut self.sums {
                Sums::Double(sums) => Sums::Double(take_first(sums, n)),
                Sums::Whole(sums) => Sums::Whole(take_first(sums, n)),
            },
            counts: take_first(&mut self.counts, n),
            overflowed: self.overflowed,
        }
    }

    fn evaluate(&mut self, n_groups: usize) -> Result<ArrayRef> {
        self.resize(n_groups);
        if self.overflowed && self.fail {
            return Err(overflow());
        }
        let sums = match &self.sums {
            Sums::Double(sums) => {
                let means = sums.iter().zip(&self.counts);
                return Ok(Arc::new(
                    means
                        .map(|(sum, count)| (*count > 0).then(|| sum / *count as f64))
                        .collect::<Float64Array>(),
                ));
            }
            Sums::Whole(sums) => sums,
        };
        let groups = || sums.iter().zip(&self.counts);
        Ok(match self.kind {
            Kind::Double => return Err(SparkError::internal("avg of doubles without sums")),
            Kind::Decimal { scale, result_precision, result_scale } => {
                let means = groups()
                    .map(|(sum, count)| match *count {
                        0 => Ok(None),
                        _ if self.overflowed => Ok(None),
                        n => self.finish_decimal(*sum, n, result_scale - scale, result_precision),
                    })
                    .collect::<Result<Decimal128Array>>()?;
                Arc::new(means.with_precision_and_scale(result_precision, result_scale)?)
            }
            Kind::Months => Arc::new(
                groups()
                    .map(|(sum, count)| {
                        (*count > 0).then(|| divide_half_up(*sum, i128::from(*count)) as i32)
                    })
                    .collect::<IntervalYearMonthArray>(),
            ),
            Kind::Micros => Arc::new(
                groups()
                    .map(|(sum, count)| {
                        (*count > 0).then(|| divide_half_up(*sum, i128::from(*count)) as i64)
                    })
                    .collect::<DurationMicrosecondArray>(),
            ),
        })
    }

    fn state(&mut self, n_groups: usize) -> Result<Vec<ArrayRef>> {
        self.resize(n_groups);
        let sums: ArrayRef = match &self.sums {
            Sums::Double(sums) => Arc::new(Float64Array::from(sums.clone())),
            Sums::Whole(sums) => Arc::new(
                Decimal128Array::from(sums.clone())
                    .with_precision_and_scale(DECIMAL128_MAX_PRECISION, 0)?,
            ),
        };
        Ok(vec![sums, Arc::new(Int64Array::from(self.counts.clone()))])
    }

    fn size(&self) -> usize {
        self.counts.capacity() * 24
    }
}

/// Quotient rounded to the nearest, halves away from zero.
pub(crate) fn divide_half_up(dividend: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    if rest.unsigned_abs() * 2 >= divisor.unsigned_abs() {
        quotient + if (dividend < 0) == (divisor < 0) { 1 } else { -1 }
    } else {
        quotient
    }
}

/// `dividend * 10^by / divisor`, digit by digit.
fn long_division(dividend: i128, divisor: i128, by: i8) -> Option<i128> {
    let mut quotient = dividend / divisor;
    let mut rest = dividend % divisor;
    for _ in 0..by {
        rest = rest.checked_mul(10)?;
        quotient = quotient.checked_mul(10)?.checked_add(rest / divisor)?;
        rest %= divisor;
    }
    quotient.checked_add(divide_half_up(rest, divisor))
}

fn overflow() -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "ARITHMETIC_OVERFLOW",
        "Overflow in avg of decimals. Use 'try_avg' to tolerate overflow and return NULL instead. \
         If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.",
    )
    .with("message", "Overflow in avg of decimals")
    .with("alternative", " Use 'try_avg' to tolerate overflow and return NULL instead.")
    .with("config", "\"spark.sql.ansi.enabled\"")
}
