//! Aggregates whose state is one value of a primitive type: `sum`, `min`, `max`, `bit_and`, ….

use super::states::{AggregateFunction, AggregateKind, States};
use super::valid_rows::each_valid;
use crate::faults::arithmetic_overflow;
use crate::wire::Name;
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, AsArray, BooleanArray, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    ArrowNativeTypeOp, DataType, Decimal128Type, DurationMicrosecondType, FieldRef, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalYearMonthType,
};
use firesteel_common::{ErrorKind, Result, SparkError};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

/// How two values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Fold {
    /// Wraps around.
    SumWrapping,
    /// An error on overflow; the flag says that the value is an interval.
    SumChecked {
        interval: bool,
    },
    /// Null on overflow.
    SumTry,
    /// Sum of a decimal of this many digits: overflow shows when the group is finished, because
    /// Spark too checks the sum alone. The flag asks for an error instead of null.
    SumDecimal {
        precision: u8,
        ansi: bool,
    },
    Min,
    Max,
    BitAnd,
    BitOr,
    BitXor,
    Product,
}

/// A fold over values of type `T`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub(crate) struct FoldAggregate<T> {
    pub name: Name,
    pub fold: Fold,
    #[serde(with = "firesteel_common::wire::field")]
    pub result: FieldRef,
    #[serde(skip)]
    pub values: PhantomData<fn() -> T>,
}

pub(super) static OF_BYTES: AggregateKind<FoldAggregate<Int8Type>> =
    AggregateKind::new("fold.byte");
pub(super) static OF_SHORTS: AggregateKind<FoldAggregate<Int16Type>> =
    AggregateKind::new("fold.short");
pub(super) static OF_INTS: AggregateKind<FoldAggregate<Int32Type>> = AggregateKind::new("fold.int");
pub(super) static OF_LONGS: AggregateKind<FoldAggregate<Int64Type>> =
    AggregateKind::new("fold.long");
pub(super) static OF_FLOATS: AggregateKind<FoldAggregate<Float32Type>> =
    AggregateKind::new("fold.float");
pub(super) static OF_DOUBLES: AggregateKind<FoldAggregate<Float64Type>> =
    AggregateKind::new("fold.double");
pub(super) static OF_DECIMALS: AggregateKind<FoldAggregate<Decimal128Type>> =
    AggregateKind::new("fold.decimal");
pub(super) static OF_MONTHS: AggregateKind<FoldAggregate<IntervalYearMonthType>> =
    AggregateKind::new("fold.months");
pub(super) static OF_MICROS: AggregateKind<FoldAggregate<DurationMicrosecondType>> =
    AggregateKind::new("fold.micros");

impl<T> Clone for FoldAggregate<T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name,
            fold: self.fold,
            result: Arc::clone(&self.result),
            values: PhantomData,
        }
    }
}

impl<T> PartialEq for FoldAggregate<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.name, self.fold, &self.result) == (other.name, other.fold, &other.result)
    }
}

impl<T> Eq for FoldAggregate<T> {}

impl<T> Hash for FoldAggregate<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name, self.fold, self.result.data_type()).hash(state);
    }
}

/// A value that can be folded.
pub(crate) trait Foldable: ArrowNativeTypeOp {
    fn bits(self, other: Self, fold: Fold) -> Self;

    /// The sum of `start` and `values`, if no order of adding them can overflow. None also where the order matters.
    fn sum_in_any_order(_start: Self, _values: &[Self]) -> Option<Self> {
        None
    }
}

macro_rules! integers {
    ($($native:ty $({$($more:tt)*})?),*) => {$(
        impl Foldable for $native {
            $($($more)*)?

            fn bits(self, other: Self, fold: Fold) -> Self {
                match fold {
                    Fold::BitAnd => self & other,
                    Fold::BitOr => self | other,
                    _ => self ^ other,
                }
            }
        }
    )*};
}
integers!(
    i8,
    i16,
    i32,
    // Sums of whole numbers are of longs.
    i64 {
        fn sum_in_any_order(start: i64, values: &[i64]) -> Option<i64> {
            let (mut sum, mut bits) = (start, 0);
            for value in values {
                sum = sum.wrapping_add(*value);
                // No value is further from zero than the highest of these bits says.
                bits |= value ^ (value >> 63);
            }
            let furthest = 1_i128 << (64 - bits.leading_zeros());
            let bound = i128::from(start).abs() + furthest * values.len() as i128;
            (bound <= i128::from(i64::MAX)).then_some(sum)
        }
    },
    i128
);

