//! Arithmetic on whole numbers that notices overflow and division by zero.

use super::arithmetic::Op;
use crate::cast::EvalMode;
use crate::columns::get;
use crate::faults;
use crate::scalar_kernel::{Input, Kernel, Kind, Nullable};
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType, PrimitiveArray};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{Int8Type, Int16Type, Int32Type, Int64Type};
use firesteel_common::{Result, SparkError, SparkType};
use std::fmt::Display;
use std::sync::Arc;

type Params = (Op, EvalMode);

pub(super) fn kernel(op: Op, mode: EvalMode, data_type: &SparkType, nullable: Nullable) -> Kernel {
    let kind = match data_type {
        SparkType::Byte => &BYTES,
        SparkType::Short => &SHORTS,
        SparkType::Integer => &INTS,
        _ => &LONGS,
    };
    kind.named(op.symbol(), (op, mode), data_type).nullable(nullable)
}

pub(super) static BYTES: Kind<Params> = Kind::new("arithmetic.byte", evaluate::<Int8Type>);
pub(super) static SHORTS: Kind<Params> = Kind::new("arithmetic.short", evaluate::<Int16Type>);
pub(super) static INTS: Kind<Params> = Kind::new("arithmetic.int", evaluate::<Int32Type>);
pub(super) static LONGS: Kind<Params> = Kind::new("arithmetic.long", evaluate::<Int64Type>);

