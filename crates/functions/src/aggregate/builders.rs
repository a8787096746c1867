//! From a call to the aggregate that serves it: coercion and result types.

use super::average::{Average, Kind};
use super::collect::{self, Joined};
use super::distinct_estimate::{self, DistinctEstimate};
use super::fold::{Fold, FoldAggregate, Foldable};
use super::gather::Gather;
use super::histogram;
use super::moments::{Moments, Statistic};
use super::pick::{Pick, pick};
use super::states::AggregateFunction;
use crate::call::{AggregateCall, Arg};
use crate::cast::{EvalMode, cast, retyped};
use crate::implicit::{
    implicit, invalid_parameter, literal_boolean, literal_double, literal_long, not_foldable,
    unexpected_type,
};
use crate::wire::Name;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal128Type, DurationMicrosecondType, FieldRef, Float32Type,
    Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalUnit, IntervalYearMonthType,
};
use datafusion_common::ScalarValue;
use datafusion_expr::expr::AggregateFunction as AggregateExpr;
use datafusion_expr::{AggregateUDF, Expr, lit, when};
use datafusion_functions_aggregate::count::count_udaf;
use datafusion_functions_aggregate::min_max::{max_udaf, min_udaf};
use firesteel_common::{Result, SessionSettings, SparkError, SparkType, StructField, StructType};
use std::marker::PhantomData;
use std::sync::Arc;

pub(crate) fn result_field(name: &str, data_type: &SparkType, nullable: bool) -> FieldRef {
    StructField::new(name, data_type.clone(), nullable).to_arrow()
}

/// A call of one of DataFusion's aggregates.
fn builtin(udaf: Arc<AggregateUDF>, args: Vec<Expr>, call: AggregateCall<'_>) -> Expr {
    Expr::AggregateFunction(AggregateExpr::new_udf(
        udaf,
        args,
        call.distinct,
        call.filter,
        vec![],
        None,
    ))
}

/// The static name that an aggregate shows in plans.
pub(crate) fn static_name(name: &str) -> &'static str {
    crate::registry::lookup(name).map_or("aggregate", |found| found.name)
}

pub(crate) fn count(mut call: AggregateCall<'_>) -> Result<Expr> {
    if call.call.args.is_empty() && call.call.settings.legacy.parameterless_count {
        return Ok(builtin(count_udaf(), vec![lit(ScalarValue::Null)], call));
    }
    call.call.check_arity(1, usize::MAX)?;
    let args = std::mem::take(&mut call.call.args);
    if call.distinct && args.len() > 1 {
        // A row counts if none of its values is null.
        let any_null = args
            .iter()
            .map(|arg| arg.expr.clone().is_null())
            .reduce(Expr::or)
            .ok_or_else(|| SparkError::internal("count without arguments"))?;
        let row = crate::struct_::row(args);
        // Without ELSE the null has the struct's type, and nothing is left to coerce.
        let tuple = when(!any_null, row).end()?;
        return Ok(builtin(count_udaf(), vec![tuple], call));
    }
    let args = args.into_iter().map(|arg| arg.expr).collect();
    Ok(builtin(count_udaf(), args, call))
}

pub(crate) fn count_if(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let arg = call.call.args.remove(0);
    let condition = implicit("count_if", 0, arg, &SparkType::Boolean, call.call.settings)?;
    let counted = when(condition, lit(true)).end()?;
    Ok(builtin(count_udaf(), vec![counted], call))
}

/// Without ANSI mode a timestamp is summed as its seconds.
fn summed(arg: Arg, settings: &SessionSettings) -> Result<Arg> {
    if settings.ansi || arg.spark_type()? != SparkType::Timestamp {
        return Ok(arg);
    }
    let nullable = arg.field.is_nullable();
    let seconds = cast(arg, &SparkType::Double, EvalMode::of(settings), settings)?;
    Ok(retyped(seconds, &SparkType::Double, nullable))
}

/// The numeric type that strings and nulls are summed as.
fn as_number(arg: &Arg) -> Result<SparkType> {
    let actual = arg.spark_type()?;
    Ok(if actual.is_string() || actual == SparkType::Null { SparkType::Double } else { actual })
}

pub(crate) fn fold<T>(
    name: &'static str,
    fold: Fold,
    result: &SparkType,
    args: Vec<Expr>,
    call: AggregateCall<'_>,
) -> Expr
where
    T: ArrowPrimitiveType + std::fmt::Debug,
    T::Native: Foldable,
{
    let result = result_field(name, result, true);
    FoldAggregate::<T> { name: Name(name), fold, result, values: PhantomData }.call(
        args,
        call.distinct,
        call.filter,
    )
}