impl Foldable for f32 {
    fn bits(self, other: Self, _fold: Fold) -> Self {
        self + other
    }
}

impl Foldable for f64 {
    fn bits(self, other: Self, _fold: Fold) -> Self {
        self + other
    }
}

impl<T> AggregateFunction for FoldAggregate<T>
where
    T: ArrowPrimitiveType + Debug,
    T::Native: Foldable,
{
    type States = FoldStates<T>;

    fn name(&self) -> &'static str {
        self.name.0
    }

    fn result(&self) -> FieldRef {
        Arc::clone(&self.result)
    }

    fn state_types(&self, _input: &[FieldRef]) -> Vec<DataType> {
        vec![self.result.data_type().clone(), DataType::Boolean]
    }

    fn states(&self, _input: &[FieldRef]) -> Result<FoldStates<T>> {
        Ok(FoldStates {
            fold: self.fold,
            data_type: self.result.data_type().clone(),
            values: Vec::new(),
            seen: Vec::new(),
            overflowed: Vec::new(),
        })
    }
}

#[derive(Debug)]
pub(crate) struct FoldStates<T: ArrowPrimitiveType> {
    fold: Fold,
    data_type: DataType,
    values: Vec<T::Native>,
    seen: Vec<bool>,
    overflowed: Vec<bool>,
}

impl<T: ArrowPrimitiveType> FoldStates<T>
where
    T::Native: Foldable,
{
    fn resize(&mut self, n_groups: usize) {
        self.values.resize(n_groups, T::Native::ZERO);
        self.seen.resize(n_groups, false);
        self.overflowed.resize(n_groups, false);
    }

    fn take_in(&mut self, column: &PrimitiveArray<T>, groups: &[usize]) -> Result<()> {
        match self.fold {
            // Sums begin with zero: that of minus zero is zero.
            Fold::SumWrapping => {
                let (values, seen) = (&mut self.values, &mut self.seen);
                each_valid(column, groups, |group, value| {
                    values[group] = values[group].add_wrapping(value);
                    seen[group] = true;
                });
            }
            Fold::Product => self.each(column, groups, |left, right| left.mul_wrapping(right)),
            Fold::Min => self.each(column, groups, |left, right| {
                if left.compare(right) == Ordering::Greater { right } else { left }
            }),
            Fold::Max => self.each(column, groups, |left, right| {
                if left.compare(right) == Ordering::Less { right } else { left }
            }),
            fold @ (Fold::BitAnd | Fold::BitOr | Fold::BitXor) => {
                self.each(column, groups, |left, right| left.bits(right, fold));
            }
            Fold::SumChecked { interval } => {
                self.each_checked(column, groups);
                if self.overflowed.contains(&true) {
                    return Err(overflow(interval));
                }
            }
            Fold::SumTry | Fold::SumDecimal { .. } => self.each_checked(column, groups),
        }
        Ok(())
    }

    fn each(
        &mut self,
        column: &PrimitiveArray<T>,
        groups: &[usize],
        combine: impl Fn(T::Native, T::Native) -> T::Native,
    ) {
        let (values, seen) = (&mut self.values, &mut self.seen);
        each_valid(column, groups, |group, value| {
            values[group] = if seen[group] { combine(values[group], value) } else { value };
            seen[group] = true;
        });
    }

    fn each_checked(&mut self, column: &PrimitiveArray<T>, groups: &[usize]) {
        let Self { values, seen, overflowed, .. } = self;
        each_valid(column, groups, |group, value| {
            seen[group] = true;
            match values[group].add_checked(value) {
                Ok(sum) => values[group] = sum,
                Err(_) => overflowed[group] = true,
            }
        });
    }
}

