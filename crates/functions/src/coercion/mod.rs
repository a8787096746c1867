//! Spark's implicit type coercion (`TypeCoercion`, `AnsiTypeCoercion`).

pub(crate) mod implicit;

use crate::call::Arg;
use crate::cast::{EvalMode, cast};
use datafusion_expr::Expr;
use firesteel_common::types::DECIMAL_PRECISION_MAX;
use firesteel_common::{Result, SessionSettings, SparkType, StructField, StructType};

/// The type that two operands are brought to, if there is one. ANSI and non-ANSI rules differ for
/// strings beside other types.
pub fn common_type(
    left: &SparkType,
    right: &SparkType,
    settings: &SessionSettings,
) -> Option<SparkType> {
    wider(left, right, settings.ansi)
}

/// The type that two operands are brought to where Spark does not read strings as something else:
/// beside an array's elements.
pub(crate) fn common_type_of_elements(
    left: &SparkType,
    right: &SparkType,
    settings: &SessionSettings,
) -> Option<SparkType> {
    if mixes_strings(left, right) { None } else { common_type(left, right, settings) }
}

fn mixes_strings(left: &SparkType, right: &SparkType) -> bool {
    match (left, right) {
        (SparkType::Null, _) | (_, SparkType::Null) => false,
        (SparkType::Array { element: left, .. }, SparkType::Array { element: right, .. }) => {
            mixes_strings(left, right)
        }
        _ => left.is_string() != right.is_string(),
    }
}

/// The type that all of `types` are brought to (`coalesce`, `UNION`, `array(…)`).
pub fn common_type_of(types: &[SparkType], settings: &SessionSettings) -> Option<SparkType> {
    // Strings first, as Spark does without ANSI mode: otherwise the answer depends on the order.
    let (strings, others): (Vec<_>, Vec<_>) =
        types.iter().partition(|data_type| !settings.ansi && data_type.is_string());
    let mut all = strings.into_iter().chain(others);
    let first = plain(all.next()?);
    all.try_fold(first, |found, next| wider(&found, next, settings.ansi))
}

/// The type in which two values are compared.
pub fn comparison_type(
    left: &SparkType,
    right: &SparkType,
    settings: &SessionSettings,
) -> Option<SparkType> {
    if !settings.ansi {
        let string_beside = match (left.is_string(), right.is_string()) {
            (true, false) => Some(right),
            (false, true) => Some(left),
            _ => None,
        };
        match string_beside {
            Some(SparkType::Decimal { .. }) => return Some(SparkType::Double),
            Some(SparkType::Null) => return Some(SparkType::string()),
            Some(other) if is_atomic(other) => return Some(other.clone()),
            _ => {}
        }
    }
    wider(left, right, settings.ansi)
}

/// The arguments, all of one type, and that type. None: there is no such type.
///
/// # Errors
/// When an argument has no Spark type or a cast does not exist.
pub(crate) fn unify(
    args: Vec<Arg>,
    settings: &SessionSettings,
) -> Result<Option<(Vec<Expr>, SparkType)>> {
    let types = args.iter().map(Arg::spark_type).collect::<Result<Vec<_>>>()?;
    let Some(target) = common_type_of(&types, settings) else { return Ok(None) };
    let exprs = args
        .into_iter()
        .map(|arg| cast(arg, &target, EvalMode::of(settings), settings))
        .collect::<Result<Vec<_>>>()?;
    Ok(Some((exprs, target)))
}

/// Precision and scale of the decimal that holds every value of a numeric type.
pub(crate) fn decimal_for(data_type: &SparkType) -> Option<(u8, i8)> {
    match data_type {
        SparkType::Byte => Some((3, 0)),
        SparkType::Short => Some((5, 0)),
        SparkType::Integer => Some((10, 0)),
        SparkType::Long => Some((20, 0)),
        SparkType::Float => Some((14, 7)),
        SparkType::Double => Some((30, 15)),
        SparkType::Decimal { precision, scale } => Some((*precision, *scale)),
        _ => None,
    }
}

/// A decimal of that many whole digits and that scale; digits of the fraction yield when both
/// exceed 38.
fn bounded_decimal(whole: i16, scale: i16) -> SparkType {
    let excess = (whole + scale - i16::from(DECIMAL_PRECISION_MAX)).max(0);
    let precision = (whole + scale).min(i16::from(DECIMAL_PRECISION_MAX));
    let scale = (scale - excess).max(0);
    SparkType::Decimal {
        precision: u8::try_from(precision).unwrap_or(DECIMAL_PRECISION_MAX),
        scale: i8::try_from(scale).unwrap_or(0),
    }
}

fn wider_decimal(left: (u8, i8), right: (u8, i8)) -> SparkType {
    let whole = |(precision, scale): (u8, i8)| i16::from(precision) - i16::from(scale);
    let scale = i16::from(left.1.max(right.1));
    bounded_decimal(whole(left).max(whole(right)), scale)
}

fn numeric_rank(data_type: &SparkType) -> u8 {
    match data_type {
        SparkType::Byte => 1,
        SparkType::Short => 2,
        SparkType::Integer => 3,
        SparkType::Long => 4,
        SparkType::Float => 5,
        _ => 6,
    }
}

/// `char` and `varchar` are strings as soon as they are computed with.
fn plain(data_type: &SparkType) -> SparkType {
    match data_type {
        SparkType::Char { .. } | SparkType::Varchar { .. } => SparkType::string(),
        other => other.clone(),
    }
}

