//! `round`, `bround`, `ceil`, `floor`, with and without a scale.

use crate::call::{Arg, Call};
use crate::cast::decimal::{fits, parse_decimal, power_of_ten, rescale};
use crate::cast::java_double::{double_text, float_text};
use crate::cast::{EvalMode, cast, retyped};
use crate::coercion::decimal_for;
use crate::coercion::implicit::{Class, expect};
use crate::columns::{get, primitives, primitives_as};
use crate::faults;
use crate::implicit::{is_null_constant, literal_long, not_foldable, unexpected_type};
use crate::operators::decimal_arithmetic::round_to;
use crate::scalar_kernel::{Input, Kernel, Kind, Nullable};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{Decimal128Type, Float32Type, Float64Type, Int64Type};
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{Result, SparkError, SparkType};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Way {
    HalfUp,
    HalfEven,
    Ceiling,
    Floor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Params {
    way: Way,
    /// Digits after the point that stay; negative before it.
    digits: i32,
    mode: EvalMode,
    source_scale: i8,
    precision: u8,
    scale: i8,
}

pub(super) fn round(call: Call<'_>) -> Result<Expr> {
    build(call, "round", Way::HalfUp)
}

pub(super) fn bround(call: Call<'_>) -> Result<Expr> {
    build(call, "bround", Way::HalfEven)
}

pub(super) fn ceil(call: Call<'_>) -> Result<Expr> {
    whole_or_scaled(call, "ceil", Way::Ceiling)
}

pub(super) fn floor(call: Call<'_>) -> Result<Expr> {
    whole_or_scaled(call, "floor", Way::Floor)
}

fn digits_of(name: &str, arg: Option<&Arg>) -> Result<i32> {
    let Some(arg) = arg else { return Ok(0) };
    match literal_long(arg).and_then(|digits| i32::try_from(digits).ok()) {
        Some(digits) => Ok(digits),
        None if arg.data_type().is_integer() && matches!(name, "ceil" | "ceiling" | "floor") => {
            Err(not_constant_scale(name))
        }
        None if arg.data_type().is_integer() => Err(not_foldable(name, "scale")),
        None => Err(unexpected_type(name, 1, arg, "\"INT\"")),
    }
}

/// Without a scale: of a double a long, of a decimal a decimal without fraction.
fn whole_or_scaled(call: Call<'_>, name: &'static str, way: Way) -> Result<Expr> {
    call.check_arity(1, 2)?;
    if call.args.len() == 2 {
        return build(call, name, way);
    }
    let (shown, settings) = (call.name, call.settings);
    let [arg] = call.exactly::<1>()?;
    let data_type = arg.spark_type()?;
    if data_type.is_integral() {
        return cast(arg, &SparkType::Long, EvalMode::of(settings), settings);
    }
    if let SparkType::Decimal { precision, scale } = data_type {
        let whole = i16::from(precision) - i16::from(scale) + i16::from(scale != 0);
        let result = SparkType::Decimal {
            precision: u8::try_from(whole.clamp(1, 38)).unwrap_or(38),
            scale: 0,
        };
        return Ok(decimal_kernel(name, way, 0, &data_type, &result, settings.ansi, &arg)
            .call(vec![arg.expr]));
    }
    let arg = expect(shown, 0, arg, Class::Double, settings)?;
    let kernel = WHOLE.named(name, way, &SparkType::Long);
    Ok(kernel.nullable(Nullable::Propagate).call(vec![arg.expr]))
}

pub(super) static WHOLE: Kind<Way> = Kind::new("round.whole", |way, input| {
    let values = input.doubles(0)?;
    primitives::<Int64Type>(input.n_rows, |row| {
        Ok(get!(values, row).map(|value| match way {
            Way::Ceiling => value.ceil() as i64,
            _ => value.floor() as i64,
        }))
    })
});

fn build(call: Call<'_>, name: &'static str, way: Way) -> Result<Expr> {
    call.check_arity(1, 2)?;
    let (shown, settings) = (call.name, call.settings);
    if call.args.get(1).is_some_and(is_null_constant) {
        return of_null_scale(call, name, way);
    }
    let digits = digits_of(shown, call.args.get(1))?;
    let mut args = call.args;
    args.truncate(1);
    let Some(arg) = args.pop() else { return Err(crate::call::wrong_num_args(shown, "[1, 2]", 0)) };
    let arg = expect(shown, 0, arg, Class::Numeric, settings)?;
    let source = arg.spark_type()?;
    match &source {
        SparkType::Decimal { precision, scale } => {
            let result = rounded_decimal(*precision, *scale, digits);
            Ok(decimal_kernel(name, way, digits, &source, &result, settings.ansi, &arg)
                .call(vec![arg.expr]))
        }
        // `ceil` and `floor` with a scale give decimals for every type.
        _ if matches!(way, Way::Ceiling | Way::Floor) => {
            let (precision, scale) = decimal_for(&source).unwrap_or((30, 15));
            let wide = SparkType::Decimal { precision, scale };
            let nullable = arg.field.is_nullable();
            let expr = cast(arg, &wide, EvalMode::of(settings), settings)?;
            let arg = retyped(expr, &wide, nullable);
            let result = rounded_decimal(precision, scale, digits);
            Ok(decimal_kernel(name, way, digits, &wide, &result, settings.ansi, &arg)
                .call(vec![arg.expr]))
        }
        SparkType::Float | SparkType::Double => {
            let params = params(way, digits, settings.ansi, 0, 38, 0);
            let kind = if source == SparkType::Float { &OF_FLOAT } else { &OF_DOUBLE };
            let kernel = kind.named(name, params, &source);
            Ok(kernel.nullable(Nullable::Propagate).call(vec![arg.expr]))
        }
        _ if digits >= 0 => Ok(arg.expr),
        _ => {
            let wide = retyped(
                cast(arg.clone(), &SparkType::Long, EvalMode::of(settings), settings)?,
                &SparkType::Long,
                arg.field.is_nullable(),
            );
            let bits = match source {
                SparkType::Byte => 8,
                SparkType::Short => 16,
                SparkType::Integer => 32,
                _ => 64,
            };
            let params = params(way, digits, settings.ansi, 0, bits, 0);
            let kernel =
                OF_LONG.named(name, params, &SparkType::Long).nullable(Nullable::Propagate);
            let rounded =
                retyped(kernel.call(vec![wide.expr]), &SparkType::Long, arg.field.is_nullable());
            cast(rounded, &source, EvalMode::of(settings), settings)
        }
    }
}

fn not_constant_scale(name: &str) -> SparkError {
    SparkError::analysis(
        "NON_FOLDABLE_ARGUMENT",
        format!(
            "The function `{name}` requires the parameter `scale` to be a foldable expression of \
             the type \"INT\", but the actual argument is a non-foldable."
        ),
    )
    .with("funcName", format!("`{name}`"))
    .with("paramName", "`scale`")
    .with("paramType", "\"INT\"")
}

/// `round(x, NULL)` is null, of the type that it has without a scale; `ceil` and `floor` refuse.
fn of_null_scale(call: Call<'_>, name: &'static str, way: Way) -> Result<Expr> {
    if matches!(way, Way::Ceiling | Way::Floor) {
        return Err(not_constant_scale(name));
    }
    let Call { name: shown, mut args, settings, query_start_micros } = call;
    args.truncate(1);
    let value = build(Call { name: shown, args, settings, query_start_micros }, name, way)?;
    let never = Expr::Literal(ScalarValue::Boolean(Some(false)), None);
    Ok(datafusion_expr::when(never, value).end()?)
}

pub(super) static OF_FLOAT: Kind<Params> = Kind::new("round.float", evaluate_float);
pub(super) static OF_DOUBLE: Kind<Params> = Kind::new("round.double", evaluate_double);
pub(super) static OF_LONG: Kind<Params> = Kind::new("round.long", evaluate_long);

fn params(way: Way, digits: i32, ansi: bool, source_scale: i8, precision: u8, scale: i8) -> Params {
    let mode = if ansi { EvalMode::Ansi } else { EvalMode::Legacy };
    Params { way, digits, mode, source_scale, precision, scale }
}

/// Spark's type of a rounded decimal: rounding may add a digit in front.
fn rounded_decimal(precision: u8, scale: i8, digits: i32) -> SparkType {
    let whole = i32::from(precision) - i32::from(scale) + 1;
    let (precision, scale) = if digits < 0 {
        (whole.max(-digits + 1), 0)
    } else {
        let scale = i32::from(scale).min(digits);
        (whole + scale, scale)
    };
    SparkType::Decimal {
        precision: u8::try_from(precision.min(38)).unwrap_or(38),
        scale: i8::try_from(scale).unwrap_or(0),
    }
}

fn decimal_kernel(
    name: &'static str,
    way: Way,
    digits: i32,
    source: &SparkType,
    result: &SparkType,
    ansi: bool,
    arg: &Arg,
) -> Kernel {
    let scale_of = |data_type: &SparkType| match data_type {
        SparkType::Decimal { precision, scale } => (*precision, *scale),
        _ => (38, 0),
    };
    let (precision, scale) = scale_of(result);
    let params = params(way, digits, ansi, scale_of(source).1, precision, scale);
    let nullable = arg.field.is_nullable() || !ansi;
    let nullable = if nullable { Nullable::Always } else { Nullable::Never };
    OF_DECIMAL.named(name, params, result).nullable(nullable)
}

pub(super) static OF_DECIMAL: Kind<Params> = Kind::new("round.decimal", evaluate_decimal);

/// Unscaled `value` of scale `scale`, of which `digits` after the point stay.
fn rounded(value: i128, scale: i8, digits: i32, way: Way) -> i128 {
    match way {
        Way::HalfUp => round_to(value, scale, digits, false),
        Way::HalfEven => round_to(value, scale, digits, true),
        Way::Ceiling | Way::Floor => {
            let drop = i32::from(scale) - digits;
            if drop <= 0 {
                return value;
            }
            let unit = power_of_ten(drop.unsigned_abs());
            let rest = value.rem_euclid(unit);
            if rest == 0 {
                value
            } else if way == Way::Floor {
                value - rest
            } else {
                value - rest + unit
            }
        }
    }
}

fn evaluate_decimal(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let values = input.numbers::<Decimal128Type>(0)?;
    let Params { way, digits, mode, source_scale, precision, scale } = *params;
    primitives_as::<Decimal128Type>(input.result, input.n_rows, |row| {
        let Some(value) = get!(values, row) else { return Ok(None) };
        let value = rescale(rounded(value, source_scale, digits, way), source_scale, scale);
        match value {
            Some(value) if fits(value, precision) => Ok(Some(value)),
            _ if mode == EvalMode::Ansi => {
                Err(faults::decimal_out_of_range("The rounded value", precision, scale))
            }
            _ => Ok(None),
        }
    })
}

fn evaluate_long(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let values = input.longs(0)?;
    primitives::<Int64Type>(input.n_rows, |row| {
        let Some(value) = get!(values, row) else { return Ok(None) };
        let value = rounded(i128::from(value), 0, params.digits, params.way);
        // The precision is the number of bits of the source.
        let limit = 1_i128 << (params.precision.clamp(1, 64) - 1);
        match i64::try_from(value) {
            Ok(value) if (-limit..limit).contains(&i128::from(value)) => Ok(Some(value)),
            _ if params.mode == EvalMode::Ansi => Err(faults::arithmetic_overflow("Overflow", "")),
            _ => Ok(Some(value as i64)),
        }
    })
}

/// Rounds the number that Java prints, as Spark does through `BigDecimal`.
fn round_text(text: &str, digits: i32, way: Way) -> Option<f64> {
    // More than 20 digits after the point cannot change a double that has a whole part; tiny
    // numbers are rounded to nothing or stay.
    let scale = digits.clamp(-38, 37);
    let parsed = parse_decimal(text)?;
    let kept = i8::try_from(scale + 1).ok()?.max(18);
    let exact = parsed.unscaled(kept)?;
    let value = rounded(exact, kept, scale, way);
    crate::cast::decimal::decimal_text(value, kept).parse().ok()
}

fn evaluate_double(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let values = input.doubles(0)?;
    primitives::<Float64Type>(input.n_rows, |row| {
        Ok(get!(values, row).map(|value| {
            if !value.is_finite() || (params.digits >= 0 && value.abs() >= 1e17) {
                return value;
            }
            // BigDecimal has no negative zero.
            round_text(&double_text(value), params.digits, params.way).unwrap_or(value) + 0.0
        }))
    })
}

fn evaluate_float(params: &Params, input: &Input<'_>) -> Result<ArrayRef> {
    let values = input.numbers::<Float32Type>(0)?;
    primitives::<Float32Type>(input.n_rows, |row| {
        Ok(get!(values, row).map(|value| {
            if !value.is_finite() || (params.digits >= 0 && value.abs() >= 1e9) {
                return value;
            }
            round_text(&float_text(value), params.digits, params.way)
                .map_or(value, |rounded| rounded as f32)
                + 0.0
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Spark 4.2.0.
    #[test]
    fn recorded() {
        assert_eq!(round_text("2.5", 0, Way::HalfUp), Some(3.0));
        assert_eq!(round_text("2.5", 0, Way::HalfEven), Some(2.0));
        assert_eq!(round_text("1.005", 2, Way::HalfUp), Some(1.01));
        assert_eq!(round_text("-2.345", 2, Way::HalfUp), Some(-2.35));
        assert_eq!(round_text("12345.0", -2, Way::HalfUp), Some(12300.0));
        assert_eq!(rounded(-31411, 4, 3, Way::Floor), -31420);
        assert_eq!(rounded(-31411, 4, 3, Way::Ceiling), -31410);
    }
}
