//! Builders of the percentile family: percentages, weights and order.

use super::builders::{result_field, static_name};
use super::gather::Gather;
use super::percentile::{self, Percentile, Rank};
use super::states::AggregateFunction;
use crate::call::{AggregateCall, Arg};
use crate::implicit::{implicit, literal_long, not_foldable, scalar_double};
use arrow::array::Array;
use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use firesteel_common::{ErrorKind, Result, SessionSettings, SparkError, SparkType};

/// `percentile(column, percentage(s) [, frequency])`.
pub(crate) fn percentile(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(2, 3)?;
    let (name, settings) = (static_name(call.call.name), call.call.settings);
    let mut args = std::mem::take(&mut call.call.args).into_iter();
    let (Some(value), Some(share)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("percentile without arguments"));
    };
    let (percentages, array) = percentages(name, &share)?;
    let mut columns = Vec::new();
    let result = continuous(name, value, settings, &mut columns)?;
    let weighted = match args.next() {
        Some(frequency) => {
            columns.push(implicit(name, 2, frequency, &SparkType::Long, settings)?);
            true
        }
        None => false,
    };
    let params =
        Percentile { rank: Rank::Continuous, percentages, array, descending: false, weighted };
    Ok(finish(name, params, result, columns, call))
}

pub(crate) fn median(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let mut columns = Vec::new();
    let value = call.call.args.remove(0);
    let result = continuous("median", value, call.call.settings, &mut columns)?;
    let params = Percentile {
        rank: Rank::Continuous,
        percentages: vec![0.5f64.to_bits()],
        array: false,
        descending: false,
        weighted: false,
    };
    Ok(finish("median", params, result, columns, call))
}

/// `percentile_cont(p) WITHIN GROUP (ORDER BY v)` and `percentile_disc`.
pub(crate) fn within_group(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(1, 1)?;
    let (name, settings) = (static_name(call.call.name), call.call.settings);
    let (percentages, array) = percentages(name, &call.call.args[0])?;
    let Some(sort) = std::mem::take(&mut call.order_by).into_iter().next() else {
        return Err(SparkError::analysis(
            "INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING",
            format!("Invalid function `{name}` with WITHIN GROUP. WITHIN GROUP is required for inverse distribution function."),
        )
        .with("funcName", format!("`{name}`")));
    };
    let mut columns = Vec::new();
    // The sort key's type is seen when the resolver passes it as the second argument; without one
    // it is a number.
    let value = Arg::new(sort.expr.clone(), result_field(name, &SparkType::Double, true));
    let result = match &sort.expr {
        Expr::Cast(inner) => {
            let field = inner.field.clone();
            continuous(name, Arg::new(sort.expr.clone(), field), settings, &mut columns)?
        }
        _ => {
            columns.push(Expr::Cast(datafusion_expr::Cast::new(
                Box::new(value.expr),
                DataType::Float64,
            )));
            SparkType::Double
        }
    };
    let rank = if name == "percentile_disc" { Rank::Discrete } else { Rank::Continuous };
    let params = Percentile { rank, percentages, array, descending: !sort.asc, weighted: false };
    Ok(finish(name, params, result, columns, call))
}

/// `percentile_approx(column, percentage(s) [, accuracy])`: an element of the column's own type.
pub(crate) fn approximate(mut call: AggregateCall<'_>) -> Result<Expr> {
    call.call.check_arity(2, 3)?;
    let (name, settings) = (static_name(call.call.name), call.call.settings);
    let mut args = std::mem::take(&mut call.call.args).into_iter();
    let (Some(value), Some(share)) = (args.next(), args.next()) else {
        return Err(SparkError::internal("percentile_approx without arguments"));
    };
    if let Some(accuracy) = args.next().as_ref().and_then(literal_long)
        && !(1..=i64::from(i32::MAX)).contains(&accuracy)
    {
        return Err(SparkError::analysis(
            "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
            format!(
                "Cannot resolve \"{name}\" due to data type mismatch: The accuracy must be between \
                 (0, 2147483647] (current value = {accuracy}L)."
            ),
        )
        .with("exprName", "accuracy")
        .with("valueRange", "(0, 2147483647]")
        .with("currentValue", format!("{accuracy}L")));
    }
    let (percentages, array) = percentages(name, &share)?;
    let mut result = value.spark_type()?;
    if result.is_string() || result == SparkType::Null {
        result = SparkType::Double;
    }
    let columns = vec![implicit(name, 0, value, &result, settings)?];
    let params =
        Percentile { rank: Rank::Discrete, percentages, array, descending: false, weighted: false };
    Ok(finish(name, params, result, columns, call))
}