impl<T> States for FoldStates<T>
where
    T: ArrowPrimitiveType + Debug,
    T::Native: Foldable,
{
    fn update(&mut self, values: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.resize(n_groups);
        self.take_in(values[0].as_primitive::<T>(), groups)
    }

    fn update_only(&mut self, values: &[ArrayRef], n_rows: usize) -> Result<()> {
        let column = values[0].as_primitive::<T>();
        self.resize(1);
        let is_sum =
            matches!(self.fold, Fold::SumWrapping | Fold::SumChecked { .. } | Fold::SumTry);
        if is_sum && n_rows > 0 && column.null_count() == 0 {
            if let Some(sum) = T::Native::sum_in_any_order(self.values[0], column.values()) {
                self.values[0] = sum;
                self.seen[0] = true;
                return Ok(());
            }
        }
        self.take_in(column, &vec![0; n_rows])
    }

    fn merge(&mut self, states: &[ArrayRef], groups: &[usize], n_groups: usize) -> Result<()> {
        self.resize(n_groups);
        self.take_in(states[0].as_primitive::<T>(), groups)?;
        for (group, overflowed) in groups.iter().zip(states[1].as_boolean().iter()) {
            self.overflowed[*group] |= overflowed == Some(true);
            self.seen[*group] |= overflowed == Some(true);
        }
        Ok(())
    }

    fn split_off_first(&mut self, n: usize) -> Self {
        Self {
            fold: self.fold,
            data_type: self.data_type.clone(),
            values: take_first(&mut self.values, n),
            seen: take_first(&mut self.seen, n),
            overflowed: take_first(&mut self.overflowed, n),
        }
    }

    fn evaluate(&mut self, n_groups: usize) -> Result<ArrayRef> {
        self.resize(n_groups);
        let mut valid = self.seen.clone();
        match self.fold {
            Fold::SumTry => {
                for (valid, overflowed) in valid.iter_mut().zip(&self.overflowed) {
                    *valid &= !overflowed;
                }
            }
            Fold::SumDecimal { precision, ansi } => {
                for (group, valid) in valid.iter_mut().enumerate() {
                    let fits = !self.overflowed[group] && fits(self.values[group], precision);
                    if *valid && !fits && ansi {
                        return Err(decimal_overflow());
                    }
                    *valid &= fits;
                }
            }
            _ => {}
        }
        let column =
            PrimitiveArray::<T>::new(self.values.clone().into(), Some(NullBuffer::from(valid)));
        Ok(Arc::new(column.with_data_type(self.data_type.clone())))
    }

    fn state(&mut self, n_groups: usize) -> Result<Vec<ArrayRef>> {
        self.resize(n_groups);
        let nulls = NullBuffer::from(self.seen.clone());
        let column = PrimitiveArray::<T>::new(self.values.clone().into(), Some(nulls));
        Ok(vec![
            Arc::new(column.with_data_type(self.data_type.clone())),
            Arc::new(BooleanArray::from(self.overflowed.clone())),
        ])
    }

    fn size(&self) -> usize {
        self.values.capacity() * size_of::<T::Native>() + self.seen.capacity() * 2
    }
}

/// Whether a decimal's unscaled value has at most `precision` digits.
fn fits<N: ArrowNativeTypeOp>(value: N, precision: u8) -> bool {
    let mut limit = N::ONE;
    let ten = N::usize_as(10);
    for _ in 0..precision {
        match limit.mul_checked(ten) {
            Ok(next) => limit = next,
            Err(_) => return true,
        }
    }
    value.is_lt(limit) && value.is_gt(limit.neg_wrapping())
}

pub(crate) fn take_first<V>(values: &mut Vec<V>, n: usize) -> Vec<V> {
    let rest = values.split_off(n.min(values.len()));
    std::mem::replace(values, rest)
}

fn overflow(interval: bool) -> SparkError {
    if interval {
        return SparkError::new(
            ErrorKind::Arithmetic,
            "INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION",
            "Integer overflow while operating with intervals. Use `try_add` to tolerate overflow \
             and return NULL instead.",
        )
        .with("functionName", "`try_add`");
    }
    arithmetic_overflow("overflow", "try_add")
}

fn decimal_overflow() -> SparkError {
    SparkError::new(
        ErrorKind::Arithmetic,
        "ARITHMETIC_OVERFLOW",
        "Overflow in sum of decimals. Use 'try_sum' to tolerate overflow and return NULL instead. If \
         necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.",
    )
    .with("message", "Overflow in sum of decimals")
    .with("alternative", " Use 'try_sum' to tolerate overflow and return NULL instead.")
    .with("config", "\"spark.sql.ansi.enabled\"")
}