pub(crate) fn sum(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let (name, settings) = (static_name(call.call.name), call.call.settings);
    let arg = summed(call.call.args.remove(0), settings)?;
    let as_try = name == "try_sum";
    let checked = |interval| if as_try { Fold::SumTry } else { Fold::SumChecked { interval } };
    let numeric = as_number(&arg)?;
    Ok(match numeric {
        SparkType::Byte | SparkType::Short | SparkType::Integer | SparkType::Long => {
            let value = cast(arg, &SparkType::Long, EvalMode::of(settings), settings)?;
            let how = if settings.ansi || as_try { checked(false) } else { Fold::SumWrapping };
            fold::<Int64Type>(name, how, &SparkType::Long, vec![value], call)
        }
        SparkType::Float | SparkType::Double => {
            let value = implicit(name, 0, arg, &SparkType::Double, settings)?;
            fold::<Float64Type>(name, Fold::SumWrapping, &SparkType::Double, vec![value], call)
        }
        SparkType::Decimal { precision, scale } => {
            let precision = (precision + 10).min(38);
            let result = SparkType::Decimal { precision, scale };
            let how = Fold::SumDecimal { precision, ansi: settings.ansi && !as_try };
            fold::<Decimal128Type>(name, how, &result, vec![arg.expr], call)
        }
        SparkType::YearMonthInterval { .. } => {
            fold::<IntervalYearMonthType>(name, checked(true), &numeric, vec![arg.expr], call)
        }
        SparkType::DayTimeInterval { .. } => {
            fold::<DurationMicrosecondType>(name, checked(true), &numeric, vec![arg.expr], call)
        }
        _ => return Err(unexpected_type(name, 0, &arg, "\"NUMERIC\" or \"ANSI INTERVAL\"")),
    })
}

pub(crate) fn avg(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let (name, settings) = (static_name(call.call.name), call.call.settings);
    let arg = summed(call.call.args.remove(0), settings)?;
    let (kind, result, value) = match as_number(&arg)? {
        SparkType::Decimal { precision, scale } => {
            let (result_precision, result_scale) = bounded_decimal(precision + 4, scale + 4);
            let kind = Kind::Decimal { scale, result_precision, result_scale };
            let result = SparkType::Decimal { precision: result_precision, scale: result_scale };
            (kind, result, arg.expr)
        }
        numeric if numeric.is_numeric() => {
            let value = cast(arg, &SparkType::Double, EvalMode::of(settings), settings)?;
            (Kind::Double, SparkType::Double, value)
        }
        SparkType::YearMonthInterval { .. } => {
            (Kind::Months, SparkType::year_month_interval(), arg.expr)
        }
        SparkType::DayTimeInterval { .. } => {
            (Kind::Micros, SparkType::day_time_interval(), arg.expr)
        }
        _ => return Err(unexpected_type(name, 0, &arg, "\"NUMERIC\" or \"ANSI INTERVAL\"")),
    };
    let fail = settings.ansi && name != "try_avg";
    let result = result_field(name, &result, true);
    let average = Average { name: Name(name), kind, fail, result };
    Ok(average.call(vec![value], call.distinct, call.filter))
}

/// Spark's `DecimalType.bounded`.
fn bounded_decimal(precision: u8, scale: i8) -> (u8, i8) {
    (precision.min(38), scale.min(38))
}

pub(crate) fn product(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let arg = call.call.args.remove(0);
    let value = implicit("product", 0, arg, &SparkType::Double, call.call.settings)?;
    Ok(fold::<Float64Type>("product", Fold::Product, &SparkType::Double, vec![value], call))
}