pub(crate) fn mode(mut call: AggregateCall<'_>) -> Result<Expr> {
    let arg = match std::mem::take(&mut call.order_by).into_iter().next() {
        // `mode() WITHIN GROUP (ORDER BY v)` needs the type of the key, which only a cast shows.
        Some(_) if call.call.args.is_empty() => {
            return Err(SparkError::unsupported("mode() WITHIN GROUP"));
        }
        _ => {
            call.call.check_arity(1, 2)?;
            call.call.args.remove(0)
        }
    };
    let result = result_field("mode", &arg.spark_type()?, true);
    let function = Gather {
        kind: &percentile::MODE,
        name: "mode",
        params: (),
        skip_nulls_of: Some(0),
        result,
    };
    Ok(function.call(vec![arg.expr], call.distinct, call.filter))
}

/// Adds the column as a double or an interval, and gives the type of the answer.
fn continuous(
    name: &str,
    value: Arg,
    settings: &SessionSettings,
    columns: &mut Vec<Expr>,
) -> Result<SparkType> {
    let actual = value.spark_type()?;
    if matches!(actual, SparkType::YearMonthInterval { .. } | SparkType::DayTimeInterval { .. }) {
        columns.push(value.expr);
        return Ok(actual);
    }
    columns.push(implicit(name, 0, value, &SparkType::Double, settings)?);
    Ok(SparkType::Double)
}

fn finish(
    name: &'static str,
    params: Percentile,
    element: SparkType,
    columns: Vec<Expr>,
    call: AggregateCall<'_>,
) -> Expr {
    let result = if params.array {
        SparkType::Array { element: Box::new(element), contains_null: false }
    } else {
        element
    };
    let function = Gather {
        kind: &percentile::PERCENTILE,
        name,
        params,
        skip_nulls_of: Some(0),
        result: result_field(name, &result, true),
    };
    function.call(columns, call.distinct, call.filter)
}

/// The percentages, and whether they came as an array.
fn percentages(name: &str, arg: &Arg) -> Result<(Vec<u64>, bool)> {
    let (values, array) = match literal_values(&arg.expr) {
        Some(found) => found,
        None => return Err(not_foldable(name, "percentage")),
    };
    for value in &values {
        if !(0.0..=1.0).contains(value) {
            return Err(SparkError::new(
                ErrorKind::Analysis,
                "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE",
                format!(
                    "Cannot resolve \"{name}\" due to data type mismatch: The percentage must be \
                     between [0.0, 1.0] (current value = {value:?})."
                ),
            )
            .with("exprName", "percentage")
            .with("valueRange", "[0.0, 1.0]")
            .with("currentValue", format!("{value:?}")));
        }
    }
    Ok((values.into_iter().map(f64::to_bits).collect(), array))
}

/// Numbers of a literal, of a literal array, or of a call of `array` with literal arguments.
fn literal_values(expr: &Expr) -> Option<(Vec<f64>, bool)> {
    match expr {
        Expr::Literal(ScalarValue::List(list), _) => {
            let values = list.values();
            let numbers = (0..values.len())
                .map(|row| scalar_double(&ScalarValue::try_from_array(values, row).ok()?))
                .collect::<Option<Vec<_>>>()?;
            Some((numbers, true))
        }
        Expr::Literal(value, _) => Some((vec![scalar_double(value)?], false)),
        Expr::Alias(alias) => literal_values(&alias.expr),
        Expr::Cast(inner) => literal_values(&inner.expr),
        Expr::ScalarFunction(call) if call.args.len() != 1 || call.func.name() == "array" => {
            let numbers = call
                .args
                .iter()
                .map(|arg| literal_values(arg).and_then(|(found, _)| found.first().copied()))
                .collect::<Option<Vec<_>>>()?;
            Some((numbers, true))
        }
        // A cast of ours around a literal.
        Expr::ScalarFunction(call) => literal_values(&call.args[0]),
        _ => None,
    }
}
