//! `+ - * / % div pmod` and their `try_` forms: which kernel serves which types.

use super::decimal_arithmetic::{self, result_type};
use super::{floating_arithmetic, integer_arithmetic, temporal};
use crate::call::{Arg, Call};
use crate::cast::{EvalMode, cast, retyped};
use crate::coercion::{common_type, decimal_for};
use crate::scalar_kernel::Nullable;
use datafusion_common::ScalarValue;
use datafusion_expr::{BinaryExpr, Expr, Operator};
use firesteel_common::{Result, SessionSettings, SparkError, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    IntegralDivide,
    PositiveModulus,
}

impl Op {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Op::Add => "+",
            Op::Subtract => "-",
            Op::Multiply => "*",
            Op::Divide => "/",
            Op::Remainder => "%",
            Op::IntegralDivide => "div",
            Op::PositiveModulus => "pmod",
        }
    }

    /// The function that gives null instead of an error.
    pub(crate) fn tolerant(self) -> &'static str {
        match self {
            Op::Add => "try_add",
            Op::Subtract => "try_subtract",
            Op::Multiply => "try_multiply",
            Op::Divide | Op::IntegralDivide => "try_divide",
            Op::Remainder | Op::PositiveModulus => "try_mod",
        }
    }

    fn native(self) -> Option<Operator> {
        match self {
            Op::Add => Some(Operator::Plus),
            Op::Subtract => Some(Operator::Minus),
            Op::Multiply => Some(Operator::Multiply),
            _ => None,
        }
    }

    /// Whether a zero on the right has no answer.
    pub(crate) fn divides(self) -> bool {
        !matches!(self, Op::Add | Op::Subtract | Op::Multiply)
    }
}

macro_rules! builders {
    ($($name:ident $tolerant:ident $op:expr;)*) => {
        $(
            pub(crate) fn $name(call: Call<'_>) -> Result<Expr> {
                let mode = EvalMode::of(call.settings);
                build(call, $op, mode)
            }

            pub(crate) fn $tolerant(call: Call<'_>) -> Result<Expr> {
                build(call, $op, EvalMode::Try)
            }
        )*
    };
}

builders! {
    add try_add Op::Add;
    subtract try_subtract Op::Subtract;
    multiply try_multiply Op::Multiply;
    divide try_divide Op::Divide;
    remainder try_remainder Op::Remainder;
}

pub(crate) fn integral_divide(call: Call<'_>) -> Result<Expr> {
    let mode = EvalMode::of(call.settings);
    build(call, Op::IntegralDivide, mode)
}

pub(crate) fn positive_modulus(call: Call<'_>) -> Result<Expr> {
    let mode = EvalMode::of(call.settings);
    build(call, Op::PositiveModulus, mode)
}

fn build(call: Call<'_>, op: Op, mode: EvalMode) -> Result<Expr> {
    if op == Op::Subtract && call.args.len() == 1 {
        return super::unary::negative(call);
    }
    if op == Op::Add && call.args.len() == 1 {
        return super::unary::positive(call);
    }
    let settings = call.settings;
    let [left, right] = call.exactly::<2>()?;
    let types = (left.spark_type()?, right.spark_type()?);
    if temporal::applies(&types.0, &types.1) {
        return temporal::build(left, right, op, mode, settings);
    }
    let Some((left_target, right_target)) = operand_types(&left, &right, &types, op, settings)
    else {
        return Err(wrong_types(&left, &right, &types, op));
    };
    let nullable = left.field.is_nullable() || right.field.is_nullable();
    let bring = |arg: Arg, target: &SparkType| -> Result<Arg> {
        // `try_add('x', 1)` is null.
        let tries = mode == EvalMode::Try;
        let nullable = arg.field.is_nullable() || tries;
        let cast_mode = if tries { mode } else { EvalMode::of(settings) };
        Ok(retyped(cast(arg, target, cast_mode, settings)?, target, nullable))
    };
    let left = bring(left, &left_target)?;
    let right = bring(right, &right_target)?;
    let nullability = |may_fail: bool| {
        if nullable || op.divides() || (may_fail && mode != EvalMode::Ansi) {
            Nullable::Always
        } else {
            Nullable::Never
        }
    };
    let native = |left: Arg, right: Arg, operator: Operator| {
        Expr::BinaryExpr(BinaryExpr::new(Box::new(left.expr), operator, Box::new(right.expr)))
    };
    let exprs = vec![left.expr.clone(), right.expr.clone()];
    match &left_target {
        SparkType::Decimal { .. } => {
            let (result, exact) =
                result_type(&left_target, &right_target, op, settings.decimal_precision_loss)?;
            // Arrow agrees with Spark where no digit can be lost.
            match op.native().filter(|_| exact) {
                Some(operator) => Ok(native(left, right, operator)),
                None => Ok(decimal_arithmetic::kernel(
                    op,
                    mode,
                    &left_target,
                    &right_target,
                    &result,
                    nullability(true),
                )
                .call(exprs)),
            }
        }
        SparkType::Float | SparkType::Double => {
            match op.native() {
                Some(operator) => Ok(native(left, right, operator)),
                None => Ok(floating_arithmetic::kernel(op, mode, &left_target, nullability(true))
                    .call(exprs)),
            }
        }
        _ => {
            match op.native().filter(|_| mode == EvalMode::Legacy) {
                Some(operator) => Ok(native(left, right, operator)),
                None => Ok(integer_arithmetic::kernel(op, mode, &left_target, nullability(true))
                    .call(exprs)),
            }
        }
    }
}