fn evaluate<T: ArrowPrimitiveType>(params: &Params, input: &Input<'_>) -> Result<ArrayRef>
where
    T::Native: Whole,
{
    let (op, mode) = *params;
    let (left, right) = (input.numbers::<T>(0)?, input.numbers::<T>(1)?);
    let out = if op.divides() {
        dividing(left, right, op, mode)?
    } else {
        checked(left, right, op, mode)?
    };
    Ok(Arc::new(out))
}

/// The whole column at once; only when some row overflowed is it asked which.
fn checked<T: ArrowPrimitiveType>(
    left: &PrimitiveArray<T>,
    right: &PrimitiveArray<T>,
    op: Op,
    mode: EvalMode,
) -> Result<PrimitiveArray<T>>
where
    T::Native: Whole,
{
    let compute: fn(T::Native, T::Native) -> (T::Native, bool) = match op {
        Op::Add => T::Native::overflowing_add,
        Op::Subtract => T::Native::overflowing_subtract,
        _ => T::Native::overflowing_multiply,
    };
    let nulls = NullBuffer::union(left.nulls(), right.nulls());
    let (out, any) = match op {
        Op::Add => column(left.values(), right.values(), T::Native::overflowing_add),
        Op::Subtract => column(left.values(), right.values(), T::Native::overflowing_subtract),
        _ => column(left.values(), right.values(), T::Native::overflowing_multiply),
    };
    let out = PrimitiveArray::<T>::new(out.into(), nulls);
    if !any || mode == EvalMode::Legacy {
        return Ok(out);
    }
    let mut answer = arrow::array::PrimitiveBuilder::<T>::with_capacity(out.len());
    for row in 0..out.len() {
        let Some(value) = get!(&out, row) else {
            answer.append_null();
            continue;
        };
        let (a, b) = (left.value(row), right.value(row));
        if !compute(a, b).1 {
            answer.append_value(value);
        } else if mode == EvalMode::Try {
            answer.append_null();
        } else {
            return Err(overflow(a, b, op));
        }
    }
    Ok(answer.finish())
}

/// Inlined per operator, so that the loop is one of machine vectors.
#[inline(always)]
fn column<N: Whole>(
    left: &[N],
    right: &[N],
    compute: impl Fn(N, N) -> (N, bool),
) -> (Vec<N>, bool) {
    let mut any = false;
    let out = left
        .iter()
        .zip(right)
        .map(|(a, b)| {
            let (value, overflowed) = compute(*a, *b);
            any |= overflowed;
            value
        })
        .collect();
    (out, any)
}

fn dividing<T: ArrowPrimitiveType>(
    left: &PrimitiveArray<T>,
    right: &PrimitiveArray<T>,
    op: Op,
    mode: EvalMode,
) -> Result<PrimitiveArray<T>>
where
    T::Native: Whole,
{
    let mut answer = arrow::array::PrimitiveBuilder::<T>::with_capacity(left.len());
    for row in 0..left.len() {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else {
            answer.append_null();
            continue;
        };
        let (value, overflowed) = match op {
            _ if b.is_nought() => {
                if mode == EvalMode::Ansi {
                    return Err(by_zero(op));
                }
                answer.append_null();
                continue;
            }
            Op::IntegralDivide => a.overflowing_divide(b),
            Op::PositiveModulus => (a.positive_modulus(b), false),
            _ => (a.remainder(b), false),
        };
        if !overflowed || mode == EvalMode::Legacy {
            answer.append_value(value);
        } else if mode == EvalMode::Try {
            answer.append_null();
        } else {
            return Err(overflow(a, b, op));
        }
    }
    Ok(answer.finish())
}

/// The error of a division by zero.
pub(super) fn by_zero(op: Op) -> SparkError {
    match op {
        Op::Remainder | Op::PositiveModulus => faults::remainder_by_zero(),
        _ => faults::divide_by_zero(),
    }
}

fn overflow<N: Whole>(a: N, b: N, op: Op) -> SparkError {
    let tolerant = op.tolerant();
    match N::LITERAL_SUFFIX {
        Some(suffix) => faults::binary_overflow(
            &format!("{a}{suffix}"),
            op.symbol(),
            &format!("{b}{suffix}"),
            tolerant,
        ),
        None => faults::arithmetic_overflow(&format!("{} overflow", N::JAVA_NAME), tolerant),
    }
}

/// What the four whole types have in common here.
pub(crate) trait Whole: Copy + Display {
    const JAVA_NAME: &'static str;
    /// Bytes and shorts name their operands in the error.
    const LITERAL_SUFFIX: Option<&'static str>;
    fn overflowing_add(self, other: Self) -> (Self, bool);
    fn overflowing_subtract(self, other: Self) -> (Self, bool);
    fn overflowing_multiply(self, other: Self) -> (Self, bool);
    fn overflowing_divide(self, other: Self) -> (Self, bool);
    fn remainder(self, other: Self) -> Self;
    fn positive_modulus(self, other: Self) -> Self;
    fn is_nought(self) -> bool;
}

macro_rules! whole {
    ($native:ty, $name:literal, $suffix:expr) => {
        impl Whole for $native {
            const JAVA_NAME: &'static str = $name;
            const LITERAL_SUFFIX: Option<&'static str> = $suffix;

            #[inline(always)]
            fn overflowing_add(self, other: Self) -> (Self, bool) {
                <$native>::overflowing_add(self, other)
            }

            #[inline(always)]
            fn overflowing_subtract(self, other: Self) -> (Self, bool) {
                <$native>::overflowing_sub(self, other)
            }

            #[inline(always)]
            fn overflowing_multiply(self, other: Self) -> (Self, bool) {
                <$native>::overflowing_mul(self, other)
            }

            fn overflowing_divide(self, other: Self) -> (Self, bool) {
                <$native>::overflowing_div(self, other)
            }

            fn remainder(self, other: Self) -> Self {
                self.wrapping_rem(other)
            }

            /// Java's `((a % b) + b) % b` for a negative remainder: the sign of the divisor stays.
            fn positive_modulus(self, other: Self) -> Self {
                let rest = self.wrapping_rem(other);
                if rest < 0 { rest.wrapping_add(other).wrapping_rem(other) } else { rest }
            }

            fn is_nought(self) -> bool {
                self == 0
            }
        }
    };
}

whole!(i8, "byte", Some("Y"));
whole!(i16, "short", Some("S"));
whole!(i32, "integer", None);
whole!(i64, "long", None);