/// `min`, `max`. NaN is greater than any other number.
pub(crate) fn extreme(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let name = static_name(call.call.name);
    let arg = call.call.args.remove(0);
    let least = name == "min";
    let spark_type = arg.spark_type()?;
    check_orderable(name, &spark_type)?;
    let how = if least { Fold::Min } else { Fold::Max };
    // DISTINCT changes nothing.
    call.distinct = false;
    let args = vec![arg.expr.clone()];
    Ok(match arg.data_type() {
        DataType::Float64 => fold::<Float64Type>(name, how, &spark_type, args, call),
        DataType::Float32 => fold::<Float32Type>(name, how, &spark_type, args, call),
        DataType::Duration(_) => {
            fold::<DurationMicrosecondType>(name, how, &spark_type, args, call)
        }
        DataType::Interval(IntervalUnit::YearMonth) => {
            fold::<IntervalYearMonthType>(name, how, &spark_type, args, call)
        }
        DataType::Boolean | DataType::Null | DataType::List(_) | DataType::Struct(_) => {
            let choice = if least { Pick::Least } else { Pick::Greatest };
            let result = result_field(name, &spark_type, true);
            pick(name, choice, Some(0), result).call(args, false, call.filter)
        }
        _ => builtin(if least { min_udaf() } else { max_udaf() }, args, call),
    })
}

fn check_orderable(name: &str, data_type: &SparkType) -> Result<()> {
    if !orderable(data_type) {
        let shown = data_type.sql();
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE",
            format!(
                "Cannot resolve \"{name}\" due to data type mismatch: The `{name}` does not \
                 support ordering on type \"{shown}\"."
            ),
        )
        .with("functionName", format!("`{name}`"))
        .with("dataType", format!("\"{shown}\"")));
    }
    Ok(())
}

fn orderable(data_type: &SparkType) -> bool {
    match data_type {
        SparkType::Map { .. } | SparkType::Variant | SparkType::CalendarInterval => false,
        SparkType::Array { element, .. } => orderable(element),
        SparkType::Struct(row) => row.fields.iter().all(|field| orderable(&field.data_type)),
        SparkType::Udt(udt) => orderable(&udt.sql_type),
        _ => true,
    }
}

pub(crate) fn extreme_by(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(2, 2)?;
    let name = static_name(call.call.name);
    let args = std::mem::take(&mut call.call.args);
    check_orderable(name, &args[1].spark_type()?)?;
    let choice = if name == "min_by" { Pick::Least } else { Pick::Greatest };
    let result = result_field(name, &args[0].spark_type()?, true);
    let args = args.into_iter().map(|arg| arg.expr).collect();
    Ok(pick(name, choice, Some(1), result).call(args, call.distinct, call.filter))
}

pub(crate) fn first_or_last(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 2)?;
    let name = static_name(call.call.name);
    let mut args = std::mem::take(&mut call.call.args);
    let ignore_nulls = match args.get(1) {
        None => call.ignore_nulls,
        Some(flag) => literal_boolean(flag).ok_or_else(|| not_foldable(name, "ignoreNulls"))?,
    };
    let arg = args.swap_remove(0);
    let choice = if name.starts_with("last") { Pick::Last } else { Pick::First };
    let result = result_field(name, &arg.spark_type()?, true);
    let skip = ignore_nulls.then_some(0);
    Ok(pick(name, choice, skip, result).call(vec![arg.expr], call.distinct, call.filter))
}

pub(crate) fn collect(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let name = static_name(call.call.name);
    let arg = call.call.args.remove(0);
    let element = Box::new(arg.spark_type()?);
    if name == "collect_set" && element.holds_map() {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE",
            "Cannot resolve \"collect_set\" due to data type mismatch: The input of `collect_set` \
             can't be \"MAP\" type data.",
        )
        .with("functionName", "`collect_set`")
        .with("dataType", "\"MAP\""));
    }
    let result = result_field(name, &SparkType::Array { element, contains_null: false }, false);
    let kind = if name == "collect_set" { &collect::SET } else { &collect::LIST };
    let function = Gather { kind, name, params: (), skip_nulls_of: Some(0), result };
    let distinct = call.distinct && name != "collect_set";
    Ok(function.call(vec![arg.expr], distinct, call.filter))
}

pub(crate) fn listagg(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 2)?;
    let (name, settings) = (static_name(call.call.name), call.call.settings);
    let mut args = std::mem::take(&mut call.call.args).into_iter();
    let value = args.next().ok_or_else(|| SparkError::internal("listagg without argument"))?;
    let delimiter = match args.next() {
        None => Vec::new(),
        Some(delimiter) => match delimiter.literal() {
            Some(ScalarValue::Utf8(text)) => text.clone().unwrap_or_default().into_bytes(),
            Some(ScalarValue::Binary(bytes)) => bytes.clone().unwrap_or_default(),
            Some(value) if value.is_null() => Vec::new(),
            _ => return Err(not_foldable(name, "delimiter")),
        },
    };
    let binary = value.spark_type()? == SparkType::Binary;
    let target = if binary { SparkType::Binary } else { SparkType::string() };
    let mut columns = vec![implicit(name, 0, value, &target, settings)?];
    let mut order = Vec::new();
    for sort in std::mem::take(&mut call.order_by) {
        order.push((!sort.asc, sort.nulls_first));
        columns.push(sort.expr);
    }
    let function = Gather {
        kind: &collect::JOINED,
        name,
        params: Joined { delimiter, order },
        skip_nulls_of: Some(0),
        result: result_field(name, &target, true),
    };
    Ok(function.call(columns, call.distinct, call.filter))
}