/// The types that the two sides are cast to; only decimals may differ.
fn operand_types(
    left: &Arg,
    right: &Arg,
    types: &(SparkType, SparkType),
    op: Op,
    settings: &SessionSettings,
) -> Option<(SparkType, SparkType)> {
    use SparkType::{Decimal, Double, Float, Long, Null};
    let both = |data_type: SparkType| Some((data_type.clone(), data_type));
    match types {
        (Null, Null) => both(Double),
        (Decimal { .. }, Float | Double) | (Float | Double, Decimal { .. }) => both(Double),
        (Decimal { .. }, Decimal { .. }) => Some(types.clone()),
        (Decimal { .. }, other) if other.is_integral() => {
            Some((types.0.clone(), literal_decimal(right).or_else(|| whole_decimal(other))?))
        }
        (other, Decimal { .. }) if other.is_integral() => {
            Some((literal_decimal(left).or_else(|| whole_decimal(other))?, types.1.clone()))
        }
        (Decimal { .. }, Null) => both(types.0.clone()),
        (Null, Decimal { .. }) => both(types.1.clone()),
        (left, right) => {
            let fits = |data_type: &SparkType| {
                data_type.is_numeric() || data_type.is_string() || *data_type == Null
            };
            if !fits(left) || !fits(right) {
                return None;
            }
            if settings.ansi && left.is_string() && right.is_string() {
                return None;
            }
            let found = if left.is_string() || right.is_string() {
                match common_type(left, right, settings) {
                    Some(found) if settings.ansi && found.is_numeric() => found,
                    _ => Double,
                }
            } else {
                common_type(left, right, settings)?
            };
            match op {
                Op::Divide => both(Double),
                Op::IntegralDivide if found.is_integral() => both(Long),
                Op::IntegralDivide if matches!(found, Float | Double) => {
                    // Spark's rule: `div` takes whole numbers; a string becomes one.
                    if left.is_string() || right.is_string() { both(Long) } else { None }
                }
                _ => both(found),
            }
        }
    }
}

/// A whole literal beside a decimal has as many digits as it shows, not as its type could hold.
fn literal_decimal(arg: &Arg) -> Option<SparkType> {
    let value = match arg.literal()? {
        ScalarValue::Int8(value) => i64::from((*value)?),
        ScalarValue::Int16(value) => i64::from((*value)?),
        ScalarValue::Int32(value) => i64::from((*value)?),
        ScalarValue::Int64(value) => (*value)?,
        _ => return None,
    };
    let digits = value.unsigned_abs().max(1).ilog10() + 1;
    Some(SparkType::Decimal { precision: u8::try_from(digits).ok()?, scale: 0 })
}

fn whole_decimal(data_type: &SparkType) -> Option<SparkType> {
    let (precision, scale) = decimal_for(data_type)?;
    Some(SparkType::Decimal { precision, scale })
}

/// A date plus what is no number of days: Spark reads `+` as `date_add` there.
fn not_days(left: &Arg, right: &Arg, types: &(SparkType, SparkType)) -> SparkError {
    let of_left = types.0 == SparkType::Date;
    let (date, days, found) =
        if of_left { (left, right, &types.1) } else { (right, left, &types.0) };
    // A text beside a date is read as a date first.
    let found = match found {
        SparkType::String { .. } => SparkType::Date.sql(),
        found => found.sql(),
    };
    let (call, days) = (format!("\"date_add({}, {})\"", date.sql(), days.sql()), days.sql());
    let required = "(\"INT\" or \"SMALLINT\" or \"TINYINT\")";
    SparkError::analysis(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE",
        format!(
            "Cannot resolve {call} due to data type mismatch: The second parameter requires the \
             {required} type, however \"{days}\" has the type \"{found}\"."
        ),
    )
    .with("sqlExpr", call)
    .with("paramIndex", "second")
    .with("requiredType", required)
    .with("inputSql", format!("\"{days}\""))
    .with("inputType", format!("\"{found}\""))
}

pub(super) fn wrong_types(
    left: &Arg,
    right: &Arg,
    types: &(SparkType, SparkType),
    op: Op,
) -> SparkError {
    if op == Op::Add && (types.0 == SparkType::Date || types.1 == SparkType::Date) {
        return not_days(left, right, types);
    }
    let sql = format!("\"({} {} {})\"", left.sql(), op.symbol(), right.sql());
    let (left, right) = (types.0.sql(), types.1.sql());
    if left == right {
        let required = match op {
            Op::IntegralDivide => {
                "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\")"
            }
            Op::Multiply | Op::Remainder | Op::PositiveModulus => "\"NUMERIC\"",
            Op::Divide => "(\"DOUBLE\" or \"DECIMAL\")",
            _ => {
                "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")"
            }
        };
        return SparkError::analysis(
            "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE",
            format!(
                "Cannot resolve {sql} due to data type mismatch: the binary operator requires the \
                 input type {required}, not \"{left}\"."
            ),
        )
        .with("sqlExpr", sql)
        .with("inputType", required)
        .with("actualDataType", format!("\"{left}\""));
    }
    SparkError::analysis(
        "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES",
        format!(
            "Cannot resolve {sql} due to data type mismatch: the left and right operands of the \
             binary operator have incompatible types (\"{left}\" and \"{right}\")."
        ),
    )
    .with("sqlExpr", sql)
    .with("left", format!("\"{left}\""))
    .with("right", format!("\"{right}\""))
}
