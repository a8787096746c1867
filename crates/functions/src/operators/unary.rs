//! `-x`, `+x` and `abs(x)`.

use crate::call::Call;
use crate::cast::EvalMode;
use crate::coercion::implicit::{Class, expect};
use crate::columns::{get, primitives, primitives_as};
use crate::faults;
use crate::implicit::unexpected_type;
use crate::scalar_kernel::{Input, Kind, Nullable};
use arrow::array::{Array, ArrayRef, ArrowPrimitiveType};
use arrow::datatypes::{
    Decimal128Type, DurationMicrosecondType, Float32Type, Float64Type, Int8Type, Int16Type,
    Int32Type, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType, IntervalYearMonthType,
};
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkType};
use num_traits::{CheckedNeg, WrappingNeg, Zero};

const INTERVALS: &str =
    "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")";

pub(crate) fn positive(call: Call<'_>) -> Result<Expr> {
    let (name, settings) = (call.name, call.settings);
    let [arg] = call.exactly::<1>()?;
    let data_type = arg.spark_type()?;
    if is_interval(&data_type) {
        return Ok(arg.expr);
    }
    if !data_type.is_numeric() && !data_type.is_string() && data_type != SparkType::Null {
        return Err(unexpected_type(name, 0, &arg, INTERVALS));
    }
    Ok(expect(name, 0, arg, Class::Numeric, settings)?.expr)
}

pub(crate) fn negative(call: Call<'_>) -> Result<Expr> {
    build(call, "negative", true)
}

pub(crate) fn abs(call: Call<'_>) -> Result<Expr> {
    build(call, "abs", false)
}

fn is_interval(data_type: &SparkType) -> bool {
    matches!(
        data_type,
        SparkType::CalendarInterval
            | SparkType::YearMonthInterval { .. }
            | SparkType::DayTimeInterval { .. }
    )
}

/// (the sign always changes, mode)
type Params = (bool, EvalMode);

fn build(call: Call<'_>, name: &'static str, always: bool) -> Result<Expr> {
    let (shown, settings) = (call.name, call.settings);
    let [arg] = call.exactly::<1>()?;
    let data_type = arg.spark_type()?;
    let arg = if is_interval(&data_type) {
        arg
    } else if data_type.is_numeric() || data_type.is_string() || data_type == SparkType::Null {
        expect(shown, 0, arg, Class::Numeric, settings)?
    } else {
        return Err(unexpected_type(shown, 0, &arg, INTERVALS));
    };
    // The parser's `-128` is minus and a number: a literal is negated here, so that it stays one.
    if always
        && let Some(value) = arg.literal()
        && let Ok(negated) = value.arithmetic_negate()
    {
        return Ok(Expr::Literal(negated, None));
    }
    let data_type = arg.spark_type()?;
    let kind = match &data_type {
        SparkType::Byte => &OF_BYTE,
        SparkType::Short => &OF_SHORT,
        SparkType::Integer => &OF_INT,
        SparkType::Long => &OF_LONG,
        SparkType::YearMonthInterval { .. } => &OF_MONTHS,
        SparkType::DayTimeInterval { .. } => &OF_MICROS,
        SparkType::Float => &OF_FLOAT,
        SparkType::Double => &OF_DOUBLE,
        SparkType::CalendarInterval => &OF_CALENDAR,
        _ => &OF_DECIMAL,
    };
    let nullable = if arg.field.is_nullable() { Nullable::Always } else { Nullable::Never };
    let params = (always, EvalMode::of(settings));
    Ok(kind.named(name, params, &data_type).nullable(nullable).call(vec![arg.expr]))
}

pub(super) static OF_BYTE: Kind<Params> = Kind::new("negate.byte", whole::<Int8Type>);
pub(super) static OF_SHORT: Kind<Params> = Kind::new("negate.short", whole::<Int16Type>);
pub(super) static OF_INT: Kind<Params> = Kind::new("negate.int", whole::<Int32Type>);
pub(super) static OF_LONG: Kind<Params> = Kind::new("negate.long", whole::<Int64Type>);
pub(super) static OF_MONTHS: Kind<Params> =
    Kind::new("negate.months", whole::<IntervalYearMonthType>);
pub(super) static OF_MICROS: Kind<Params> =
    Kind::new("negate.micros", whole::<DurationMicrosecondType>);
pub(super) static OF_FLOAT: Kind<Params> = Kind::new("negate.float", float);
pub(super) static OF_DOUBLE: Kind<Params> = Kind::new("negate.double", double);
pub(super) static OF_CALENDAR: Kind<Params> = Kind::new("negate.calendar", calendar);
pub(super) static OF_DECIMAL: Kind<Params> = Kind::new("negate.decimal", decimal);

fn whole<T: ArrowPrimitiveType>(params: &Params, input: &Input<'_>) -> Result<ArrayRef>
where
    T::Native: CheckedNeg + WrappingNeg + Zero + PartialOrd,
{
    let (always, mode) = *params;
    let values = input.numbers::<T>(0)?;
    primitives::<T>(input.n_rows, |row| {
        let Some(value) = get!(values, row) else { return Ok(None) };
        if !always && value >= T::Native::zero() {
            return Ok(Some(value));
        }
        match value.checked_neg() {
            Some(negated) => Ok(Some(negated)),
            None if mode == EvalMode::Legacy => Ok(Some(value.wrapping_neg())),
            None => Err(faults::arithmetic_overflow(
                match size_of::<T::Native>() {
                    1 => "byte overflow",
                    2 => "short overflow",
                    4 => "integer overflow",
                    _ => "long overflow",
                },
                "",
            )),
        }
    })
}

fn float(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let values = input.numbers::<Float32Type>(0)?;
    let change = |value: f32| if params.0 { -value } else { value.abs() };
    primitives::<Float32Type>(input.n_rows, |row| Ok(get!(values, row).map(change)))
}

fn double(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let values = input.numbers::<Float64Type>(0)?;
    let change = |value: f64| if params.0 { -value } else { value.abs() };
    primitives::<Float64Type>(input.n_rows, |row| Ok(get!(values, row).map(change)))
}

fn decimal(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let values = input.numbers::<Decimal128Type>(0)?;
    let change = |value: i128| if params.0 { -value } else { value.abs() };
    primitives_as::<Decimal128Type>(input.result, input.n_rows, |row| {
        Ok(get!(values, row).map(change))
    })
}

fn calendar(_params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let values = input.numbers::<IntervalMonthDayNanoType>(0)?;
    primitives::<IntervalMonthDayNanoType>(input.n_rows, |row| {
        Ok(get!(values, row).map(|value| {
            IntervalMonthDayNano::new(
                value.months.wrapping_neg(),
                value.days.wrapping_neg(),
                value.nanoseconds.wrapping_neg(),
            )
        }))
    })
}