pub(crate) fn boolean(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let name = static_name(call.call.name);
    let arg = call.call.args.remove(0);
    let value = implicit(name, 0, arg, &SparkType::Boolean, call.call.settings)?;
    let all = matches!(name, "bool_and" | "every");
    let choice = if all { Pick::Least } else { Pick::Greatest };
    let result = result_field(name, &SparkType::Boolean, true);
    Ok(pick(name, choice, Some(0), result).call(vec![value], false, call.filter))
}

pub(crate) fn bits(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let name = static_name(call.call.name);
    let arg = call.call.args.remove(0);
    let how = match name {
        "bit_and" => Fold::BitAnd,
        "bit_or" => Fold::BitOr,
        _ => Fold::BitXor,
    };
    let spark_type = arg.spark_type()?;
    let args = vec![arg.expr.clone()];
    Ok(match spark_type {
        SparkType::Byte => fold::<Int8Type>(name, how, &spark_type, args, call),
        SparkType::Short => fold::<Int16Type>(name, how, &spark_type, args, call),
        SparkType::Integer => fold::<Int32Type>(name, how, &spark_type, args, call),
        SparkType::Long => fold::<Int64Type>(name, how, &spark_type, args, call),
        _ => return Err(unexpected_type(name, 0, &arg, "\"INTEGRAL\"")),
    })
}

pub(crate) fn moments(mut call: AggregateCall<'_>, statistic: Statistic) -> Result<Expr> {
    let arity = statistic.arity();
    call.call.check_arity(arity, arity)?;
    let (name, settings) = (static_name(call.call.name), call.call.settings);
    let args = std::mem::take(&mut call.call.args)
        .into_iter()
        .enumerate()
        .map(|(position, arg)| implicit(name, position, arg, &SparkType::Double, settings))
        .collect::<Result<Vec<_>>>()?;
    let result = match statistic {
        Statistic::RegrCount => result_field(name, &SparkType::Long, false),
        _ => result_field(name, &SparkType::Double, true),
    };
    Ok(Moments { name: Name(name), statistic, result }.call(args, call.distinct, call.filter))
}

pub(crate) fn approx_count_distinct(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 2)?;
    let name = "approx_count_distinct";
    let args = std::mem::take(&mut call.call.args);
    let mut deviation = 0.05;
    if let Some(given) = args.get(1) {
        deviation = literal_double(given).ok_or_else(|| not_foldable(name, "rsd"))?;
        if !(deviation > 0.0 && deviation <= 0.39) {
            return Err(invalid_parameter(name, "relativeSD", "must be in (0, 0.39]"));
        }
    }
    let index_bits = distinct_estimate::index_bits(deviation);
    let function =
        DistinctEstimate { index_bits, result: result_field(name, &SparkType::Long, false) };
    let values = args.into_iter().take(1).map(|arg| arg.expr).collect();
    Ok(function.call(values, false, call.filter))
}

pub(crate) fn histogram_numeric(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(2, 2)?;
    let (name, settings) = ("histogram_numeric", call.call.settings);
    let mut args = std::mem::take(&mut call.call.args);
    let n_bins = literal_long(&args[1]).ok_or_else(|| not_foldable(name, "nb"))?;
    let arg = args.swap_remove(0);
    let value_type = arg.spark_type()?;
    let bin = SparkType::Struct(StructType::new(vec![
        StructField::new("x", value_type, true),
        StructField::new("y", SparkType::Double, true),
    ]));
    let function = Gather {
        kind: &histogram::HISTOGRAM,
        name,
        params: n_bins.max(2) as usize,
        skip_nulls_of: Some(0),
        result: result_field(name, &SparkType::array(bin), true),
    };
    let value = cast(arg, &SparkType::Double, EvalMode::of(settings), settings)?;
    Ok(function.call(vec![value], call.distinct, call.filter))
}