pub(crate) fn is_atomic(data_type: &SparkType) -> bool {
    !matches!(
        data_type,
        SparkType::Array { .. }
            | SparkType::Map { .. }
            | SparkType::Struct(_)
            | SparkType::Udt(_)
            | SparkType::Variant
            | SparkType::Null
    )
}

fn wider(left: &SparkType, right: &SparkType, ansi: bool) -> Option<SparkType> {
    use SparkType::{
        Array, Binary, Boolean, Date, DayTimeInterval, Decimal, Double, Float, Long, Map, Null,
        Struct, Time, Timestamp, TimestampNtz, YearMonthInterval,
    };
    if left == right {
        return Some(plain(left));
    }
    match (left, right) {
        (Null, other) | (other, Null) => Some(plain(other)),
        _ if left.is_string() && right.is_string() => Some(match (left, right) {
            (SparkType::String { collation: Some(_) }, _) => left.clone(),
            (_, SparkType::String { collation: Some(_) }) => right.clone(),
            _ => SparkType::string(),
        }),
        (Decimal { .. }, other) | (other, Decimal { .. }) if other.is_numeric() => {
            if matches!(other, Float | Double) {
                return Some(Double);
            }
            Some(wider_decimal(decimal_for(left)?, decimal_for(right)?))
        }
        _ if left.is_numeric() && right.is_numeric() => {
            let found = if numeric_rank(left) > numeric_rank(right) { left } else { right };
            // A float has too few digits for a whole number.
            Some(if ansi && *found == Float { Double } else { found.clone() })
        }
        (Date, Timestamp)
        | (Timestamp, Date)
        | (TimestampNtz, Timestamp)
        | (Timestamp, TimestampNtz) => Some(Timestamp),
        (Date, TimestampNtz) | (TimestampNtz, Date) => Some(TimestampNtz),
        (Time { precision: left }, Time { precision: right }) => {
            Some(Time { precision: (*left).max(*right) })
        }
        (
            YearMonthInterval { start, end },
            YearMonthInterval { start: other_start, end: other_end },
        ) => Some(YearMonthInterval {
            start: (*start).min(*other_start),
            end: (*end).max(*other_end),
        }),
        (
            DayTimeInterval { start, end },
            DayTimeInterval { start: other_start, end: other_end },
        ) => {
            Some(DayTimeInterval { start: (*start).min(*other_start), end: (*end).max(*other_end) })
        }
        (Array { element, contains_null }, Array { element: other, contains_null: other_null }) => {
            Some(Array {
                element: Box::new(wider(element, other, ansi)?),
                contains_null: *contains_null || *other_null,
            })
        }
        (
            Map { key, value, value_contains_null },
            Map { key: other_key, value: other_value, value_contains_null: other_null },
        ) => Some(Map {
            key: Box::new(wider(key, other_key, ansi)?),
            value: Box::new(wider(value, other_value, ansi)?),
            value_contains_null: *value_contains_null || *other_null,
        }),
        (Struct(left), Struct(right)) => wider_struct(left, right, ansi),
        (string, other) | (other, string) if string.is_string() && is_atomic(other) => {
            if !ansi {
                return (!matches!(other, Binary | Boolean)).then(SparkType::string);
            }
            Some(if other.is_integral() {
                Long
            } else if other.is_numeric() {
                Double
            } else {
                other.clone()
            })
        }
        _ => None,
    }
}

fn wider_struct(left: &StructType, right: &StructType, ansi: bool) -> Option<SparkType> {
    if left.fields.len() != right.fields.len() {
        return None;
    }
    let fields = left
        .fields
        .iter()
        .zip(&right.fields)
        .map(|(left, right)| {
            if !left.name.eq_ignore_ascii_case(&right.name) {
                return None;
            }
            let data_type = wider(&left.data_type, &right.data_type, ansi)?;
            Some(StructField::new(&left.name, data_type, left.nullable || right.nullable))
        })
        .collect::<Option<Vec<_>>>()?;
    Some(SparkType::Struct(StructType::new(fields)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(precision: u8, scale: i8) -> SparkType {
        SparkType::Decimal { precision, scale }
    }

    /// Recorded from Spark 4.2.0: `typeof(coalesce(a, b))`.
    #[test]
    fn common_types() {
        let settings = SessionSettings::default();
        for (left, right, expected) in [
            (SparkType::Integer, SparkType::Long, Some(SparkType::Long)),
            (SparkType::Integer, SparkType::Float, Some(SparkType::Double)),
            (SparkType::Integer, decimal(5, 2), Some(decimal(12, 2))),
            (decimal(38, 10), decimal(38, 2), Some(decimal(38, 2))),
            (decimal(10, 2), SparkType::Double, Some(SparkType::Double)),
            (SparkType::string(), SparkType::Integer, Some(SparkType::Long)),
            (SparkType::string(), SparkType::Date, Some(SparkType::Date)),
            (SparkType::Date, SparkType::Timestamp, Some(SparkType::Timestamp)),
            (SparkType::Boolean, SparkType::Integer, None),
        ] {
            assert_eq!(common_type(&left, &right, &settings), expected);
        }
        let legacy = SessionSettings { ansi: false, ..SessionSettings::default() };
        let found = common_type(&SparkType::string(), &SparkType::Integer, &legacy);
        assert_eq!(found, Some(SparkType::string()));
    }
}
