//! Division and remainders of floating-point numbers: a zero divisor is an error or null.

use super::arithmetic::Op;
use super::integer_arithmetic::by_zero;
use crate::cast::EvalMode;
use crate::columns::{get, primitives};
use crate::scalar_kernel::{Input, Kernel, Kind, Nullable};
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType};
use arrow::datatypes::{Float32Type, Float64Type};
use firesteel_common::{Result, SparkType};
use num_traits::Float;

type Params = (Op, EvalMode);

pub(super) fn kernel(op: Op, mode: EvalMode, data_type: &SparkType, nullable: Nullable) -> Kernel {
    let kind = match data_type {
        SparkType::Float => &FLOATS,
        _ => &DOUBLES,
    };
    kind.named(op.symbol(), (op, mode), data_type).nullable(nullable)
}

pub(super) static FLOATS: Kind<Params> = Kind::new("arithmetic.float", evaluate::<Float32Type>);
pub(super) static DOUBLES: Kind<Params> = Kind::new("arithmetic.double", evaluate::<Float64Type>);

fn evaluate<T: ArrowPrimitiveType>(params: &Params, input: &Input<'_>) -> Result<ArrayRef>
where
    T::Native: Float,
{
    let (op, mode) = *params;
    let (left, right) = (input.numbers::<T>(0)?, input.numbers::<T>(1)?);
    primitives::<T>(input.n_rows, |row| {
        let (Some(a), Some(b)) = (get!(left, row), get!(right, row)) else { return Ok(None) };
        if b.is_zero() {
            return if mode == EvalMode::Ansi { Err(by_zero(op)) } else { Ok(None) };
        }
        Ok(Some(match op {
            Op::Divide => a / b,
            Op::PositiveModulus => {
                let rest = a % b;
                if rest < num_traits::zero() { (rest + b) % b } else { rest }
            }
            _ => a % b,
        }))
    })
}

use num_traits::Zero;
